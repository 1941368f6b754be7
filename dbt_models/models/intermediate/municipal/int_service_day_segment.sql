with run as (
    select
        *,
        1::bigint as weight
    from {{ ref('int_service_run') }}
),

days as (
    {{ window_stretches('run') | indent(4) }}
)

select
    person_id,
    service,
    day_from,
    day_to,
    amount::integer as service_days,
    slope::integer as slope
from days
