select
    stay_id,
    person_id,
    year(discharged_at)::varchar as period,
    discharged_at,
    main_diagnosis,
    area,
    year(discharged_at) - birth_year as age
from {{ ref('fct_hospital_contact') }}
where is_linkable and {{ is_bup('sector', 'specialty') }}
