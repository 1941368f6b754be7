with {{ type_of_claim(ref('stg_kuhr__tariff')) }}

select
    contact.*,
    coalesce(type_of_claim.contact_type, 0) as contact_type
from {{ ref('stg_kuhr__contact') }} as contact
left join type_of_claim using (claim_id)
