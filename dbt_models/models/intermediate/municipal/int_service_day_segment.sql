with run as (
    select
<<<<<<< HEAD
        *,
        1::bigint as weight
=======
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
>>>>>>> main
    from {{ ref('int_service_run') }}
),

days as (
    {{ window_stretches('run') | indent(4) }}
)

select
    person_id,
    service,
    day_from,
    day_to,
    amount::integer as service_days,
    slope::integer as slope
from days
