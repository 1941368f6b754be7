-- scale: 100
select s.key, (u.kpr_lnr is not null)::int as y, 1 as x, 1 as units
from frail as f
cross join service as s
left join service_user as u on u.kpr_lnr = f.kpr_lnr and u.tjenestekode = s.tjenestekode
where s.key <> 'kad'
