with discharged as (
    select
        person_id,
        day,
        area as bucket
    from {{ ref('int_discharge_day') }}
)

{{ index_tokens('discharged', 'npr') }}
