with listed as (
    {{ groups_of_diagnoses('chronic_condition_code', 'condition') | indent(4) }}
),

patient as (
    select
        contact.person_id,
        year(contact.discharged_at)::varchar as period,
        count(distinct listed.condition) as conditions,
        arg_max_null(contact.area, (contact.discharged_at, contact.stay_id)) as area,
        arg_max_null(
            year(contact.discharged_at) - contact.birth_year,
            (contact.discharged_at, contact.stay_id)
        ) as age
    from {{ ref('fct_hospital_contact') }} as contact
    inner join {{ ref('int_stay_diagnosis') }} using (stay_id)
    inner join listed using (diagnosis)
    where contact.is_linkable
    group by all
),

in_age_group as (
    select
        period as unit_id,
        person_id,
        period,
        area,
        age_group,
        case
            when conditions = 1 then 'one' when conditions = 2 then 'two' else 'three_or_more'
        end as atom
    from patient
    inner join {{ ref('age_group') }} on age between age_from and age_to
)

{{ indicator_rows('in_age_group') }}
