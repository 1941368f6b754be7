-- Each data year by itself: what another year's delivery says of the same service would make every
-- year's figure rest on all of them.
with clipped as (
    select
        care.person_id,
        care.service_id,
        care.data_year,
        coalesce(recoded.new_code, care.service_code) as service_code,
        care.started_on,
        greatest(care.started_on, make_date(care.data_year, 1, 1)) as first_day,
        least(care.ended_on, care.death_date, make_date(care.data_year, 12, 31)) as last_day,
        {{ area_of('care.municipality_no', 'care.bydel') }} as area,
        care.data_year - care.birth_year as age
    from {{ ref('stg_kpr__care') }} as care
    left join {{ ref('recoded_service') }} as recoded
        on care.service_code = recoded.old_code and recoded.register = 'kpr-omsorg'
)

select
    clipped.person_id,
    clipped.service_id,
    clipped.data_year,
    clipped.data_year::varchar as period,
    clipped.service_code,
    coalesce(named.service, 'other') as service,
    clipped.started_on,
    clipped.first_day,
    clipped.last_day,
    clipped.area,
    clipped.age
from clipped
left join {{ ref('care_service') }} as named using (service_code)
where clipped.first_day <= clipped.last_day
