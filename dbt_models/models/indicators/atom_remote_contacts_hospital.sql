with contact as (
    select
        contact.stay_id as unit_id,
        contact.person_id,
        year(contact.admitted_at)::varchar as period,
        contact.area,
        age_group.age_group,
        year(contact.admitted_at) || 'Q' || quarter(contact.admitted_at) as quarter,
        coalesce(contact_form.form, 'other_form') as atom
    from {{ ref('fct_hospital_contact') }} as contact
    inner join {{ ref('age_group') }} as age_group
        on contact.age between age_group.age_from and age_group.age_to
    left join {{ ref('contact_form') }} as contact_form using (contact_type)
    where contact.care_level = 3 and contact.is_linkable
)

{{ indicator_rows('contact') }}
