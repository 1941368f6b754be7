select
    service_id,
    person_id,
    data_year,
    service_code,
    started_on,
    ended_on
from {{ ref('input_kpr_care') }}
