-- A year that neither reported the service nor came after one that did is none of use: else a service
-- that was never ended would decide years that are not charged for its record (ADR 0004).
with service as (
    select
        care.person_id,
        care.service as kind,
        care.started_on as began,
        {{ key_within_person('care.person_id', 'care.service_id') }} as contact_key,
        care.area,
        care.birth_year,
        greatest(care.started_on, delivered.period_from) as first_day,
        least(
            care.ended_on,
            care.death_date,
            make_date(care.last_data_year + 1, 12, 31),
            delivered.period_to
        ) as last_day
    from {{ ref('fct_care_service') }} as care
    inner join {{ ref('int_delivered_period') }} as delivered on delivered.register = 'kpr-omsorg'
    where care.service in (select kind from {{ ref('use_kind_care') }})
        and coalesce(care.started_on <= least(care.ended_on, care.death_date), true)
)

select
    person_id,
    unnest(range(year(first_day), year(last_day) + 1)) as year,
    kind,
    began,
    contact_key,
    area,
    birth_year
from service
where first_day <= last_day
