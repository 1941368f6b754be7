with admission as (
    select
        person_id,
        admitted_at,
        episode_id,
        admitted_on as day,
        birth_year,
        area
    from {{ ref('int_acute_admission') }}
    where is_linkable
),

bucketed as (
    {{ with_bucket('admission') | indent(4) }}
)

select
    person_id,
    day,
    bucket
from bucketed
qualify row_number() over (partition by person_id, day order by admitted_at, episode_id) = 1
