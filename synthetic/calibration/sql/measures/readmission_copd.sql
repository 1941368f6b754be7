-- scale: 100
select sector as key, sum(is_readmitted::int) as y, count(*) as x, 1 as units
from index_stay
where age >= 40 and is_acute and diagnosis_group = 'copd'
group by sector, lopenr
