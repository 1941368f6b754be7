-- Expanded backwards from each admission, to the day after the one before it at the earliest: a day has
-- the class of the next admission.
with admission as (
    select distinct
        person_id,
        admitted_at::date as admitted_on
    from {{ ref('fct_episode') }}
    where is_acute and is_linkable
),

span as (
    select
        person_id,
        admitted_on,
        greatest(
            admitted_on - {{ onward_days() }},
            lag(admitted_on) over (partition by person_id order by admitted_on) + 1
        ) as day_from
    from admission
),

token as (
    select
        person_id,
        admitted_on,
        {{ days_of_span('day_from', 'admitted_on') }} as day
    from span
)

select
    person_id,
    day,
    if(day = admitted_on, '0', '1-3') as class
from token
