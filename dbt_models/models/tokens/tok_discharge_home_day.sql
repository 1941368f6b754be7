with home as (
    select
        person_id,
        day,
        area as bucket
    from {{ ref('int_discharge_day') }}
    where is_home
)

{{ index_tokens('home', 'npr') }}
