select
    care.service_id,
    care.person_id,
    care.service_code,
    coalesce(name.service, 'unmapped') as service,
    care.started_on,
    care.ended_on,
    care.hours_per_week,
    {{ area_of('care.municipality_no', 'care.bydel') }} as area,
    care.sex,
    care.birth_year,
    care.death_date,
    care.last_data_year
from {{ ref('int_care_service') }} as care
left join {{ ref('service') }} as name
    on name.register = 'kpr-omsorg' and name.service_code = care.service_code
