with delivered as (
    select
        register,
        period_from,
        period_to
    from {{ ref('int_delivered_period') }}
),

contact as (
    select
        claim.person_id,
        named.service_group as service,
        claim.contact_on as first_day,
        claim.contact_on as last_day,
        delivered.period_from,
        delivered.period_to
    from {{ ref('fct_claim') }} as claim
    inner join {{ ref('pre_admission_service') }} as named using (service)
    inner join delivered on delivered.register = 'kuhr'
    union all
    select
        care.person_id,
        named.service_group,
        care.started_on,
        -- A municipality may be late to end the service of somebody who died.
        least(care.ended_on, care.death_date, delivered.period_to),
        delivered.period_from,
        delivered.period_to
    from {{ ref('fct_care_service') }} as care
    inner join {{ ref('pre_admission_service') }} as named using (service)
    inner join delivered on delivered.register = 'kpr-omsorg'
),

link as (
    select
        *,
        coalesce(
            first_day > max(last_day) over (
                by_day rows between unbounded preceding and 1 preceding
            ) + 1,
            true
        ) as starts_run
    from contact
    where first_day <= last_day
    window by_day as (partition by person_id, service order by first_day, last_day)
),

run as (
    select
        *,
        sum(starts_run::int) over (
            partition by person_id, service
            order by first_day, last_day
            rows between unbounded preceding and current row
        ) as run_number
    from link
)

select
    person_id,
    service,
    min(first_day) as first_day,
    max(last_day) as last_day,
    lead(min(first_day)) over (
        partition by person_id, service order by min(first_day)
    ) as next_first_day,
    any_value(period_from) as period_from,
    any_value(period_to) as period_to
from run
group by person_id, service, run_number
