-- An unknown price is empty, and what it would price has no row.
with cost as (
    select
        used.service_key as unit_id,
        used.person_id,
        used.year::varchar as period,
        used.service,
        used.area,
        age_group.age_group,
        'service' as atom,
        round(
            price.nok * case price.unit
                when 'day' then used.own_days
                when 'hour' then used.hours
                when 'contact' then used.contacts
            end
        ) as nok
    from {{ ref('int_service_year') }} as used
    inner join {{ ref('municipal_price') }} as price
        on used.service = price.service and used.year = price.year
    inner join {{ ref('age_group') }} as age_group
        on used.age between age_group.age_from and age_group.age_to
),

bounded as (
    select
        * exclude (nok),
        least(nok, {{ municipal_cost_cap() }}) as amount
    from cost
    where nok > 0
)

{{ indicator_rows('bounded') }}
