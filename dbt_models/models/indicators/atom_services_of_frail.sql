with service_of_person as (
    select distinct
        person_id,
        period,
        service
    from {{ ref('int_care_service_year') }}
),

used as (
    select
        period || '/' || service as unit_id,
        person_id,
        period,
        service,
        service_user.area,
        coalesce(level.function_group, 'not_assessed') as atom
    from service_of_person
    inner join {{ ref('int_care_user_year') }} as service_user using (person_id, period)
    left join {{ ref('int_function_level') }} as level using (person_id, period)
    where service_user.age >= {{ frail_age_from() }}
)

{{ indicator_rows('used') }}
