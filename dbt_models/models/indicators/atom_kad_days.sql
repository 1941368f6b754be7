with stay_quarter as (
    select
        stay_id as unit_id,
        person_id,
        year(first_of_month)::varchar as period,
        area,
        age_group,
        year(first_of_month) || 'Q' || quarter(first_of_month) as quarter,
        'stay' as atom,
        sum(bed_days) as amount
    from {{ ref('int_kad_month') }}
    where age_group is not null
    group by all
)

{{ indicator_rows('stay_quarter') }}
