select
    service_id,
    arg_max(person_id, data_year) as person_id,
    arg_max(service_code, data_year) as service_code,
    arg_max(started_on, data_year) as started_on,
    -- Not plain arg_max, which passes over the null that says "still running".
    arg_max({'ended_on': ended_on}, data_year).ended_on as ended_on
from {{ ref('stg_kpr__care') }}
group by service_id
