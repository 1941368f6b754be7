-- scale: 1000
-- Patients by age at the end of the year, per inhabitant by age on 1 January.
select
    unnest([p.bydel, p.sector]) as key,
    (a.lopenr is not null)::int as y,
    (p.age_before between 18 and 25)::int as x,
    1 as units
from population as p
left join (
    select distinct lopenr from psychiatric_patient
    where sektor = 2 and year = getvariable('year') and diagnosis_group = 'ADHD'
        and age between 18 and 25
) as a on a.lopenr = p.lopenr
where p.age_before between 17 and 25
