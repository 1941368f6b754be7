with night as (
    select
        *,
        greatest(started_on, period_from) as first_night,
        -- The day of leaving is no day in the bed, unless it is the day of coming.
        least(greatest(started_on, coalesce(stopped_on, period_to + 1) - 1), period_to)
            as last_night
    from {{ ref('int_kad_stay') }}
),

month as (
    select
        *,
        unnest(
            generate_series(
                date_trunc('month', first_night)::timestamp, last_night::timestamp, interval 1 month
            )
        )::date as first_of_month
    from night
    where first_night <= last_night
)

select
    stay_id,
    person_id,
    area,
    age_group,
    first_of_month,
    least(last_night, last_day(first_of_month)) - greatest(first_night, first_of_month) + 1
        as bed_days
from month
