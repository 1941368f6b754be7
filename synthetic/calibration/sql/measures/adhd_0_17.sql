-- scale: 1000
-- BUP's patients, also those who turn 18 in the year, per child on 1 January.
select
    unnest([p.bydel, p.sector]) as key,
    (a.lopenr is not null)::int as y,
    (p.age_before <= 17)::int as x,
    1 as units
from population as p
left join (
    select distinct lopenr from psychiatric_patient
    where sektor = 3 and year = getvariable('year') and diagnosis_group = 'ADHD'
) as a on a.lopenr = p.lopenr
where p.age_before <= 18
