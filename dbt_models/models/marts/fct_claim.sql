{%- set main_first = ['coalesce(is_main, 0) = 0', 'code_number', 'diagnosis'] -%}
with main_diagnosis as (
    select
        claim_id,
        {{ arg_min('diagnosis', main_first) }} as main_diagnosis
    from {{ ref('stg_kuhr__diagnosis') }}
    group by claim_id
)

select
    contact.claim_id,
    contact.person_id,
    contact.contact_on,
    contact.service_code,
    coalesce(name.service, 'unmapped') as service,
    type.contact_type,
    main_diagnosis.main_diagnosis,
    contact.patient_share,
    contact.refund,
    {{ area_of('contact.municipality_no', 'contact.bydel') }} as area,
    contact.sex,
    contact.birth_year,
    (year(contact.contact_on) - contact.birth_year)::bigint as age
from {{ ref('stg_kuhr__contact') }} as contact
inner join {{ ref('int_kuhr_contact') }} as type using (claim_id)
left join main_diagnosis using (claim_id)
left join {{ ref('service') }} as name
    on name.register = 'kuhr' and name.service_code = contact.service_code
