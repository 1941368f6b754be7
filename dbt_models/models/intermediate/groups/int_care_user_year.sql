select
    person_id,
    period,
    arg_max_null(area, (started_on, service_id)) as area,
    arg_max_null(age, (started_on, service_id)) as age
from {{ ref('int_care_service_year') }}
group by person_id, period
