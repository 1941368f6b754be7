select
    service_id,
    person_id,
    data_year,
    service_code,
    started_on,
    ended_on,
    hours_per_week,
    is_rehabilitation,
    sex,
    birth_year,
    municipality_no,
    bydel,
    death_date
from landing.kpr_care
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)