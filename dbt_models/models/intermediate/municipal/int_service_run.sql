-- Contacts are not merged into runs, which would take a second sort and a grouping: each carries how
-- long the service has lasted so far and when the next contact begins, and that decides every day.
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

in_order as (
    select
        *,
        max(last_day) over (
            by_day rows between unbounded preceding and 1 preceding
        ) as lasted_until,
        lead(first_day) over by_day as next_first_day
    from contact
    where first_day <= last_day
    window by_day as (partition by person_id, service order by first_day, last_day)
)

select
    person_id,
    service,
    first_day,
    greatest(last_day, lasted_until) as last_day,
    greatest(first_day, lasted_until + 1) as first_new_day,
    next_first_day,
    period_from,
    period_to
from in_order
