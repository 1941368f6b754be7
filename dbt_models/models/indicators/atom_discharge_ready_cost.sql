-- The price is the one of the year of discharge. A year without one gives no row: an amount that
-- nobody found is not zero.
with waited as (
    select
        ready.stay_id as unit_id,
        ready.person_id,
        year(ready.discharged_on)::varchar as period,
        ready.area,
        ready.age_group,
        year(ready.discharged_on) || 'Q' || quarter(ready.discharged_on) as quarter,
        'over' as atom,
        least(
            round(least(ready.days_over, {{ most_days_over() }}) * price.amount),
            {{ indicator(model.name).get('amount', {}).get('maximum', 0) }}
        ) as amount
    from {{ ref('int_ready_stay') }} as ready
    inner join {{ ref('price') }} as price
        on price.item = 'discharge_ready_day'
            and price.year = year(ready.discharged_on)
            and price.amount is not null
    where ready.age_group is not null and ready.days_over > 0
)

{{ indicator_rows('waited') }}
