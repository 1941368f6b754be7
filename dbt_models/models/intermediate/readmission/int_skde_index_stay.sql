with flagged as (
    select
        *,
        coalesce(
            next_acute_on < discharged_on + {{ skde_window_days() }}, false
        ) as is_readmitted
    from {{ ref('int_readmission_stay') }}
    where is_alive
        and is_followed_30_days
)

select
    flagged.episode_id,
    flagged.person_id,
    flagged.period,
    flagged.quarter,
    flagged.discharged_on,
    flagged.area,
    age_group.age_group,
    flagged.sex,
    flagged.main_diagnosis,
    if(flagged.is_readmitted, 'readmitted', 'not_readmitted') as atom
from flagged
inner join {{ ref('age_group_75plus') }} as age_group
    on flagged.age between age_group.age_from and age_group.age_to
where flagged.sex is not null
    and (
        flagged.is_readmitted
        or coalesce(flagged.death_date > flagged.discharged_on + {{ skde_death_days() }}, true)
    )
