-- A stay of two groups is a unit in each: the unit's name says in which.
with index_stay as (
    select
        stay.episode_id || '/' || member.target_group as unit_id,
        stay.person_id,
        stay.period,
        member.target_group,
        coalesce(sector.area_group, 'outside_sectors') as sector,
        if(
            coalesce(
                stay.next_acute_at <= stay.discharged_at + {{ readmission_window() }}, false
            ),
            'readmitted',
            'not_readmitted'
        ) as atom
    from {{ ref('int_readmission_stay') }} as stay
    inner join {{ ref('int_target_group_stay') }} as member
        on stay.episode_id = member.episode_id and member.event = 'discharge'
    {{ join_sector('stay.area', 'stay.discharged_on') | indent(4) }}
)

{{ indicator_rows('index_stay') }}
