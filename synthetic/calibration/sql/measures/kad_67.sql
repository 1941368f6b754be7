-- scale: 100
-- Stays (services) of persons of 67 and over; the age at the end of the year.
select
    'all' as key,
    sum((year(startdato) - fodselsaar >= 67)::int) as y,
    count(*) as x,
    1 as units
from care
where tjenestekode = (select tjenestekode from service where key = 'kad')
    and year(startdato) = getvariable('year')
    and aar = getvariable('year')
group by kpr_lnr
