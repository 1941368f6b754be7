-- The count of a day is a sum over what changed up to it. A day with the service by itself is a step up
-- on the day after and a step down 91 days after. Of more days on end the count rises by one a day and
-- falls so later: four changes of slope. With both kept as running sums, one sort does.
with change as (
    select
        person_id,
        service,
        period_from,
        period_to,
        unnest([
            { 'day': last_day + 1, 'step': 1, 'slope': 0 },
            { 'day': last_day + {{ lookback_days() }} + 1, 'step': -1, 'slope': 0 }
        ]) as change
    from {{ ref('int_service_run') }}
    where first_new_day = last_day
    union all
    select
        person_id,
        service,
        period_from,
        period_to,
        unnest([
            { 'day': first_new_day + 1, 'step': 0, 'slope': 1 },
            { 'day': last_day + 2, 'step': 0, 'slope': -1 },
            { 'day': first_new_day + {{ lookback_days() }} + 1, 'step': 0, 'slope': -1 },
            { 'day': last_day + {{ lookback_days() }} + 2, 'step': 0, 'slope': 1 }
        ]) as change
    from {{ ref('int_service_run') }}
    where first_new_day < last_day
),

numbered as (
    select
        person_id,
        service,
        period_from,
        period_to,
        change.day as day_from,
        change.slope,
        -- What the change adds to the count of day 0; a slope already counts on its first day.
        change.step + change.slope * (date '1970-01-01' - change.day + 1) as at_day_0
    from change
),

segment as (
    select
        person_id,
        service,
        period_from,
        period_to,
        day_from,
        lead(day_from) over by_day - 1 as day_to,
        sum(slope) over by_day as slope,
        sum(at_day_0) over by_day as at_day_0
    from numbered
    window by_day as (partition by person_id, service order by day_from)
),

clipped as (
    select
        person_id,
        service,
        greatest(day_from, period_from) as day_from,
        least(day_to, period_to) as day_to,
        at_day_0,
        slope
    from segment
    -- Of several changes on one day only the last has a day to itself.
    where greatest(day_from, period_from) <= least(day_to, period_to)
)

select
    person_id,
    service,
    day_from,
    day_to,
    (at_day_0 + slope * (day_from - date '1970-01-01'))::integer as service_days,
    slope::integer as slope
from clipped
where (at_day_0, slope) != (0, 0)
