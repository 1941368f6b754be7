with person as (
    select
        service_user.period as unit_id,
        service_user.person_id,
        service_user.period,
        service_user.area,
        age_group.age_group,
        coalesce(level.function_group, 'not_assessed') as atom
    from {{ ref('int_care_user_year') }} as service_user
    inner join {{ ref('age_group_old') }} as age_group
        on service_user.age between age_group.age_from and age_group.age_to
    left join {{ ref('int_function_level') }} as level using (person_id, period)
)

{{ indicator_rows('person') }}
