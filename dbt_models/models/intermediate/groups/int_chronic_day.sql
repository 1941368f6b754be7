with listed as (
    {{ groups_of_diagnoses('chronic_condition_code', 'condition') | indent(4) }}
)

select distinct
    contact.person_id,
    contact.discharged_at::date as ended_on,
    listed.condition
from {{ ref('fct_hospital_contact') }} as contact
inner join {{ ref('int_stay_diagnosis') }} using (stay_id)
inner join listed using (diagnosis)
where contact.is_linkable
