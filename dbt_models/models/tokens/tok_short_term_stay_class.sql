with dated as (
    {{ each_day(ref('int_short_term_stay_span')) | indent(4) }}
)

select
    person_id,
    day,
    'days_0_1' as class
from dated
