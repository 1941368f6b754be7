with stay as (
    select
        stay_id as unit_id,
        person_id,
        period,
        area,
        age_group,
        if(is_of_acute_admission, 'acute', 'planned') as atom,
        least(
            round(isf_income), {{ indicator(model.name).get('amount', {}).get('maximum', 0) }}
        ) as amount
    from {{ ref('int_priced_stay') }}
    where is_linkable and age_group is not null
)

{{ indicator_rows('stay') }}
