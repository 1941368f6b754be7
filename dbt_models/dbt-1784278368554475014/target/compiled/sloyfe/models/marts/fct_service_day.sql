with care_day as (
    select
        service.person_id,
        service.service,
        explode(case when greatest(service.started_on, delivered.period_from) <= least(service.ended_on, delivered.period_to) then sequence(greatest(service.started_on, delivered.period_from), least(service.ended_on, delivered.period_to), interval 1 day) end) as day
    from marts.fct_service as service
    cross join (
        select period_from, period_to
        from intermediate.int_delivered_period
        where register = 'kpr-omsorg'
    ) as delivered
    where service.register = 'kpr-omsorg'
)

select person_id, started_on as day, service
from marts.fct_service
where register = 'kuhr'
union
select person_id, day, service
from care_day