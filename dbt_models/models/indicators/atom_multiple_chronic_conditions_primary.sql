with in_age_group as (
    select
        year::varchar as unit_id,
        person_id,
        year::varchar as period,
        age_group.age_group,
        area,
        case
            when conditions = 1 then 'one' when conditions = 2 then 'two' else 'three_or_more'
        end as atom
    from {{ ref('int_chronic_claim_patient') }}
    inner join {{ ref('age_group') }} as age_group
        on age between age_group.age_from and age_group.age_to
)

{{ indicator_rows('in_age_group') }}
