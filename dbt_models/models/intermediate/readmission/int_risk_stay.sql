-- What the risk models know of an index stay, a row for each model it belongs to. Whose look-back was
-- not delivered is not here: it would look healthier than it is.
with index_stay as (
    select
        'readmission_30d_fhi_adjusted' as model,
        episode_id,
        person_id,
        period,
        discharged_on,
        area,
        age_group,
        sex,
        diagnosis_group,
        atom
    from {{ ref('int_fhi_index_stay') }}
    union all
    select
        'readmission_30d_skde_adjusted' as model,
        stay.episode_id,
        stay.person_id,
        stay.period,
        stay.discharged_on,
        stay.area,
        stay.age_group,
        stay.sex,
        coalesce(diagnosis.diagnosis_group, 'other') as diagnosis_group,
        stay.atom
    from {{ ref('int_skde_index_stay') }} as stay
    left join {{ ref('int_readmission_diagnosis') }} as diagnosis using (main_diagnosis)
    union all
    select
        'death_after_discharge_adjusted' as model,
        stay.episode_id,
        stay.person_id,
        stay.period,
        stay.discharged_on,
        stay.area,
        stay.age_group,
        stay.sex,
        coalesce(diagnosis.diagnosis_group, 'other') as diagnosis_group,
        stay.atom
    from {{ ref('int_discharge_survival') }} as stay
    left join {{ ref('int_readmission_diagnosis') }} as diagnosis using (main_diagnosis)
    where stay.sex is not null
)

select
    index_stay.model,
    index_stay.episode_id,
    index_stay.person_id,
    index_stay.period,
    coalesce(sector.area_group, 'outside_sectors') as sector,
    index_stay.age_group,
    index_stay.sex,
    index_stay.diagnosis_group,
    comorbidity.charlson_group,
    index_stay.atom
from index_stay
inner join {{ ref('int_comorbidity') }} as comorbidity using (episode_id)
{{ join_sector('index_stay.area', 'index_stay.discharged_on') }}
