
select 1
from marts.source_status
group by kind, name
having count(*) > 1
