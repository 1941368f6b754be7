select
    person_id,
    {{ days_of_span('day_from', 'day_to') }} as day,
    service,
    class
from {{ ref('int_service_band_span') }}
