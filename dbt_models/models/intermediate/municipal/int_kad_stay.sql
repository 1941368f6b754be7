-- Attributes are those of the service that begins the stay, and of no other (ADR 0004).
with service as (
    select
        {{ key_within_person('person_id', 'service_id') }} as service_key,
        person_id,
        started_on,
        -- A service still running ends with the calendar, until the chains are made.
        coalesce(least(ended_on, death_date), date '9999-12-31') as stopped_on,
        coalesce(death_date <= coalesce(ended_on, death_date), false) as is_ended_by_death,
        -- One that was never ended holds others back to the end of the year after its last report,
        -- no longer: a release is charged for no older record (ADR 0004).
        make_date(last_data_year + 1, 12, 31) as reaches_to,
        area,
        birth_year
    from {{ ref('fct_care_service') }}
    where service = 'municipal_acute_stay'
        and started_on <= coalesce(least(ended_on, death_date), date '9999-12-31')
),

link as (
    select
        *,
        coalesce(
            started_on > max(least(stopped_on, reaches_to)) over (
                by_day rows between unbounded preceding and 1 preceding
            ),
            true
        ) as starts_stay
    from service
    window by_day as (partition by person_id order by started_on, service_key)
),

chain as (
    select
        *,
        sum(starts_stay::int) over (
            partition by person_id
            order by started_on, service_key
            rows between unbounded preceding and current row
        ) as stay_number
    from link
),

stay as (
    select
        arg_min(service_key, (started_on, service_key)) as stay_id,
        person_id,
        min(started_on) as started_on,
        nullif(max(stopped_on), date '9999-12-31') as stopped_on,
        arg_max(is_ended_by_death, (stopped_on, service_key)) as is_ended_by_death,
        arg_min(area, (started_on, service_key)) as area,
        arg_min_null(birth_year, (started_on, service_key)) as birth_year
    from chain
    group by person_id, stay_number
)

select
    stay.stay_id,
    stay.person_id,
    stay.started_on,
    stay.stopped_on,
    stay.is_ended_by_death,
    stay.area,
    stay.birth_year,
    age_group.age_group,
    delivered.period_from,
    delivered.period_to
from stay
inner join {{ ref('int_delivered_period') }} as delivered on delivered.register = 'kpr-omsorg'
left join {{ ref('age_group') }} as age_group
    on year(stay.started_on) - stay.birth_year between age_group.age_from and age_group.age_to
