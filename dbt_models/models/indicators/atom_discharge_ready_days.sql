with waited as (
    select
        stay_id as unit_id,
        person_id,
        year(discharged_on)::varchar as period,
        area,
        age_group,
        year(discharged_on) || 'Q' || quarter(discharged_on) as quarter,
        'over' as atom,
        least(days_over, {{ most_days_over() }}) as amount
    from {{ ref('int_ready_stay') }}
    where age_group is not null and days_over > 0
)

{{ indicator_rows('waited') }}
