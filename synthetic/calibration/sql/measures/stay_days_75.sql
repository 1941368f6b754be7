-- scale: 1
-- SKDE: liggetid is the date out less the date in.
select
    'all' as key,
    sum(date_diff('day', starts::date, ends::date)) as y,
    count(*) as x,
    1 as units
from stay
where year = getvariable('year') and age >= 75
group by lopenr
