create or replace view intermediate.int_stay_sector
  
  
  as
    select
    stay.*,
    map.hospital_trust as catchment_trust
from intermediate.int_inpatient_stay as stay
left join seeds.bydel_sector as map
    on stay.bydel = map.bydel
    and case
    when stay.sector in ('4', '5', 'SOM') then 'somatic'
    when stay.sector in ('1', '2', '3', 'PHV') then 'psychiatry'
end = map.sector
    and stay.admitted_at::date >= coalesce(map.valid_from, date '0001-01-01')
    and stay.admitted_at::date <= coalesce(map.valid_to, date '9999-12-31')
