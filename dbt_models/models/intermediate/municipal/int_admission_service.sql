-- Contacts meet admissions by person and stretch of 90 days, the admission's own and the one before:
-- without the stretch, every contact of all years would be compared with every admission. Services get
-- their group after that, when few contacts are left.
with admission as (
    select
        day_of.person_id,
        day_of.day,
        unnest([
            (day_of.day - 1 - date '1970-01-01') // {{ lookback_days() }},
            (day_of.day - 1 - date '1970-01-01') // {{ lookback_days() }} - 1
        ]) as stretch
    from {{ ref('int_acute_admission_day') }} as day_of
    inner join {{ ref('int_delivered_period') }} as delivered
        on delivered.register = 'kuhr'
            and day_of.day between delivered.period_from and delivered.period_to
),

claim_before as (
    select
        admission.person_id,
        admission.day,
        claim.service,
        admission.day - claim.contact_on as days_since
    from {{ ref('fct_claim') }} as claim
    inner join admission
        on claim.person_id = admission.person_id
            and (claim.contact_on - date '1970-01-01') // {{ lookback_days() }} = admission.stretch
            and claim.contact_on between admission.day - {{ lookback_days() }} and admission.day - 1
),

care_before as (
    select
        admission.person_id,
        admission.day,
        care.service,
        -- A municipality may be late to end the service of somebody who died.
        admission.day
        - least(care.ended_on, care.death_date, delivered.period_to, admission.day - 1)
            as days_since
    from {{ ref('fct_care_service') }} as care
    inner join {{ ref('int_delivered_period') }} as delivered
        on delivered.register = 'kpr-omsorg'
    inner join {{ ref('int_acute_admission_day') }} as admission
        on care.person_id = admission.person_id
            and care.started_on < admission.day
            and admission.day between delivered.period_from and delivered.period_to
    where care.started_on <= least(care.ended_on, care.death_date, delivered.period_to)
),

before as (
    select * from claim_before
    union all
    select * from care_before
),

nearest as (
    select
        before.person_id,
        before.day,
        named.service_group as service,
        min(before.days_since) as days_since
    from before
    inner join {{ ref('pre_admission_service') }} as named using (service)
    group by all
)

select
    nearest.person_id,
    nearest.day,
    nearest.service,
    nearest.days_since,
    lag_class.class
from nearest
inner join {{ ref('lag_class') }} as lag_class
    on nearest.days_since between lag_class.day_from and lag_class.day_to
