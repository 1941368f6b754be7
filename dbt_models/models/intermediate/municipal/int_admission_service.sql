-- Contacts meet admissions by person and stretch of 90 days, the admission's own and the one before:
-- without the stretch, every contact of all years would be compared with every admission.
with admission as (
    select
        person_id,
        day,
        unnest([
            (day - 1 - date '1970-01-01') // {{ lookback_days() }},
            (day - 1 - date '1970-01-01') // {{ lookback_days() }} - 1
        ]) as stretch
    from {{ ref('int_acute_admission_day') }}
),

claim as (
    select
        claim.person_id,
        named.service_group as service,
        claim.contact_on,
        (claim.contact_on - date '1970-01-01') // {{ lookback_days() }} as stretch
    from {{ ref('fct_claim') }} as claim
    inner join {{ ref('pre_admission_service') }} as named using (service)
),

claim_before as (
    select
        admission.person_id,
        admission.day,
        claim.service,
        min(admission.day - claim.contact_on) as days_since
    from claim
    inner join admission
        on claim.person_id = admission.person_id
            and claim.stretch = admission.stretch
            and claim.contact_on between admission.day - {{ lookback_days() }} and admission.day - 1
    inner join {{ ref('int_delivered_period') }} as delivered
        on delivered.register = 'kuhr'
            and admission.day between delivered.period_from and delivered.period_to
    group by all
),

care_before as (
    select
        admission.person_id,
        admission.day,
        named.service_group as service,
        -- A municipality may be late to end the service of somebody who died.
        min(
            admission.day
            - least(care.ended_on, care.death_date, delivered.period_to, admission.day - 1)
        ) as days_since
    from {{ ref('fct_care_service') }} as care
    inner join {{ ref('pre_admission_service') }} as named using (service)
    inner join {{ ref('int_delivered_period') }} as delivered
        on delivered.register = 'kpr-omsorg'
    inner join {{ ref('int_acute_admission_day') }} as admission
        on care.person_id = admission.person_id
            and care.started_on < admission.day
            and admission.day between delivered.period_from and delivered.period_to
    where care.started_on <= least(care.ended_on, care.death_date, delivered.period_to)
    group by all
),

before as (
    select * from claim_before
    union all
    select * from care_before
)

select
    before.person_id,
    before.day,
    before.service,
    min(before.days_since) as days_since,
    arg_min(lag_class.class, before.days_since) as class
from before
inner join {{ ref('lag_class') }} as lag_class
    on before.days_since between lag_class.day_from and lag_class.day_to
group by before.person_id, before.day, before.service
