
select 1
from seeds.county_region
group by county
having count(*) > 1
