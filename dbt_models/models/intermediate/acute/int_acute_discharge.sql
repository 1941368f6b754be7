with chained as (
    select
        stay_id,
        person_id,
        chain_number,
        discharged_at,
        is_acute,
        max(discharged_at) over (partition by person_id, chain_number) as ended_at
    from {{ ref('int_stay_chain') }}
    where chain_number is not null
)

select arg_max(stay_id, (discharged_at, stay_id)) as episode_id
from chained
group by person_id, chain_number
having bool_or(is_acute and year(discharged_at) >= year(ended_at) - 1)
union all
select stay_id as episode_id
from {{ ref('int_stay_chain') }}
where chain_number is null and is_acute
