select
    care.service_id,
    care.person_id,
    care.service_code,
    coalesce(name.service, 'unmapped') as service,
    care.started_on,
    care.ended_on,
    care.hours_per_week,
    case
    when care.bydel in (select area from seeds.area where level = 'bydel') then care.bydel
    when care.municipality_no = '0301' then '030199'
    when left(care.municipality_no, 2) in (
        select county from seeds.county_region where region = 'helse_sor_ost'
    ) then 'helse_sor_ost'
    when left(care.municipality_no, 2) in (
        select county from seeds.county_region where region = 'other_regions'
    ) then 'other_regions'
    else 'unknown'
end as area,
    care.sex,
    care.birth_year,
    care.death_date
from intermediate.int_care_service as care
left join seeds.service as name
    on name.register = 'kpr-omsorg' and name.service_code = care.service_code