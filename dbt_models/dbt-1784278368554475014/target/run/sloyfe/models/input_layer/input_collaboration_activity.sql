create or replace view input_layer.input_collaboration_activity
  
  
  as
    select
    person_id,
    activity_code,
    activity_on,
    organisation_id
from landing.collaboration_activity
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
