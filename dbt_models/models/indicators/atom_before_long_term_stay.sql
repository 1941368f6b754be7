with person as (
    select
        start.*,
        age_group.age_group
    from {{ ref('int_long_term_stay_start') }} as start
    inner join {{ ref('age_group') }} as age_group
        on start.age between age_group.age_from and age_group.age_to
),

service_before as (
    select distinct
        person.person_id,
        person.period,
        person.age_group,
        service.service
    from person
    inner join {{ ref('int_care_service_year') }} as service
        on person.person_id = service.person_id
            and service.data_year in (person.data_year, person.data_year - 1)
            and service.first_day < person.started_on
            and service.last_day >= person.started_on - {{ before_long_term_stay_days() }}
),

counted as (
    select
        period || '/' || service as unit_id,
        person_id,
        period,
        service,
        age_group,
        'had_before' as atom
    from service_before
    union all
    select
        period || '/long_term_stay' as unit_id,
        person_id,
        period,
        'long_term_stay' as service,
        age_group,
        if(
            (person_id, period) in (select (person_id, period) from service_before),
            'began_with_services',
            'began_without_services'
        ) as atom
    from person
)

{{ indicator_rows('counted') }}
