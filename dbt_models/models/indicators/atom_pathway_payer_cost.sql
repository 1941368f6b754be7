-- A unit is one payer's part of one pathway, at the prices of the year of the admission, as in
-- pathway_hospital_cost. A year that lacks one of the prices gives no row: what is left of a sum would
-- look like the whole.
with price as (
    select
        year,
        max(amount) filter (where item = 'isf_unit_price') as unit_price,
        max(amount) filter (where item = 'isf_share') as share,
        max(amount) filter (where item = 'discharge_ready_day') as day_price
    from {{ ref('price') }}
    group by year
    having unit_price is not null and share is not null and day_price is not null
),

stay as (
    select
        stay.person_id,
        stay.admitted_at::date as admitted_on,
        if(stay.drg_weight >= 0, stay.drg_weight, 0) as points,
        least(coalesce(ready.days_over, 0), {{ most_days_over() }}) as days_over
    from {{ ref('fct_stay') }} as stay
    left join {{ ref('int_ready_stay') }} as ready using (stay_id)
    where stay.is_linkable and {{ is_somatic('stay.sector') }}
),

pathway as (
    select
        admission.person_id,
        admission.period,
        admission.day,
        admission.bucket,
        sum(coalesce(stay.points, 0)) as points,
        sum(stay.days_over) as days_over
    from {{ ref('tok_acute_admission_day') }} as admission
    inner join stay
        on stay.person_id = admission.person_id
            and stay.admitted_on between admission.day - {{ pathway_days() }}
            and admission.day + {{ pathway_days() }}
    where {{ is_followed('admission.day', pathway_days() | int) }}
    group by all
),

part as (
    select
        pathway.person_id,
        pathway.period,
        pathway.day,
        pathway.bucket,
        payer.atom,
        case payer.atom
            when 'state' then pathway.points * price.unit_price * price.share
            when 'trust' then pathway.points * price.unit_price * (1 - price.share)
            else pathway.days_over * price.day_price
        end as amount
    from pathway
    inner join price on price.year = pathway.period::integer
    cross join (values ('state'), ('trust'), ('municipality')) as payer (atom)
),

rounded as (
    select
        person_id || '/' || day || '/' || atom as unit_id,
        person_id,
        period,
        bucket,
        atom,
        least(
            round(amount), {{ indicator(model.name).get('amount', {}).get('maximum', 0) }}
        ) as amount
    from part
    where amount > 0
)

{{ indicator_rows('rounded') }}
