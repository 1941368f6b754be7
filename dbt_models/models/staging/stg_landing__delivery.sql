select
    delivery_id,
    format,
    period_from,
    period_to,
    data_end
from {{ source('landing', 'delivery') }}
where state = 'current'
