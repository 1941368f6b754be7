select
    claim_id,
    lower(tariff) as tariff,
    quantity
from input_layer.input_kuhr_tariff