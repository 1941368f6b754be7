select
    person_id,
    year(admitted_at) as year,
    case
        when sector = '3' then 'child_mental_health'
        when sector in ('2', 'PHV') then 'adult_mental_health'
        when sector = '1' then 'addiction'
        when sector in ('4', '5', 'SOM') and care_level = 1 then 'somatic_inpatient'
        when sector in ('4', '5', 'SOM') then 'somatic_outpatient'
        else 'unknown_sector'
    end as kind,
    admitted_at as began,
    stay_id as contact_key,
    area,
    birth_year
from {{ ref('fct_hospital_contact') }}
where is_linkable
