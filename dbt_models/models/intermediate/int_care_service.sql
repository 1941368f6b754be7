select
    service_id,
    person_id,
    {{ arg_max('coalesce(recoded.new_code, service_code)', 'data_year') }} as service_code,
    {{ arg_max('started_on', 'data_year') }} as started_on,
    -- Not plain arg_max, which passes over the null that says "still running".
    {{ arg_max_null('ended_on', 'data_year') }} as ended_on,
    {{ arg_max_null('hours_per_week', 'data_year') }} as hours_per_week,
    {{ arg_max_null('municipality_no', 'data_year') }} as municipality_no,
    {{ arg_max_null('bydel', 'data_year') }} as bydel,
    {{ arg_max_null('sex', 'data_year') }} as sex,
    {{ arg_max_null('birth_year', 'data_year') }} as birth_year,
    {{ arg_max_null('death_date', 'data_year') }} as death_date,
    max(data_year) as last_data_year
from {{ ref('stg_kpr__care') }}
left join {{ ref('recoded_service') }} as recoded
    on service_code = recoded.old_code and recoded.register = 'kpr-omsorg'
group by service_id, person_id
