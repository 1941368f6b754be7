-- Each tariff is looked up once, not on each of its lines.
with type_of_tariff as (
    select
        delivered.tariff,
        max_by(named.contact_type, case when named.contact_type is not null then struct(named.match = 'exact' is null, named.match = 'exact', named.rank is null, named.rank) end) as contact_type,
        max_by(named.rank, case when named.rank is not null then struct(named.match = 'exact' is null, named.match = 'exact', named.rank is null, named.rank) end) as rank
    from (select distinct tariff from staging.stg_kuhr__tariff) as delivered
    inner join seeds.tariff_contact_type as named
        on delivered.tariff = named.tariff
        or (named.match = 'prefix' and left(delivered.tariff, length(named.tariff)) = named.tariff)
    group by delivered.tariff
),

type_of_claim as (
    select
        claim_id,
        max_by(contact_type, case when contact_type is not null then rank end) as contact_type
    from staging.stg_kuhr__tariff
    inner join type_of_tariff using (tariff)
    group by claim_id
)

select
    claim_id,
    person_id,
    contact_on,
    service_code,
    coalesce(contact_type, 0) as contact_type
from staging.stg_kuhr__contact
left join type_of_claim using (claim_id)