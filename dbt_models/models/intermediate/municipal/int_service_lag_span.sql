-- The class of a day is that of the last contact before it. While the service lasts that was the day
-- before, and the first day of the next contact is the last one that this contact decides.
with span as (
    select
        run.person_id,
        run.service,
        lag_class.class,
        greatest(
            if(lag_class.day_from = 1, run.first_day, run.last_day) + lag_class.day_from,
            run.period_from
        ) as day_from,
        least(
            run.last_day + lag_class.day_to, run.next_first_day, run.period_to
        ) as day_to
    from {{ ref('int_service_run') }} as run
    cross join {{ ref('lag_class') }} as lag_class
)

select
    person_id,
    service,
    class,
    day_from,
    day_to
from span
where day_from <= day_to
