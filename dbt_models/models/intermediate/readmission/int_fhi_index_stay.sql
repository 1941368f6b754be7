select
    stay.episode_id,
    stay.person_id,
    stay.period,
    stay.discharged_on,
    stay.area,
    age_group.age_group,
    stay.sex,
    diagnosis.diagnosis_group,
    -- The lower bound, more than 8 h, needs no condition: nearer ones are the same episode.
    if(
        coalesce(
            stay.next_acute_at <= stay.discharged_at + {{ readmission_window() }}, false
        ),
        'readmitted',
        'not_readmitted'
    ) as atom
from {{ ref('int_readmission_stay') }} as stay
inner join {{ ref('int_readmission_diagnosis') }} as diagnosis using (main_diagnosis)
inner join {{ ref('age_group_67plus') }} as age_group
    on stay.age between age_group.age_from and age_group.age_to
where stay.is_alive
    and stay.is_followed_30d
    and stay.sex is not null
    and diagnosis.diagnosis_group is not null
