create or replace view input_layer.input_kuhr_diagnosis
  
  
  as
    select
    claim_id,
    diagnosis,
    code_system,
    is_main,
    code_number
from landing.kuhr_diagnosis
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
