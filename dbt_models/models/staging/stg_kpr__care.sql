with resident as (
    {{ with_residence(ref('input_kpr_care')) | indent(4) }}
)

select
    service_id,
    person_id,
    data_year,
    service_code,
    started_on,
    ended_on,
    hours_per_week,
    home_municipality as municipality_no,
    home_bydel as bydel,
    sex,
    {{ plausible_birth_year('birth_year', 'make_date(data_year, 12, 31)') }} as birth_year,
    death_date
from resident
