with care_day as (
    select
        service.person_id,
        service.service,
        unnest(
            generate_series(
                greatest(service.started_on, delivered.period_from)::timestamp,
                least(service.ended_on, delivered.period_to)::timestamp,
                interval 1 day
            )
        )::date as day
    from {{ ref('fct_service') }} as service
    cross join (
        select
            period_from,
            period_to
        from {{ ref('int_delivered_period') }}
        where register = 'kpr-omsorg'
    ) as delivered
    where service.register = 'kpr-omsorg'
)

select
    person_id,
    started_on as day,
    service
from {{ ref('fct_service') }}
where register = 'kuhr'
union
select
    person_id,
    day,
    service
from care_day
