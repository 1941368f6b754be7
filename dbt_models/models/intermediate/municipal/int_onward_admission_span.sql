with admission as (
    select distinct
        person_id,
        admitted_on as event_on
    from {{ ref('int_acute_admission') }}
    where is_linkable
)

{{ days_before('admission', 'onward_admission', nearest=0, register='npr') }}
