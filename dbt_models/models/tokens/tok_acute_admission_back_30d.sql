with dated as (
    {{ each_day(ref('int_acute_admission_span')) | indent(4) }}
)

select
    person_id,
    day
from dated
