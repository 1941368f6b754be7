with not_readmitted_here as (
    select
        person_id,
        day,
        sector as bucket
    from {{ ref('int_discharge_day') }}
    where not is_readmitted_here
)

select
    person_id,
    day,
    bucket,
    {{ is_discharge_day_kept() }} as is_counted
from not_readmitted_here
