select
    person_id,
    year(contact_on) as year,
    service as kind,
    contact_on as began,
    claim_id as contact_key,
    area,
    birth_year
from {{ ref('fct_claim') }}
where service in (select kind from {{ ref('use_kind_primary') }})
