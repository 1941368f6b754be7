with not_readmitted_here as (
    select
        person_id,
        day,
        sector as bucket
    from {{ ref('int_discharge_day') }}
    where not is_readmitted_here
)

{{ index_tokens('not_readmitted_here', 'npr') }}
