create or replace view staging.stg_kuhr__diagnosis
  
  
  as
    select
    claim_id,
    diagnosis,
    code_system,
    is_main,
    code_number
from input_layer.input_kuhr_diagnosis
