-- scale: 100
select key, sum((utfall = 2)::int) as y, count(*) as x, 1 as units
from (
    select r.lopenr, r.utfall, unnest([a.bydel, a.sector]) as key
    from referral as r
    join area as a on a.bydel = r.bydel2
    where r.fagomrade = '310' and year(r.mottattDato) = getvariable('year')
        and r.utfall is not null
)
group by key, lopenr
