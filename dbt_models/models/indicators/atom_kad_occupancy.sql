-- Only months whose beds were delivered: without them there is nothing to divide by.
with stay_month as (
    select
        stay.stay_id as unit_id,
        stay.person_id,
        year(stay.first_of_month)::varchar as period,
        strftime(stay.first_of_month, '%Y-%m') as month,
        'stay' as atom,
        stay.bed_days as amount
    from {{ ref('int_kad_month') }} as stay
    inner join {{ ref('int_kad_capacity') }} using (first_of_month)
)

{{ indicator_rows('stay_month') }}
