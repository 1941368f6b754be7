create or replace view input_layer.input_person_key
  
  
  as
    select
    npr_person_id,
    kpr_person_id
from landing.person_key
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
