with apart as (
    select
        person_id,
        service,
        ended_on,
        -- Two services of one name on one day are one day.
        greatest(
            started_on,
            max(coalesce(ended_on, date '9999-12-30')) over (
                partition by person_id, service
                order by started_on, service_id
                rows between unbounded preceding and 1 preceding
            ) + 1
        ) as first_own_day
    from {{ ref('fct_service') }}
    where register = 'kpr-omsorg'
),

care_day as (
    select
        apart.person_id,
        apart.service,
        {{ rows_of_days(
            'greatest(apart.first_own_day, delivered.period_from)',
            'least(apart.ended_on, delivered.period_to)'
        ) }} as day
    from apart
    cross join (
        select
            period_from,
            period_to
        from {{ ref('int_delivered_period') }}
        where register = 'kpr-omsorg'
    ) as delivered
)

select distinct
    person_id,
    started_on as day,
    service
from {{ ref('fct_service') }}
where register = 'kuhr'
union all
select
    person_id,
    day,
    service
from care_day
