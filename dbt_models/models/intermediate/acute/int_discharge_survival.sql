-- The stay that ends the episode has its number, and what the register says of the death. A death on
-- the day of discharge came after it only where the patient is stated to have left alive.
select
    episode.episode_id,
    episode.person_id,
    year(episode.discharged_at)::varchar as period,
    year(episode.discharged_at) || 'Q' || quarter(episode.discharged_at) as quarter,
    episode.discharged_at::date as discharged_on,
    last_stay.area,
    age_group.age_group,
    sex.sex,
    last_stay.main_diagnosis,
    if(
        coalesce(
            episode.death_date <= episode.discharged_at::date + {{ death_window_days() }}, false
        ),
        'died',
        'survived'
    ) as atom
from {{ ref('fct_episode') }} as episode
inner join {{ ref('int_acute_discharge') }} using (episode_id)
inner join {{ ref('fct_stay') }} as last_stay on last_stay.stay_id = episode.episode_id
inner join {{ ref('age_group') }} as age_group
    on year(episode.discharged_at) - episode.birth_year
        between age_group.age_from and age_group.age_to
left join {{ ref('sex') }} as sex on last_stay.sex = sex.code
where episode.is_linkable
    and not episode.is_dead_at_discharge
    and coalesce(
        episode.death_date > episode.discharged_at::date
        or (
            episode.death_date = episode.discharged_at::date
            and last_stay.state_at_discharge = 1
        ),
        episode.death_date is null
    )
    and {{ is_followed('episode.discharged_at::date', death_window_days() | int) }}
