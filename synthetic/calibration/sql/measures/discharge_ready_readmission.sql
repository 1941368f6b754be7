-- scale: 100
-- Hdir: acute, 1 to 30 days after a stay reported utskrivningsklar, any hospital.
select
    key,
    sum(coalesce(days_to_next between 1 and 30, false)::int) as y,
    count(*) as x,
    1 as units
from (
    select lopenr, days_to_next,
        unnest(['all', case when ends::date > ready_on then 'over' end]) as key
    from stay
    where year = getvariable('year') and not is_dead and ready_on is not null
)
group by key, lopenr
