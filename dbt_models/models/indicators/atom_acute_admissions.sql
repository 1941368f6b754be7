with admission as (
    select
        episode_id as unit_id,
        person_id,
        year(admitted_on)::varchar as period,
        area,
        age_group,
        strftime(admitted_on, '%Y-%m') as month,
        if(is_somatic, 'somatic', 'mental_health_addiction') as atom
    from {{ ref('int_acute_admission') }}
    where is_linkable and age_group is not null
)

{{ indicator_rows('admission') }}
