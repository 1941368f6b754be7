with discharged as (
    select
        person_id,
        day,
        area as bucket
    from {{ ref('int_discharge_day') }}
)

select
    person_id,
    day,
    bucket,
    {{ is_discharge_day_kept() }} as is_counted
from discharged
