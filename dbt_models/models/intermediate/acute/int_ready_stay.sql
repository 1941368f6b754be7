-- The next acute admission is looked for among all that follow the discharge, by day: of one day the
-- admissions come first, so that one on the day of discharge does not follow it.
with stay as (
    select
        *,
        admitted_at::date as admitted_on,
        discharged_at::date as discharged_on
    from {{ ref('fct_stay') }}
    where is_linkable
),

moment as (
    select
        person_id,
        admitted_on as day,
        0 as place,
        admitted_on as acute_on,
        null as stay_id
    from stay
    where is_acute
    union all
    select
        person_id,
        discharged_on as day,
        1 as place,
        null as acute_on,
        stay_id
    from stay
    where discharge_ready_date <= discharged_on
),

following as (
    select
        stay_id,
        min(acute_on) over (
            partition by person_id order by day, place
            rows between 1 following and unbounded following
        ) as next_acute_on
    from moment
    qualify stay_id is not null
)

select
    stay.stay_id,
    stay.person_id,
    stay.discharged_on,
    stay.area,
    age_group.age_group,
    (stay.discharged_on - stay.discharge_ready_date)::bigint as days_over,
    {{ is_followed('stay.discharged_on', ready_readmission_days() | int) }}
    and coalesce(stay.state_at_discharge not in (2, 3), true)
    and coalesce(stay.death_date > stay.discharged_on, true) as can_be_readmitted,
    coalesce(
        following.next_acute_on <= stay.discharged_on + {{ ready_readmission_days() }}, false
    ) as is_acute_readmitted
from following
inner join stay using (stay_id)
left join {{ ref('age_group') }} as age_group
    on year(stay.discharged_on) - stay.birth_year between age_group.age_from and age_group.age_to
