-- A person lies in one bed a night: of several stays in an institution on one day the dearest counts.
select
    used.person_id,
    used.day,
    round(
        coalesce(max(price.nok) filter (where kind.is_bed_day), 0)
        + coalesce(sum(price.nok) filter (where not kind.is_bed_day), 0)
    )::bigint as cost
from {{ ref('fct_service_day') }} as used
inner join {{ ref('municipal_price') }} as price
    on price.service = used.service
        and price.year = year(used.day)
        and price.unit = 'day'
        and price.nok > 0
inner join {{ ref('priced_service') }} as kind on kind.service = used.service
group by used.person_id, used.day
