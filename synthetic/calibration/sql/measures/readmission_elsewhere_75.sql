-- scale: 100
select 'all' as key, sum((next_hospital <> last_hospital)::int) as y, count(*) as x, 1 as units
from index_stay
where age >= 75 and is_readmitted
group by lopenr
