select
    data_year::string as period,
    case
    when if(length(bydel) = 5, '0' || bydel, bydel) in (select area from seeds.area where level = 'bydel') then if(length(bydel) = 5, '0' || bydel, bydel)
    when if(length(municipality_no) = 3, '0' || municipality_no, nullif(municipality_no, '-1')) = '0301' then '030199'
    when left(if(length(municipality_no) = 3, '0' || municipality_no, nullif(municipality_no, '-1')), 2) in (
        select county from seeds.county_region where region = 'helse_sor_ost'
    ) then 'helse_sor_ost'
    when left(if(length(municipality_no) = 3, '0' || municipality_no, nullif(municipality_no, '-1')), 2) in (
        select county from seeds.county_region where region = 'other_regions'
    ) then 'other_regions'
    else 'unknown'
end as area,
    age,
    sex,
    sum(persons)::bigint as persons
from input_layer.input_population
group by all