select
    service_id,
    person_id,
    max_by(coalesce(recoded.new_code, service_code), case when coalesce(recoded.new_code, service_code) is not null then data_year end) as service_code,
    max_by(started_on, case when started_on is not null then data_year end) as started_on,
    -- Not plain arg_max, which passes over the null that says "still running".
    max_by(ended_on, data_year) as ended_on,
    max_by(hours_per_week, data_year) as hours_per_week,
    max_by(municipality_no, data_year) as municipality_no,
    max_by(bydel, data_year) as bydel,
    max_by(sex, data_year) as sex,
    max_by(birth_year, data_year) as birth_year,
    max_by(death_date, data_year) as death_date
from staging.stg_kpr__care
left join seeds.recoded_service as recoded
    on service_code = recoded.old_code and recoded.register = 'kpr-omsorg'
group by service_id, person_id