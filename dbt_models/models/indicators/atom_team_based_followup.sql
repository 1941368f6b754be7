with activity as (
    select distinct
        person_id as unit_id,
        person_id,
        year(activity_on)::varchar as period,
        year(activity_on) || 'Q' || quarter(activity_on) as quarter,
        'person' as atom
    from {{ ref('int_collaboration_day') }}
    where activity_code = 'team'
)

{{ indicator_rows('activity') }}
