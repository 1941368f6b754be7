with discharge as (
    select
        person_id,
        stopped_on as day,
        birth_year,
        area
    from {{ ref('int_kad_stay') }}
    where stopped_on between period_from and period_to
        and not is_ended_by_death
),

bucketed as (
    {{ with_age_sector('discharge') | indent(4) }}
)

select
    person_id,
    day,
    bucket,
    {{ is_day_counted() }} as is_counted
from bucketed
