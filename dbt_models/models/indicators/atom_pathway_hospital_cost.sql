-- A unit is one part of one pathway. Points of every stay in the window take the price of the year of
-- the admission, so that pathways over New Year can be compared and need no price of another year.
with stay as (
    select
        person_id,
        admitted_at::date as admitted_on,
        drg_weight
    from {{ ref('fct_stay') }}
    where is_linkable and {{ is_somatic('sector') }} and drg_weight >= 0
),

part as (
    select
        admission.person_id,
        year(admission.day)::varchar as period,
        admission.day,
        admission.bucket,
        case
            when stay.admitted_on < admission.day then 'before'
            when stay.admitted_on = admission.day then 'admission'
            else 'after'
        end as atom,
        sum(stay.drg_weight) as points
    from {{ ref('int_acute_admission_day') }} as admission
    inner join stay
        on stay.person_id = admission.person_id
            and stay.admitted_on between admission.day - {{ pathway_days() }}
            and admission.day + {{ pathway_days() }}
    where {{ is_followed('admission.day', pathway_days() | int) }}
    group by all
),

priced as (
    select
        part.person_id || '/' || part.day || '/' || part.atom as unit_id,
        part.person_id,
        part.period,
        part.bucket,
        part.atom,
        least(
            round(part.points * price.amount),
            {{ indicator(model.name).get('amount', {}).get('maximum', 0) }}
        ) as amount
    from part
    inner join {{ ref('price') }} as price
        on price.item = 'isf_unit_price'
            and price.year = part.period::integer
            and price.amount is not null
)

{{ indicator_rows('priced') }}
