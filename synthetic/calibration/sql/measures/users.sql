-- scale: 1000
-- Users of any service of all inhabitants; in a nursing home (all ages) of those aged 75 and over.
select
    unnest(['all', 'long_term']) as key,
    unnest([(u.kpr_lnr is not null)::int, coalesce(u.is_long_term, false)::int]) as y,
    unnest([1, (p.age >= 75)::int]) as x,
    1 as units
from population as p
left join (
    select kpr_lnr, bool_or(tjenestekode = 21) as is_long_term from service_user group by kpr_lnr
) as u on u.kpr_lnr = p.kpr_lnr
