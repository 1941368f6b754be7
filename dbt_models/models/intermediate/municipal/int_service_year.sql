with granted as (
    select
        {{ key_within_person('care.person_id', 'care.service_id') }} as service_key,
        care.person_id,
        care.service,
        greatest(care.started_on, delivered.period_from) as first_day,
        least(care.ended_on, care.death_date, delivered.period_to) as last_day,
        care.hours_per_week,
        care.area,
        care.birth_year
    from {{ ref('fct_care_service') }} as care
    inner join {{ ref('int_delivered_period') }} as delivered on delivered.register = 'kpr-omsorg'
    where care.service in (select service from {{ ref('priced_service') }})
        and coalesce(care.started_on <= least(care.ended_on, care.death_date), true)
),

apart as (
    select
        *,
        -- Two services of the same name on one day are one day.
        greatest(
            first_day,
            max(last_day) over (
                partition by person_id, service
                order by first_day, service_key
                rows between unbounded preceding and 1 preceding
            ) + 1
        ) as first_own_day
    from granted
    where first_day <= last_day
),

service_year as (
    select
        *,
        unnest(range(year(first_day), year(last_day) + 1)) as year
    from apart
)

select
    service_key,
    person_id,
    service,
    year::integer as year,
    area,
    year - birth_year as age,
    greatest(
        least(last_day, make_date(year, 12, 31))
        - greatest(first_own_day, make_date(year, 1, 1))
        + 1,
        0
    ) as own_days,
    hours_per_week / 7
    * (least(last_day, make_date(year, 12, 31)) - greatest(first_day, make_date(year, 1, 1)) + 1)
        as hours,
    null::bigint as contacts
from service_year
union all
select
    claim_id,
    person_id,
    service,
    year(contact_on)::integer,
    area,
    age,
    null,
    null,
    1
from {{ ref('fct_claim') }}
where service in (select service from {{ ref('priced_service') }})
