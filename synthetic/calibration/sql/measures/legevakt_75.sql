-- scale: 1000
select unnest(['all', p.atlas]) as key, coalesce(c.contacts, 0) as y, 1 as x, 1 as units
from population as p
left join (
    select kpr_lnr, count(*) as contacts from consultation where tjenestetype = 2 group by kpr_lnr
) as c on c.kpr_lnr = p.kpr_lnr
where p.age >= 75
