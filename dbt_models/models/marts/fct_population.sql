select
    {{ as_text('data_year') }} as period,
    {{ area_of(four_digits('municipality_no'), six_digits('bydel')) }} as area,
    age,
    sex,
    sum(persons)::bigint as persons
from {{ ref('input_population') }}
group by all
