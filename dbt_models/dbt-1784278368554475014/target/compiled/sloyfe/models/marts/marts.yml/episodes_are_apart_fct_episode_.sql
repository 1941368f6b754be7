
select 1
from marts.fct_episode
where is_linkable
qualify admitted_at <= max(discharged_at) over (
    partition by person_id
    order by admitted_at, episode_id
    rows between unbounded preceding and 1 preceding
) + interval 8 hours
