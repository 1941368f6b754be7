-- The window ends before the stay that ends the episode, and reaches back from its discharge, not
-- from the admission of the episode: so nothing older than the year before decides (ADR 0004).
with looked_back as (
    select
        episode.episode_id,
        episode.person_id,
        last_stay.admitted_at::date as admitted_on,
        episode.discharged_on
    from {{ ref('int_readmission_stay') }} as episode
    inner join {{ ref('fct_stay') }} as last_stay on episode.episode_id = last_stay.stay_id
    where episode.discharged_on - {{ comorbidity_days() }} >= (
            select period_from from {{ ref('int_delivered_period') }}
            where register = 'npr'
        )
),

present as (
    select distinct
        looked_back.episode_id,
        earlier.condition
    from looked_back
    inner join {{ ref('int_charlson_day') }} as earlier
        on looked_back.person_id = earlier.person_id
            and earlier.ended_on >= looked_back.discharged_on - {{ comorbidity_days() }}
            and earlier.ended_on < looked_back.admitted_on
),

weighed as (
    select
        present.episode_id,
        sum(listed.weight) as score
    from present
    inner join {{ ref('charlson_condition') }} as listed using (condition)
    left join present as graver
        on present.episode_id = graver.episode_id and listed.outweighed_by = graver.condition
    where graver.condition is null
    group by present.episode_id
)

select
    looked_back.episode_id,
    coalesce(weighed.score, 0)::integer as charlson_score,
    charlson_group.charlson_group
from looked_back
left join weighed using (episode_id)
inner join {{ ref('charlson_group') }} as charlson_group
    on coalesce(weighed.score, 0) between charlson_group.score_from and charlson_group.score_to
