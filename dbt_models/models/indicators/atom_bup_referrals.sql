with referral as (
    select
        referral_id as unit_id,
        person_id,
        year(received_on)::varchar as period,
        {{ area_of('municipality_no', 'bydel') }} as area,
        year(received_on) - birth_year as age,
        year(received_on) || 'Q' || quarter(received_on) as quarter,
        case
            when outcome is null then 'not_assessed'
            else coalesce(decision.decision, 'other_outcome')
        end as atom
    from {{ ref('stg_npr__referral') }}
    left join {{ ref('referral_decision') }} as decision using (outcome)
    where specialty = {{ bup_specialty() }}
),

of_a_child as (
    select *
    from referral
    inner join {{ ref('age_group_child') }} on age between age_from and age_to
)

{{ indicator_rows('of_a_child') }}
