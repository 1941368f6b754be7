with used as (
    select person_id, year, 'primary_use' as service
    from {{ ref('int_primary_use') }}
    union
    select person_id, year, 'care_use' as service
    from {{ ref('int_care_use') }}
),

dated as (
    select
        person_id,
        service,
        'user' as class,
        make_date(year::integer, 1, 1) as day_from,
        make_date(year::integer, 1, 1) as day_to
    from used
)

{{ service_tokens('dated', 'kpr') }}
