select
    stay_id,
    person_id,
    'edges' as site_id,
    sector,
    institution_id,
    admitted_at,
    discharged_at,
    is_acute,
    urgency,
    admitted_from,
    discharged_to,
    discharge_ready_date,
    state_at_discharge,
    main_diagnosis,
    drg_weight,
    municipality_no,
    bydel,
    catchment_trust,
    case
    when bydel in (select area from seeds.area where level = 'bydel') then bydel
    when municipality_no = '0301' then '030199'
    when left(municipality_no, 2) in (
        select county from seeds.county_region where region = 'helse_sor_ost'
    ) then 'helse_sor_ost'
    when left(municipality_no, 2) in (
        select county from seeds.county_region where region = 'other_regions'
    ) then 'other_regions'
    else 'unknown'
end as area,
    sex,
    birth_year,
    (year(admitted_at) - birth_year)::bigint as age,
    age_group,
    death_date,
    is_linkable,
    data_year
from intermediate.int_stay_sector
left join seeds.age_group
    on year(admitted_at) - birth_year between age_from and age_to