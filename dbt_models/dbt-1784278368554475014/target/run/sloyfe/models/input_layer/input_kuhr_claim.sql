create or replace view input_layer.input_kuhr_claim
  
  
  as
    select
    claim_id,
    person_id,
    data_year,
    claim_date,
    sex,
    age,
    birth_year,
    municipality_no,
    resident_municipality_no,
    bydel,
    service_type,
    practice_municipality_no,
    exemption_code,
    patient_share,
    refund,
    death_date
from landing.kuhr_claim
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
