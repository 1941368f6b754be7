-- scale: 1000
-- Patients of each group per child on 1 January; in all groups together a patient counts once in each.
with patient as (
    select distinct lopenr, diagnosis_group from psychiatric_patient
    where sektor = 3 and year = getvariable('year')
),
child as (select count(*) as persons from population where age_before <= 17)
select diagnosis_group as key, 1 as y, 0 as x, 1 as units from patient
union all
select 'all', count(*), 0, 1 from patient group by lopenr
union all
select k.key, 0, 1, c.persons
from child as c
cross join (select distinct diagnosis_group as key from patient union all select 'all') as k
