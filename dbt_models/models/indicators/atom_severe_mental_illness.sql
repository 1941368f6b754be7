with patient_group as (
    {{ groups_of_diagnoses('patient_group_code', 'patient_group') | indent(4) }}
),

patient as (
    select
        contact.person_id,
        year(contact.discharged_at)::varchar as period,
        patient_group.patient_group,
        bool_or(contact.care_level = 1) as had_inpatient_stay,
        bool_or(contact.care_level = 2) as had_day_care,
        arg_max_null(
            year(contact.discharged_at) - contact.birth_year,
            (contact.discharged_at, contact.stay_id)
        ) as age
    from {{ ref('fct_hospital_contact') }} as contact
    inner join patient_group on contact.main_diagnosis = patient_group.diagnosis
    where contact.is_linkable
    group by all
),

in_age_group as (
    select
        period || '/' || patient_group as unit_id,
        person_id,
        period,
        patient_group,
        age_group,
        case
            when had_inpatient_stay then 'inpatient'
            when had_day_care then 'day_care'
            else 'outpatient'
        end as atom
    from patient
    inner join {{ ref('age_group') }} on age between age_from and age_to
)

{{ indicator_rows('in_age_group') }}
