select
    used.person_id,
    make_date(used.year::integer, 1, 1) as day,
    band.class
from {{ ref('int_primary_contact_year') }} as used
inner join {{ ref('contact_band') }} as band on used.days between band.days_from and band.days_to
where used.service = 'legevakt'
