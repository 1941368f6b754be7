with patient as (
    select
        period as unit_id,
        person_id,
        period,
        area,
        age_group,
        frailty_risk as atom
    from {{ ref('int_frailty_score') }}
    inner join {{ ref('age_group_old') }} on age between age_from and age_to
)

{{ indicator_rows('patient') }}
