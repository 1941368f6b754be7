with index_stay as (
    select
        stay_id,
        person_id,
        year(discharged_at)::varchar as period,
        discharged_at::date as discharged_on,
        area,
        year(discharged_at) - birth_year as age
    from {{ ref('fct_stay') }}
    where is_linkable and is_acute
    qualify row_number() over (
            partition by person_id, year(discharged_at)
            order by discharged_at desc, stay_id desc
        ) = 1
),

aged as (
    select * from index_stay
    where age >= {{ frail_age_from() }}
),

listed as (
    select distinct
        aged.stay_id,
        code.code,
        code.weight
    from aged
    inner join {{ ref('int_frailty_code') }} as code
        on aged.person_id = code.person_id
            and code.discharged_on > aged.discharged_on - {{ frailty_look_back() }}
            and code.discharged_on <= aged.discharged_on
),

scored as (
    select
        stay_id,
        sum(weight) as score
    from listed
    group by stay_id
)

select
    aged.stay_id,
    aged.person_id,
    aged.period,
    aged.area,
    aged.age,
    coalesce(scored.score, 0) as score,
    {{ frailty_band('coalesce(scored.score, 0)') }} as frailty_risk
from aged
left join scored using (stay_id)
