-- Codes as Gilbert et al. count them: three characters, on any diagnosis of an inpatient stay.
select distinct
    stay.person_id,
    stay.discharged_at::date as discharged_on,
    listed.code,
    listed.weight
from {{ ref('fct_stay') }} as stay
inner join {{ ref('int_stay_diagnosis') }} as diagnosis using (stay_id)
inner join {{ ref('hfrs_weight') }} as listed on diagnosis.diagnosis[1:3] = listed.code
where stay.is_linkable
