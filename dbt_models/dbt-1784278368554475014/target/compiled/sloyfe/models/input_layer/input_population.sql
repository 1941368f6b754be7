select
    data_year,
    municipality_no,
    bydel,
    age,
    sex,
    persons
from landing.population
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)