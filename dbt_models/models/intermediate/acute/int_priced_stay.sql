-- A year without a unit price or without a share gives no row: an amount that nobody found is not zero.
with price as (
    select
        year,
        max(amount) filter (where item = 'isf_unit_price') as unit_price,
        max(amount) filter (where item = 'isf_share') as share
    from {{ ref('price') }}
    group by year
    having unit_price is not null and share is not null
)

select
    stay.stay_id,
    stay.person_id,
    stay.is_linkable,
    price.year::varchar as period,
    stay.area,
    age_group.age_group,
    admission.is_of_acute_admission,
    stay.drg_weight * price.unit_price as full_price,
    stay.drg_weight * price.unit_price * price.share as isf_income
from {{ ref('fct_stay') }} as stay
inner join price on price.year = year(stay.discharged_at)
inner join {{ ref('int_stay_admission') }} as admission using (stay_id)
left join {{ ref('age_group') }} as age_group
    on year(stay.discharged_at) - stay.birth_year between age_group.age_from and age_group.age_to
where {{ is_somatic('stay.sector') }} and stay.drg_weight >= 0
