with chained as (
    select
        *,
        -- What decides which part ends the episode.
        (discharged_at, stay_id) as ends
    from {{ ref('int_stay_chain') }}
    where chain_number is not null
)

select
    stay_id as episode_id,
    person_id,
    is_linkable,
    admitted_at,
    discharged_at,
    1::bigint as stay_count,
    is_acute,
    coalesce(state_at_discharge in (2, 3), false) as is_dead_at_discharge,
    sex,
    birth_year,
    death_date
from {{ ref('int_stay_chain') }}
where chain_number is null
union all
select
    {{ arg_max('stay_id', 'ends') }} as episode_id,
    person_id,
    true as is_linkable,
    min(admitted_at) as admitted_at,
    max(discharged_at) as discharged_at,
    count(*) as stay_count,
    bool_or(is_acute) as is_acute,
    {{ arg_max('coalesce(state_at_discharge in (2, 3), false)', 'ends') }} as is_dead_at_discharge,
    -- What the register says of the person on the stay that ends the episode, and on no other: a
    -- stay of a year that is not charged may not decide what is released (ADR 0004).
    {{ arg_max_null('sex', 'ends') }} as sex,
    {{ arg_max_null('birth_year', 'ends') }} as birth_year,
    {{ arg_max_null('death_date', 'ends') }} as death_date
from chained
group by person_id, chain_number
