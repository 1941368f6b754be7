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

span as (
    select
        stretch.person_id,
        event_class.event as service,
        event_class.class,
        greatest(
            stretch.admitted_on + 1,
            -- While the stay lasts, and on its last day, no day has passed since.
            case
                when event_class.day_from > 0
                    then stretch.last_day_in_hospital + event_class.day_from
            end
        ) as day_from,
        least(
            stretch.next_admitted_on,
            stretch.last_day_in_hospital + event_class.day_to,
            delivered.period_to
        ) as day_to
    from stretch
    inner join {{ ref('event_class') }} as event_class on event_class.event = 'hospital_stay'
    inner join {{ ref('int_delivered_period') }} as delivered on delivered.register = 'npr'
)

select
    person_id,
    service,
    class,
    day_from,
    day_to
from span
where day_from <= day_to
