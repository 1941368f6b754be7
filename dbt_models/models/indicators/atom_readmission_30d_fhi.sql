with index_stay as (
    select
        episode_id as unit_id,
        person_id,
        period,
        age_group,
        sex,
        diagnosis_group,
        atom
    from {{ ref('int_fhi_index_stay') }}
)

{{ indicator_rows('index_stay') }}
