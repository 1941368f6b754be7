
select 1
from seeds.recoded_service
group by register, old_code
having count(*) > 1
