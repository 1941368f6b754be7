select
    claim_id as service_id,
    person_id,
    'kuhr' as register,
    service_code,
    service,
    contact_on as started_on,
    contact_on as ended_on
from {{ ref('fct_claim') }}
union all
select
    service_id,
    person_id,
    'kpr-omsorg' as register,
    service_code,
    service,
    started_on,
    ended_on
from {{ ref('fct_care_service') }}
