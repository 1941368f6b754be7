with stay as (
    select
        stay.stay_id as unit_id,
        stay.person_id,
        stay.period,
        coalesce(sector.area_group, 'outside_sectors') as sector,
        stay.age_group,
        'acute' as atom,
        least(
            round(stay.full_price), {{ indicator(model.name).get('amount', {}).get('maximum', 0) }}
        ) as amount
    from {{ ref('int_priced_stay') }} as stay
    {{ join_sector('stay.area', 'make_date(stay.period::integer, 12, 31)') | indent(4) }}
    where stay.is_linkable and stay.age_group is not null and stay.is_of_acute_admission
)

{{ indicator_rows('stay') }}
