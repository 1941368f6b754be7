with index_stay as (
    select
        episode_id as unit_id,
        person_id,
        period,
        age_group,
        sex,
        quarter,
        atom
    from {{ ref('int_skde_index_stay') }}
)

{{ indicator_rows('index_stay') }}
