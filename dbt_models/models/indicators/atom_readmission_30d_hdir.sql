with index_stay as (
    select
        stay.episode_id as unit_id,
        stay.person_id,
        stay.period,
        age_group.age_group,
        stay.sex,
        stay.quarter,
        if(
            coalesce(stay.next_acute_on <= stay.discharged_on + {{ readmission_days() }}, false),
            'readmitted',
            'not_readmitted'
        ) as atom
    from {{ ref('int_readmission_stay') }} as stay
    inner join {{ ref('age_group') }} as age_group
        on stay.age between age_group.age_from and age_group.age_to
    where stay.is_alive
        and stay.is_followed_30_days
        and stay.sex is not null
        and stay.discharge_ready_date is not null
)

{{ indicator_rows('index_stay') }}
