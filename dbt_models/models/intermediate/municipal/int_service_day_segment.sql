-- The number of days with the service among the last 90 rises by one a day while a run is the day
-- before, and falls by one a day while it is 91 days before: it is straight between those changes.
with change as (
    select
        person_id,
        service,
        period_from,
        period_to,
        unnest([
            { 'day': first_day + 1, 'step': 1 },
            { 'day': last_day + 2, 'step': -1 },
            { 'day': first_day + {{ lookback_days() }} + 1, 'step': -1 },
            { 'day': last_day + {{ lookback_days() }} + 2, 'step': 1 }
        ]) as change
    from {{ ref('int_service_run') }}
),

turn as (
    select
        person_id,
        service,
        period_from,
        period_to,
        change.day as day_from,
        sum(change.step) as step
    from change
    group by all
),

segment as (
    select
        *,
        lead(day_from) over by_day - 1 as day_to,
        sum(step) over by_day as slope
    from turn
    window by_day as (partition by person_id, service order by day_from)
),

counted as (
    select
        *,
        coalesce(
            sum(slope * (day_to - day_from + 1)) over (
                partition by person_id, service
                order by day_from
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as days_before
    from segment
)

select
    person_id,
    service,
    greatest(day_from, period_from) as day_from,
    least(day_to, period_to) as day_to,
    (days_before + slope * (greatest(day_from, period_from) - day_from + 1))::integer
        as service_days,
    slope::integer as slope
from counted
where greatest(day_from, period_from) <= least(day_to, period_to)
    and (days_before, slope) != (0, 0)
