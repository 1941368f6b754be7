-- Who somebody was when it happened, not what the rest of the year showed: else a readmission would put
-- its own patient into the group.
with happened as (
    select
        'discharge' as event,
        episode_id,
        person_id,
        discharged_on as until_day,
        age
    from {{ ref('int_readmission_stay') }}
    where is_alive and is_followed_30d
    union all
    select
        'admission' as event,
        episode_id,
        person_id,
        admitted_on - 1 as until_day,
        year(admitted_on) - birth_year as age
    from {{ ref('int_acute_admission') }}
    where is_linkable
),

member as (
    select
        event,
        episode_id,
        'children_young' as target_group
    from happened
    where age between 0 and {{ child_age_to() }}
    union all
    select distinct
        happened.event,
        happened.episode_id,
        'severe_mental_substance' as target_group
    from happened
    inner join {{ ref('int_mental_illness_day') }} as earlier
        on happened.person_id = earlier.person_id
            and earlier.ended_on
            between happened.until_day - {{ target_group_days() }} and happened.until_day
    union all
    select
        happened.event,
        happened.episode_id,
        'multiple_chronic' as target_group
    from happened
    inner join {{ ref('int_chronic_day') }} as earlier
        on happened.person_id = earlier.person_id
            and earlier.ended_on
            between happened.until_day - {{ target_group_days() }} and happened.until_day
    group by happened.event, happened.episode_id
    having count(distinct earlier.condition) >= {{ multiple_conditions() }}
    union all
    select
        event,
        episode_id,
        'frail_elderly' as target_group
    from (
        select distinct
            happened.event,
            happened.episode_id,
            earlier.code,
            earlier.weight
        from happened
        inner join {{ ref('int_frailty_code') }} as earlier
            on happened.person_id = earlier.person_id
                and earlier.discharged_on > happened.until_day - {{ frailty_look_back() }}
                and earlier.discharged_on <= happened.until_day
        where happened.age >= {{ frail_age_from() }}
    )
    group by event, episode_id
    having {{ frailty_band('sum(weight)') }} != 'low'
)

select
    event,
    episode_id,
    target_group
from member
