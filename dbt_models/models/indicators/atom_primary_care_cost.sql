-- A unit is what one payer paid for one person's use of one service in a year.
with claimed as (
    select
        person_id,
        year(contact_on)::varchar as period,
        service,
        arg_max_null(age, (contact_on, claim_id)) as age,
        sum(coalesce(refund, 0)) as refund,
        sum(coalesce(patient_share, 0)) as patient_share
    from {{ ref('fct_claim') }}
    where service in (select kind from {{ ref('use_kind_primary') }})
    group by all
),

part as (
    select
        claimed.period || '/' || claimed.service || '/' || payer.atom as unit_id,
        claimed.person_id,
        claimed.period,
        claimed.service,
        age_group.age_group,
        payer.atom,
        least(
            round(if(payer.atom = 'state', claimed.refund, claimed.patient_share)),
            {{ indicator(model.name).get('amount', {}).get('maximum', 0) }}
        ) as amount
    from claimed
    inner join {{ ref('age_group') }} as age_group
        on claimed.age between age_group.age_from and age_group.age_to
    cross join (values ('state'), ('patient')) as payer (atom)
),

paid as (
    select * from part
    where amount > 0
)

{{ indicator_rows('paid') }}
