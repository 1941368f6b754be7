select distinct
    person_id,
    make_date(year::integer, 1, 1) as day,
    'primary' as service,
    'user' as class
from {{ ref('int_primary_use') }}
union all
select distinct
    person_id,
    make_date(year::integer, 1, 1) as day,
    'care' as service,
    'user' as class
from {{ ref('int_care_use') }}
