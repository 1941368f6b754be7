with patient_group as (
    {{ groups_of_diagnoses('patient_group_code', 'patient_group') | indent(4) }}
),

index_stay as (
    select
        episode.episode_id as unit_id,
        episode.person_id,
        episode.period,
        patient_group.patient_group,
        episode.age_group,
        case
            when episode.is_acute_readmitted_30d_same_site then 'readmitted'
            else 'not_readmitted'
        end as atom
    from {{ ref('fct_index_stay') }} as episode
    inner join {{ ref('fct_stay') }} as last_stay on episode.episode_id = last_stay.stay_id
    inner join patient_group on last_stay.main_diagnosis = patient_group.diagnosis
    where episode.is_index
)

{{ indicator_rows('index_stay') }}
