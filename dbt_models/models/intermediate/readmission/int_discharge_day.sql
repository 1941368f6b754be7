-- The last discharge of a day speaks for the day: whoever came back and died on it is not discharged.
with last_of_day as (
    select *
    from {{ ref('int_readmission_stay') }}
    qualify row_number() over (
            partition by person_id, discharged_on order by discharged_at desc, episode_id desc
        ) = 1
)

select
    last_of_day.episode_id,
    last_of_day.person_id,
    last_of_day.discharged_on as day,
    last_of_day.period,
    last_of_day.area,
    coalesce(sector.area_group, 'outside_sectors') as sector,
    coalesce(destination.destination = 'home', false) as is_home,
    coalesce(
        last_of_day.next_acute_on <= last_of_day.discharged_on + {{ readmission_days() }}, false
    ) as is_readmitted_here
from last_of_day
left join {{ ref('discharge_destination') }} as destination using (discharged_to)
left join {{ ref('area_group') }} as sector
    on last_of_day.area = sector.area
        and starts_with(sector.area_group, 'sector_')
        and year(last_of_day.discharged_on)
        between coalesce(sector.year_from, 0) and coalesce(sector.year_to, 9999)
where last_of_day.is_alive
    and last_of_day.is_followed_30_days
    and coalesce(destination.destination != 'transfer', true)
