-- A person lies in one bed a night: of several stays in an institution on one day the dearest counts.
select
    used.person_id,
    used.day,
    round(
        coalesce(max(price.amount) filter (where price.is_bed_day), 0)
        + coalesce(sum(price.amount) filter (where not price.is_bed_day), 0)
    )::bigint as cost
from {{ ref('fct_service_day') }} as used
inner join {{ ref('municipal_price') }} as price
    on price.service = used.service
    and price.amount > 0
    and {{ is_valid_on('price', 'used.day') }}
group by used.person_id, used.day
