-- Patients of two of the groups of the helsefellesskap, on the first day of the year: each in one
-- bucket, of one group, the other, or both.
with patient_group as (
    {{ groups_of_diagnoses('patient_group_code', 'patient_group') | indent(4) }}
),

condition as (
    {{ groups_of_diagnoses('chronic_condition_code', 'condition') | indent(4) }}
),

contact as (
    select
        stay_id,
        person_id,
        discharged_at,
        main_diagnosis,
        year(discharged_at) as year,
        year(discharged_at) - birth_year as age
    from {{ ref('fct_hospital_contact') }}
    where is_linkable
),

mentally_ill as (
    select distinct
        contact.person_id,
        contact.year
    from contact
    inner join patient_group on contact.main_diagnosis = patient_group.diagnosis
),

chronically_ill as (
    select
        contact.person_id,
        contact.year
    from contact
    inner join {{ ref('int_stay_diagnosis') }} using (stay_id)
    inner join condition using (diagnosis)
    group by all
    having count(distinct condition.condition) >= {{ multiple_conditions() }}
),

aged as (
    select
        person_id,
        year,
        arg_max_null(age, (discharged_at, stay_id)) as age
    from contact
    group by all
),

patient as (
    select
        aged.person_id,
        make_date(aged.year::integer, 1, 1) as day,
        case
            when mentally_ill.person_id is null then 'multiple_chronic'
            when chronically_ill.person_id is null then 'severe_mental_substance'
            else 'both'
        end as hospital_group,
        age_group.age_group
    from aged
    inner join {{ ref('age_group') }} as age_group
        on aged.age between age_group.age_from and age_group.age_to
    left join mentally_ill
        on aged.person_id = mentally_ill.person_id and aged.year = mentally_ill.year
    left join chronically_ill
        on aged.person_id = chronically_ill.person_id and aged.year = chronically_ill.year
    where mentally_ill.person_id is not null or chronically_ill.person_id is not null
)

select
    patient.person_id,
    patient.day,
    group_age.bucket,
    {{ is_day_counted() }} as is_counted
from patient
inner join {{ ref('hospital_group_age') }} as group_age using (hospital_group, age_group)
