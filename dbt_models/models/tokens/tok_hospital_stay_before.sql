-- A day's class is its distance from the last day in hospital, of stays that began before it. From
-- one admission to the next that last day is the greatest so far: a short stay may lie inside a
-- long one. So each day belongs to one stretch, and no days are compared with stays.
with stay as (
    select
        person_id,
        admitted_at::date as admitted_on,
        max(discharged_at::date) as discharged_on
    from {{ ref('fct_stay') }}
    where is_linkable and year(discharged_at) + 1 - birth_year >= {{ frail_age_from() }}
    group by person_id, admitted_at::date
),

stretch as (
    select
        person_id,
        admitted_on,
        max(discharged_on) over by_admission as last_day_in_hospital,
        lead(admitted_on) over by_admission as next_admitted_on
    from stay
    window by_admission as (partition by person_id order by admitted_on)
),

person_day as (
    select
        person_id,
        last_day_in_hospital,
        unnest(
            generate_series(
                (admitted_on + 1)::timestamp,
                least(
                    next_admitted_on,
                    last_day_in_hospital + {{ before_long_term_stay_days() }},
                    (
                        select period_to
                        from {{ ref('int_delivered_period') }}
                        where register = 'npr'
                    )
                )::timestamp,
                interval 1 day
            )
        )::date as day
    from stretch
)

select
    person_id,
    day,
    case
        when day - last_day_in_hospital <= 30 then 'days_0_30'
        when day - last_day_in_hospital <= 90 then 'days_31_90'
        else 'days_91_365'
    end as days_since_hospital
from person_day
