with index_stay as (
    select
        episode_id as unit_id,
        person_id,
        period,
        age_group,
        discharge_quarter as quarter,
        case
            when is_acute_readmitted_30d_same_site then 'readmitted' else 'not_readmitted'
        end as atom
    from {{ ref('fct_index_stay') }}
    where is_index
)

{{ indicator_rows('index_stay') }}
