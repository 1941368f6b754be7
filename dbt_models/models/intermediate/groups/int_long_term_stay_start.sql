-- Days are clipped to their data year, so a stay that has lasted from an earlier year begins on
-- 1 January there, and its true first day says so.
with of_year as (
    select
        person_id,
        data_year,
        bool_or(year(started_on) < data_year) as lasts_from_before,
        min(started_on) as started_on,
        arg_min_null(area, (started_on, service_id)) as area,
        arg_min_null(age, (started_on, service_id)) as age,
        max(last_day) as last_day
    from {{ ref('int_care_service_year') }}
    where service_code = {{ long_term_stay_code() }}
    group by person_id, data_year
)

select
    of_year.person_id,
    of_year.data_year,
    of_year.data_year::varchar as period,
    of_year.started_on,
    of_year.area,
    of_year.age
from of_year
left join of_year as before
    on of_year.person_id = before.person_id and of_year.data_year = before.data_year + 1
where not of_year.lasts_from_before
    and coalesce(
        before.last_day < of_year.started_on - {{ before_long_term_stay_days() }}, true
    )
    and of_year.started_on - {{ before_long_term_stay_days() }} >= (
        select period_from from {{ ref('int_delivered_period') }}
        where register = 'kpr-omsorg'
    )
