with service as (
    select
        claim_id as service_id,
        person_id,
        'kuhr' as register,
        service_code,
        contact_on as started_on,
        contact_on as ended_on
    from staging.stg_kuhr__contact
    union all
    select
        service_id,
        person_id,
        'kpr-omsorg' as register,
        service_code,
        started_on,
        ended_on
    from intermediate.int_care_service
)

select
    service.service_id,
    service.person_id,
    service.register,
    service.service_code,
    coalesce(name.service, 'unmapped') as service,
    service.started_on,
    service.ended_on
from service
left join seeds.service as name using (register, service_code)