create or replace view input_layer.input_npr_identity
  
  
  as
    select
    person_id,
    national_id
from landing.npr_identity
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
