select
    claim_id,
    lower(tariff) as tariff,
    quantity,
    delivery_id
from {{ ref('input_kuhr_tariff') }}
