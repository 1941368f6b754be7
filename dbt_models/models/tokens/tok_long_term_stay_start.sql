with began as (
    select
        start.person_id,
        start.started_on as day,
        age_group.age_group as bucket
    from {{ ref('int_long_term_stay_start') }} as start
    inner join {{ ref('age_group_old') }} as age_group
        on start.age between age_group.age_from and age_group.age_to
)

{{ index_tokens('began', 'kpr') }}
