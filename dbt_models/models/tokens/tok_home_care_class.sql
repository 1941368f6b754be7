with dated as (
    {{ each_day(ref('int_home_care_span')) | indent(4) }}
)

select
    person_id,
    day,
    if(event_on - day <= 3, 'days_0_3', 'days_4_7') as class
from dated
