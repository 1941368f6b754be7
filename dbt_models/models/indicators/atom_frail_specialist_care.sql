with frail as (
    select
        person_id,
        period,
        area,
        age
    from {{ ref('int_frailty_score') }}
    where frailty_risk in ('intermediate', 'high')
),

contact as (
    select
        person_id,
        year(discharged_at)::varchar as period,
        case
            when care_level = 1 and is_acute then 'acute_stay'
            when care_level = 1 then 'planned_stay'
            when care_level = 2 then 'day_care'
            else 'outpatient'
        end as contact_kind
    from {{ ref('fct_hospital_contact') }}
    where is_linkable
),

used as (
    select
        person_id,
        period,
        contact_kind,
        count(*) as contacts
    from contact
    group by all
),

of_the_frail as (
    select
        period || '/' || contact_kind as unit_id,
        person_id,
        period,
        frail.area,
        age_group.age_group,
        used.contact_kind,
        case
            when used.contacts = 1 then 'one'
            when used.contacts = 2 then 'two'
            when used.contacts <= 5 then 'three_to_five'
            else 'six_or_more'
        end as atom
    from used
    inner join frail using (person_id, period)
    inner join {{ ref('age_group_old') }} as age_group
        on frail.age between age_group.age_from and age_group.age_to
)

{{ indicator_rows('of_the_frail') }}
