-- scale: 1
-- As bup_growth, per inhabitant of 18 to 25.
with patient as (
    select distinct lopenr, year from psychiatric_patient
    where sektor = 2 and diagnosis_group = 'ADHD' and age between 18 and 25
        and year between getvariable('year') - 1 and getvariable('year')
),
more as (
    select sum(persons) filter (year = getvariable('year'))
        / sum(persons) filter (year < getvariable('year')) as young
    from inhabitants where age_before between 18 and 25
)
select
    '18-25' as key,
    sum((year = getvariable('year'))::int) as y,
    sum((year < getvariable('year'))::int) * any_value(m.young) as x,
    1 as units
from patient
cross join more as m
group by lopenr
