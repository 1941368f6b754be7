with adhd as (
    {{ groups_of_diagnoses('bup_diagnosis_code', 'diagnosis_group') | indent(4) }}
),

contact as (
    select
        stay_id,
        person_id,
        year(discharged_at)::varchar as period,
        discharged_at,
        area,
        year(discharged_at) - birth_year as age
    from {{ ref('fct_hospital_contact') }}
    where is_linkable
        and {{ is_mental_health('sector', 'specialty') }}
        and stay_id in (
            select stay_id
            from {{ ref('int_stay_diagnosis') }}
            inner join adhd using (diagnosis)
            where adhd.diagnosis_group = 'adhd'
        )
),

patient as (
    select
        person_id,
        period,
        arg_max_null(area, (discharged_at, stay_id)) as area,
        arg_max_null(age, (discharged_at, stay_id)) as age
    from contact
    group by person_id, period
),

young as (
    select
        period as unit_id,
        person_id,
        period,
        area,
        age_group,
        'patient' as atom
    from patient
    inner join {{ ref('age_group_young') }} on age between age_from and age_to
)

{{ indicator_rows('young') }}
