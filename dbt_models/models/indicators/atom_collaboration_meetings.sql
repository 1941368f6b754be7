with activity as (
    select
        person_id || '/' || activity_on as unit_id,
        person_id,
        year(activity_on)::varchar as period,
        year(activity_on) || 'Q' || quarter(activity_on) as quarter,
        'meeting' as atom
    from {{ ref('int_collaboration_day') }}
    where activity_code = 'mote'
)

{{ indicator_rows('activity') }}
