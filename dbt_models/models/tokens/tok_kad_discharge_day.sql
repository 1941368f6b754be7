with discharge as (
    select
        person_id,
        stopped_on as day,
        birth_year,
        area
    from {{ ref('int_kad_stay') }}
    where stopped_on between period_from and period_to
        and not is_ended_by_death
),

bucketed as (
    {{ with_bucket('discharge') | indent(4) }}
)

{{ index_tokens('bucketed', 'kpr') }}
