with main_diagnosis as (
    select
        claim_id,
        -- The main one, else the first by number; as one number, which compares faster than a pair.
        arg_min(
            diagnosis,
            if(coalesce(is_main, 0) = 0, 10000000000, 0) + coalesce(code_number, 9999999999)
        ) as main_diagnosis
    from {{ ref('stg_kuhr__diagnosis') }}
    group by claim_id
)

select
    contact.claim_id,
    contact.person_id,
    contact.contact_on,
    contact.service_code,
    coalesce(name.service, 'unmapped') as service,
    contact.contact_type,
    main_diagnosis.main_diagnosis,
    contact.patient_share,
    contact.refund,
    {{ area_of('contact.municipality_no', 'contact.bydel') }} as area,
    contact.sex,
    contact.birth_year,
    year(contact.contact_on) - contact.birth_year as age
from {{ ref('int_kuhr_contact') }} as contact
left join main_diagnosis using (claim_id)
left join {{ ref('service') }} as name
    on name.register = 'kuhr' and name.service_code = contact.service_code
