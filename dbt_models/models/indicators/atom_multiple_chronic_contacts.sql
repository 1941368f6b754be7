-- A patient has a row for each service, also where it was not used.
with patient as (
    select
        patient.year || '/' || service.service as unit_id,
        patient.person_id,
        patient.year::varchar as period,
        service.service,
        age_group.age_group,
        case
            when used.days is null then 'none'
            when used.days <= 2 then 'one_to_two'
            when used.days <= 5 then 'three_to_five'
            when used.days <= 11 then 'six_to_eleven'
            else 'twelve_or_more'
        end as atom
    from {{ ref('int_chronic_claim_patient') }} as patient
    cross join {{ ref('contact_service') }} as service
    inner join {{ ref('age_group') }} as age_group
        on patient.age between age_group.age_from and age_group.age_to
    left join {{ ref('int_primary_contact_year') }} as used
        on patient.person_id = used.person_id
            and patient.year = used.year
            and service.service = used.service
    where patient.conditions >= {{ multiple_conditions() }}
)

{{ indicator_rows('patient') }}
