
select 1
from marts.fct_service
group by register, person_id, service_id
having count(*) > 1
