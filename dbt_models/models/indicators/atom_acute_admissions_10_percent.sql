-- A unit is one payer's part of one stay. What the trust bears itself is what ISF leaves of the price.
with part as (
    select
        stay_id || '/isf' as unit_id,
        person_id,
        period,
        area,
        age_group,
        'isf' as atom,
        isf_income as price
    from {{ ref('int_priced_stay') }}
    where is_linkable and is_of_acute_admission
    union all
    select
        stay_id || '/trust' as unit_id,
        person_id,
        period,
        area,
        age_group,
        'trust' as atom,
        full_price - isf_income as price
    from {{ ref('int_priced_stay') }}
    where is_linkable and is_of_acute_admission
    union all
    select
        ready.stay_id || '/municipality' as unit_id,
        ready.person_id,
        year(ready.discharged_on)::varchar as period,
        ready.area,
        ready.age_group,
        'municipality' as atom,
        least(ready.days_over, {{ most_days_over() }}) * price.amount as price
    from {{ ref('int_ready_stay') }} as ready
    inner join {{ ref('int_stay_admission') }} as admission
        on admission.stay_id = ready.stay_id and admission.is_of_acute_admission
    inner join {{ ref('price') }} as price
        on price.item = 'discharge_ready_day'
            and price.year = year(ready.discharged_on)
            and price.amount is not null
    where ready.days_over > 0
),

spared as (
    select
        * exclude (price),
        least(
            round(price * {{ fewer_admissions_share() }}),
            {{ indicator(model.name).get('amount', {}).get('maximum', 0) }}
        ) as amount
    from part
    where age_group is not null
)

{{ indicator_rows('spared') }}
