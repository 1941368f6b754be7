select
    delivery_id,
    format,
    period_from,
    period_to,
    data_end
from landing.delivery
where state = 'current'