
  
    
        create table marts.fct_hospital_contact
      
      
      
      
      
      
      
      
      

      as
      
    select stay_id, person_id, sector, specialty, institution_id, care_level, contact_type, admitted_at, discharged_at, is_acute, main_diagnosis, drg_weight, area, sex, birth_year, age, death_date, is_linkable, data_year
    from (
        select
    stay_id,
    person_id,
    sector,
    specialty,
    institution_id,
    care_level,
    contact_type,
    admitted_at,
    discharged_at,
    coalesce(urgency in (1, 2, 3), false) as is_acute,
    main_diagnosis,
    drg_weight,
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
    death_date,
    is_linkable,
    data_year
from staging.stg_npr__stay
    ) as model_subq
  