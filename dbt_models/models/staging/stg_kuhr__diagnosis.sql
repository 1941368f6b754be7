select
    claim_id,
    diagnosis,
    code_system,
    is_main,
    code_number,
    delivery_id
from {{ ref('input_kuhr_diagnosis') }}
