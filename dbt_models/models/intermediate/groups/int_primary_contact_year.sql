-- Kinds of contact: 3 consultation, 4 home visit (seed tariff_contact_type). A day at legevakt counts
-- whatever was done.
select
    person_id,
    year(contact_on) as year,
    service,
    count(distinct contact_on) as days
from {{ ref('fct_claim') }}
where service in (select service from {{ ref('contact_service') }})
    and (service != 'gp' or contact_type in (3, 4))
group by all
