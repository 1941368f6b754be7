-- Most stays have no neighbour within the gap. They leave here with no chain number, and only the
-- rest pays for the second window and the grouping in fct_episode.
-- Without a national id one person number may stand for many people: nothing chains to it.
{%- set by_admission -%}
partition by person_id, case when not is_linkable then stay_id end order by admitted_at, stay_id
{%- endset %}
with neighbour as (
    select
        stay_id,
        person_id,
        is_linkable,
        admitted_at,
        discharged_at,
        is_acute,
        state_at_discharge,
        sex,
        birth_year,
        death_date,
        -- The latest end so far, not the previous stay's: a short stay may lie inside a long one.
        max(discharged_at) over (
            {{ by_admission }} rows between unbounded preceding and 1 preceding
        ) + {{ transfer_gap() }} as chained_until,
        lead(admitted_at) over ({{ by_admission }}) as next_admitted_at
    from {{ ref('int_inpatient_stay') }}
),

link as (
    select
        {{ except_columns(['chained_until', 'next_admitted_at']) }},
        coalesce(admitted_at > chained_until, true) as starts_chain,
        coalesce(next_admitted_at > discharged_at + {{ transfer_gap() }}, true) as next_is_apart
    from neighbour
)

select
    {{ except_columns(['starts_chain', 'next_is_apart']) }},
    null::bigint as chain_number
from link
where starts_chain and next_is_apart
union all
select
    {{ except_columns(['starts_chain', 'next_is_apart']) }},
    sum(starts_chain::int) over (
        partition by person_id
        order by admitted_at, stay_id
        rows between unbounded preceding and current row
    )::bigint as chain_number
from link
where not (starts_chain and next_is_apart)
