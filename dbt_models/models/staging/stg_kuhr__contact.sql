select
    claim_id,
    person_id,
    service_type as service_code,
    claim_date as contact_on
from {{ ref('input_kuhr_claim') }}
