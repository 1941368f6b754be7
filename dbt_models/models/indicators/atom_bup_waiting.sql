with accepted as (
    select
        referral_id as unit_id,
        person_id,
        year(received_on)::varchar as period,
        {{ area_of('municipality_no', 'bydel') }} as area,
        year(received_on) - birth_year as age,
        wait_ended_on - received_on as days
    from {{ ref('stg_npr__referral') }}
    inner join {{ ref('referral_decision') }} as decision using (outcome)
    where specialty = {{ bup_specialty() }} and decision.decision = 'accepted'
),

of_a_child as (
    select
        *,
        case
            when days is null then 'not_started'
            when days <= 30 then 'days_0_30'
            when days <= 60 then 'days_31_60'
            when days <= 90 then 'days_61_90'
            else 'days_over_90'
        end as atom
    from accepted
    inner join {{ ref('age_group_child') }} on age between age_from and age_to
    -- The landing quarantines a wait that ended before it began; none may count as short.
    where coalesce(days >= 0, true)
)

{{ indicator_rows('of_a_child') }}
