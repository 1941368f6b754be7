select
    claim_id,
    lower(tariff) as tariff,
    quantity
from {{ ref('input_kuhr_tariff') }}
