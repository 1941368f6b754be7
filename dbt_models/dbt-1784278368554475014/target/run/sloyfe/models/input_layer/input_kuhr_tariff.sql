create or replace view input_layer.input_kuhr_tariff
  
  
  as
    select
    claim_id,
    tariff,
    quantity
from landing.kuhr_tariff
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
