-- Simple contacts, consultations and home visits; not work across professions, nor what has no kind.
with contact as (
    select
        claim.claim_id as unit_id,
        claim.person_id,
        year(claim.contact_on)::varchar as period,
        claim.area,
        age_group.age_group,
        year(claim.contact_on) || 'Q' || quarter(claim.contact_on) as quarter,
        coalesce(claim_form.form, 'other_form') as atom
    from {{ ref('fct_claim') }} as claim
    inner join {{ ref('age_group') }} as age_group
        on claim.age between age_group.age_from and age_group.age_to
    left join {{ ref('int_claim_form') }} as claim_form using (claim_id)
    where claim.service = 'gp' and claim.contact_type in (2, 3, 4)
)

{{ indicator_rows('contact') }}
