with patient as (
    select
        person_id,
        period,
        arg_max_null(area, (discharged_at, stay_id)) as area,
        arg_max_null(age, (discharged_at, stay_id)) as age
    from {{ ref('int_bup_contact') }}
    group by person_id, period
),

diagnosis_group as (
    {{ groups_of_diagnoses('bup_diagnosis_code', 'diagnosis_group') | indent(4) }}
),

group_of_patient as (
    select distinct
        contact.person_id,
        contact.period,
        case
            when contact.main_diagnosis is null then 'not_stated'
            else coalesce(diagnosis_group.diagnosis_group, 'other')
        end as diagnosis_group
    from {{ ref('int_bup_contact') }} as contact
    left join diagnosis_group on contact.main_diagnosis = diagnosis_group.diagnosis
),

child as (
    select
        period || '/' || diagnosis_group as unit_id,
        person_id,
        period,
        area,
        age_group,
        diagnosis_group,
        'patient' as atom
    from group_of_patient
    inner join patient using (person_id, period)
    inner join {{ ref('age_group_child') }} on age between age_from and age_to
)

{{ indicator_rows('child') }}
