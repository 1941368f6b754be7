select
    start.person_id,
    start.started_on as day,
    start.period,
    age_group.age_group
from {{ ref('int_long_term_stay_start') }} as start
inner join {{ ref('age_group_old') }} as age_group
    on start.age between age_group.age_from and age_group.age_to
