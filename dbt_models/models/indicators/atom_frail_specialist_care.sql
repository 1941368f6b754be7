with frail as (
    select person_id, period
    from {{ ref('int_frailty_score') }}
    where frailty_risk in ('intermediate', 'high')
),

contact as (
    select
        stay_id as unit_id,
        person_id,
        year(discharged_at)::varchar as period,
        area,
        year(discharged_at) - birth_year as age,
        case
            when care_level = 1 and is_acute then 'acute_stay'
            when care_level = 1 then 'planned_stay'
            when care_level = 2 then 'day_care'
            else 'outpatient'
        end as atom
    from {{ ref('fct_hospital_contact') }}
    where is_linkable
),

of_the_frail as (
    select
        contact.unit_id,
        contact.person_id,
        contact.period,
        contact.area,
        age_group.age_group,
        contact.atom
    from contact
    inner join frail using (person_id, period)
    inner join {{ ref('age_group_old') }} as age_group
        on contact.age between age_group.age_from and age_group.age_to
)

{{ indicator_rows('of_the_frail') }}
