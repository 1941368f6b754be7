select
    stay.*,
    map.hospital_trust as catchment_trust
from {{ ref('int_inpatient_stay') }} as stay
left join {{ ref('bydel_sector') }} as map
    on stay.bydel = map.bydel
        and {{ catchment_sector('stay.sector') }} = map.sector
        and {{ is_valid_on('map', 'stay.admitted_at::date') }}
