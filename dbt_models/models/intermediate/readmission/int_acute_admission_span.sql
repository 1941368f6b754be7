with acute as (
    select distinct
        person_id,
        admitted_on as event_on
    from {{ ref('int_readmission_stay') }}
    where is_acute
)

{{ days_before('acute', 'acute_readmission', nearest=1, register='npr') }}
