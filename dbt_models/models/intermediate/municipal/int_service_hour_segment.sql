-- Hours are counted in sevenths of a minute, so that each day of a service adds a whole number and
-- a sum on the edge of a band is on the edge, not a rounding away from it.
with granted as (
    select
        care.person_id,
        named.service_group as service,
        care.started_on as first_day,
        -- A municipality may be late to end the service of somebody who died.
        least(care.ended_on, care.death_date, delivered.period_to) as last_day,
        round(care.hours_per_week * 60)::bigint as weight,
        delivered.period_from,
        delivered.period_to
    from {{ ref('fct_care_service') }} as care
    inner join {{ ref('pre_admission_service') }} as named
        on care.service = named.service and named.is_in_hours
    inner join {{ ref('int_delivered_period') }} as delivered on delivered.register = 'kpr-omsorg'
),

lasting as (
    select *
    from granted
    where first_day <= last_day and weight > 0
),

hours as (
    {{ window_stretches('lasting') | indent(4) }}
)

select
    person_id,
    service,
    day_from,
    day_to,
    amount as minute_sevenths,
    slope
from hours
