with index_stay as (
    select
        stay.episode_id as unit_id,
        stay.person_id,
        stay.period,
        diagnosis.atlas_diagnosis,
        stay.age_group,
        stay.sex,
        stay.atom
    from {{ ref('int_skde_index_stay') }} as stay
    inner join {{ ref('int_readmission_diagnosis') }} as diagnosis using (main_diagnosis)
    where stay.episode_id in (select episode_id from {{ ref('int_acute_discharge') }})
        and diagnosis.atlas_diagnosis is not null
)

{{ indicator_rows('index_stay') }}
