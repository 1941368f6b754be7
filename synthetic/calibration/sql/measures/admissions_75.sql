-- scale: 1000
select unnest(['all', p.atlas]) as key, coalesce(s.stays, 0) as y, 1 as x, 1 as units
from population as p
left join (
    select lopenr, count(*) as stays from stay where year = getvariable('year') group by lopenr
) as s on s.lopenr = p.lopenr
where p.age >= 75
