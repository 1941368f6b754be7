-- What the register says of the person and the stay is read on the stay that ends the episode and
-- names it (ADR 0004); acuteness is the episode's own.
with episode as (
    select
        index_stay.episode_id,
        index_stay.person_id,
        index_stay.admitted_at,
        index_stay.discharged_at,
        index_stay.period,
        index_stay.discharge_quarter as quarter,
        index_stay.is_acute,
        index_stay.is_alive,
        index_stay.is_followed_30d,
        stay.main_diagnosis,
        stay.discharged_to,
        stay.discharge_ready_date,
        stay.area,
        sex.sex,
        year(index_stay.discharged_at) - stay.birth_year as age,
        stay.death_date,
        index_stay.admitted_at::date as admitted_on,
        index_stay.discharged_at::date as discharged_on,
        -- Not the next episode: a planned one may come between.
        min(case when index_stay.is_acute then index_stay.admitted_at end) over (
            partition by index_stay.person_id
            order by index_stay.admitted_at
            rows between 1 following and unbounded following
        ) as next_acute_at
    from {{ ref('fct_index_stay') }} as index_stay
    inner join {{ ref('fct_stay') }} as stay on index_stay.episode_id = stay.stay_id
    left join {{ ref('sex') }} as sex on stay.sex = sex.code
    where stay.is_linkable
),

acute_day as (
    select distinct
        person_id,
        admitted_on
    from episode
    where is_acute
)

select
    episode.*,
    -- The first on a later day: one on the day of discharge itself may come before it.
    acute_day.admitted_on as next_acute_on,
    coalesce(
        episode.discharged_on + {{ readmission_days() }} < (
            select data_end::date from {{ ref('int_delivered_period') }}
            where register = 'npr'
        ),
        false
    ) as is_followed_30_days
from episode
asof left join acute_day
    on episode.person_id = acute_day.person_id
        and episode.discharged_on < acute_day.admitted_on
