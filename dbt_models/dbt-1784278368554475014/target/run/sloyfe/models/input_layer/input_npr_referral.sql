create or replace view input_layer.input_npr_referral
  
  
  as
    select
    referral_id,
    person_id,
    institution_id,
    specialty,
    received_on,
    assessed_on,
    outcome,
    wait_ended_on,
    bydel,
    municipality_no,
    sex,
    birth_year
from landing.npr_referral
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
