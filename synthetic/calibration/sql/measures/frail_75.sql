-- scale: 1000
select
    unnest(['all', 'poor']) as key,
    unnest([(f.kpr_lnr is not null)::int, coalesce(f.is_poor, false)::int]) as y,
    1 as x,
    1 as units
from population as p
left join frail as f on f.kpr_lnr = p.kpr_lnr
where p.age >= 75
