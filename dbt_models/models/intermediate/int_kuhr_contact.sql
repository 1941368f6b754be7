with {{ type_of_claim(ref('stg_kuhr__tariff')) }}

select
    claim_id,
    person_id,
    contact_on,
    service_code,
    coalesce(contact_type, 0) as contact_type
from {{ ref('stg_kuhr__contact') }}
left join type_of_claim using (claim_id)
