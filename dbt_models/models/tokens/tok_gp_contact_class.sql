with dated as (
    {{ each_day(ref('int_gp_contact_span')) | indent(4) }}
)

select
    person_id,
    day,
    case
        when event_on - day <= 7 then 'days_1_7'
        when event_on - day <= 14 then 'days_8_14'
        else 'days_15_30'
    end as class
from dated
