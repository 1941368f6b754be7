-- scale: 100
-- Cost: DRG weight times the unit price of 2024 (Hdir), in NOK.
select
    'all' as key,
    sum((korrvekt * 52248 between 40000 and 210000)::int) as y,
    count(*) as x,
    1 as units
from contact
where sektor = 4 and omsorgsniva = 1 and innmateHast <= 3
    and year = getvariable('year') and age >= 75
group by lopenr
