-- What the admission is counted by (area, age, diagnosis, sector) is of the stay that begins it: that
-- stay is of the period, a later part of the chain may not be (ADR 0004).
with chained as (
    select
        arg_min(stay_id, (admitted_at, stay_id)) as first_stay_id,
        arg_max(stay_id, (discharged_at, stay_id)) as episode_id
    from {{ ref('int_stay_chain') }}
    where chain_number is not null
    group by person_id, chain_number
    having bool_or(is_acute)
),

admission as (
    select
        first_stay_id,
        episode_id
    from chained
    union all
    select
        stay_id as first_stay_id,
        stay_id as episode_id
    from {{ ref('int_stay_chain') }}
    where chain_number is null and is_acute
)

select
    admission.episode_id,
    stay.person_id,
    stay.is_linkable,
    stay.admitted_at::date as admitted_on,
    {{ is_somatic('stay.sector') }} as is_somatic,
    stay.main_diagnosis,
    stay.area,
    stay.birth_year,
    stay.age_group
from admission
inner join {{ ref('fct_stay') }} as stay on stay.stay_id = admission.first_stay_id
