with stay as (
    select
        stay_id as unit_id,
        person_id,
        year(started_on)::varchar as period,
        area,
        age_group,
        year(started_on) || 'Q' || quarter(started_on) as quarter,
        'stay' as atom
    from {{ ref('int_kad_stay') }}
    where age_group is not null and started_on between period_from and period_to
)

{{ indicator_rows('stay') }}
