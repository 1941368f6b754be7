with listed as (
    {{ groups_of_diagnoses('patient_group_code', 'patient_group') | indent(4) }}
)

select distinct
    contact.person_id,
    contact.discharged_at::date as ended_on
from {{ ref('fct_hospital_contact') }} as contact
inner join listed on contact.main_diagnosis = listed.diagnosis
where contact.is_linkable
