-- Attributes are those of the stay that ends the episode and names it (ADR 0004).
with admission as (
    select
        episode.person_id,
        episode.admitted_at,
        episode.episode_id,
        episode.admitted_at::date as day,
        episode.birth_year,
        stay.area
    from {{ ref('fct_episode') }} as episode
    inner join {{ ref('fct_stay') }} as stay on episode.episode_id = stay.stay_id
    where episode.is_acute and episode.is_linkable
),

bucketed as (
    {{ with_age_sector('admission') | indent(4) }}
),

one_a_day as (
    select
        person_id,
        day,
        bucket
    from bucketed
    qualify row_number() over (partition by person_id, day order by admitted_at, episode_id) = 1
)

select
    person_id,
    day,
    bucket,
    {{ is_day_counted() }} as is_counted
from one_a_day
