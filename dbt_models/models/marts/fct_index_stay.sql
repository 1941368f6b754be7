with episode as (
    select
        *,
        discharged_at::date as discharged_on,
        year(discharged_at) - birth_year as age,
        lead(episode_id) over by_admission as next_episode_id,
        lead(admitted_at) over by_admission as next_admitted_at,
        lead(is_acute) over by_admission as next_is_acute
    from {{ ref('fct_episode') }}
    window by_admission as (
        partition by person_id, case when not is_linkable then episode_id end
        order by admitted_at
    )
),

flagged as (
    select
        episode.*,
        age_group.age_group,
        not is_dead_at_discharge and coalesce(death_date > discharged_on, true) as is_alive,
        coalesce(
            discharged_at + {{ readmission_window() }} <= (
                select data_end from {{ ref('int_delivered_period') }}
                where register = 'npr'
            ),
            false
        ) as is_followed_30d,
        case
            when not is_linkable then 'unlinkable_person'
            when age_group.age_group is null then 'unknown_age'
        end as exclusion,
        -- The lower bound, more than 8 h, needs no condition: nearer ones are the same episode.
        coalesce(
            next_admitted_at <= discharged_at + {{ readmission_window() }}, false
        ) as is_readmitted_30d_same_site
    from episode
    left join {{ ref('age_group') }} as age_group
        on episode.age between age_group.age_from and age_group.age_to
)

select
    episode_id,
    person_id,
    admitted_at,
    discharged_at,
    {{ as_text('year(discharged_at)') }} as period,
    year(discharged_at) || 'Q' || quarter(discharged_at) as discharge_quarter,
    age_group,
    is_acute,
    is_alive,
    is_followed_30d,
    exclusion,
    is_alive and is_followed_30d and exclusion is null as is_index,
    next_episode_id,
    is_readmitted_30d_same_site,
    is_readmitted_30d_same_site and next_is_acute as is_acute_readmitted_30d_same_site
from flagged
