select
    episode_id,
    person_id,
    sent_on
from landing.discharge_letter
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)