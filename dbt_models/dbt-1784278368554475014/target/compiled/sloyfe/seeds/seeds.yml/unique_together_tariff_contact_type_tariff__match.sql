
select 1
from seeds.tariff_contact_type
group by tariff, match
having count(*) > 1
