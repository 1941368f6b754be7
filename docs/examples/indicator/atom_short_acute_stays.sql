with short_stay as (
    select
        stay_id as unit_id,
        person_id,
        year(discharged_at)::varchar as period,
        age_group,
        area,
        case
            when discharged_at - admitted_at < interval 24 hours then 'under_24_hours'
            else 'longer'
        end as atom
    from {{ ref('fct_stay') }}
    where is_acute and is_linkable and age_group is not null
)

{{ indicator_rows('short_stay') }}
