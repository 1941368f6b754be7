-- Kinds of contact: 3 consultation, 4 home visit (seed tariff_contact_type).
with contact as (
    select distinct
        person_id,
        contact_on as event_on
    from {{ ref('fct_claim') }}
    where service = 'gp'
        and contact_type in (3, 4)
)

{{ days_before('contact', 'gp_contact', nearest=1, register='kuhr') }}
