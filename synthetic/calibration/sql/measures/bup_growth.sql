-- scale: 1
-- Patients of the last year on those of the year before, each per child; a row a patient of either.
with patient as (
    select distinct lopenr, year, diagnosis_group from psychiatric_patient
    where sektor = 3 and year between getvariable('year') - 1 and getvariable('year')
),
more as (
    select sum(persons) filter (year = getvariable('year'))
        / sum(persons) filter (year < getvariable('year')) as children
    from inhabitants where age_before <= 17
)
select
    key,
    sum((year = getvariable('year'))::int) as y,
    sum((year < getvariable('year'))::int) * any_value(m.children) as x,
    1 as units
from (select lopenr, year, unnest(['all', diagnosis_group]) as key from patient)
cross join more as m
group by key, lopenr
