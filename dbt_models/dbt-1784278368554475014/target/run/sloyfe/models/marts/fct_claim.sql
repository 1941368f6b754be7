
  
    
        create table marts.fct_claim
      
      
      
      
      
      
      
      
      

      as
      
    select claim_id, person_id, contact_on, service_code, service, contact_type, main_diagnosis, patient_share, refund, area, sex, birth_year, age
    from (
        with main_diagnosis as (
    select
        claim_id,
        min_by(diagnosis, case when diagnosis is not null then struct(coalesce(is_main, 0) = 0 is null, coalesce(is_main, 0) = 0, code_number is null, code_number, diagnosis is null, diagnosis) end) as main_diagnosis
    from staging.stg_kuhr__diagnosis
    group by claim_id
)

select
    contact.claim_id,
    contact.person_id,
    contact.contact_on,
    contact.service_code,
    coalesce(name.service, 'unmapped') as service,
    type.contact_type,
    main_diagnosis.main_diagnosis,
    contact.patient_share,
    contact.refund,
    case
    when contact.bydel in (select area from seeds.area where level = 'bydel') then contact.bydel
    when contact.municipality_no = '0301' then '030199'
    when left(contact.municipality_no, 2) in (
        select county from seeds.county_region where region = 'helse_sor_ost'
    ) then 'helse_sor_ost'
    when left(contact.municipality_no, 2) in (
        select county from seeds.county_region where region = 'other_regions'
    ) then 'other_regions'
    else 'unknown'
end as area,
    contact.sex,
    contact.birth_year,
    (year(contact.contact_on) - contact.birth_year)::bigint as age
from staging.stg_kuhr__contact as contact
inner join intermediate.int_kuhr_contact as type using (claim_id)
left join main_diagnosis using (claim_id)
left join seeds.service as name
    on name.register = 'kuhr' and name.service_code = contact.service_code
    ) as model_subq
  