with discharge as (
    select
        episode_id as unit_id,
        person_id,
        period,
        age_group,
        quarter,
        atom
    from {{ ref('int_discharge_survival') }}
)

{{ indicator_rows('discharge') }}
