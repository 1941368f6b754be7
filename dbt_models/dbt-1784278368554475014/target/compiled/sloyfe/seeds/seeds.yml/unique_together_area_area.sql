
select 1
from seeds.area
group by area
having count(*) > 1
