create or replace view staging.stg_kuhr__tariff
  
  
  as
    select
    claim_id,
    lower(tariff) as tariff,
    quantity
from input_layer.input_kuhr_tariff
