-- scale: 1000
-- All referrals to BUP, also those of who turns 18 in the year, per child on 1 January.
select
    unnest([p.bydel, p.sector]) as key,
    coalesce(r.referrals, 0) as y,
    (p.age_before <= 17)::int as x,
    1 as units
from population as p
left join (
    select lopenr, count(*) as referrals from referral
    where fagomrade = '310' and year(mottattDato) = getvariable('year') group by lopenr
) as r on r.lopenr = p.lopenr
where p.age_before <= 18
