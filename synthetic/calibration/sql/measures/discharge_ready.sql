-- scale: 1000
-- Stays reported utskrivningsklar, those with days over, and the days over themselves.
with own as (
    select
        lopenr,
        count(*) as stays,
        sum((ends::date > ready_on)::int) as stays_over,
        sum(greatest(date_diff('day', ready_on, ends::date), 0)) as days_over
    from stay
    where year = getvariable('year') and ready_on is not null
    group by lopenr
)
select
    unnest(['stays', 'stays_over', 'days_over']) as key,
    unnest([coalesce(o.stays, 0), coalesce(o.stays_over, 0), coalesce(o.days_over, 0)]) as y,
    1 as x,
    1 as units
from population as p
left join own as o on o.lopenr = p.lopenr
