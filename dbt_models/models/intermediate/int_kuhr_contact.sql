{%- set exact_first = ["named.match = 'exact'", 'named.rank'] -%}
-- Each tariff is looked up once, not on each of its lines.
with type_of_tariff as (
    select
        delivered.tariff,
        {{ arg_max('named.contact_type', exact_first) }} as contact_type,
        {{ arg_max('named.rank', exact_first) }} as rank
    from (select distinct tariff from {{ ref('stg_kuhr__tariff') }}) as delivered
    inner join {{ ref('tariff_contact_type') }} as named
        on delivered.tariff = named.tariff
            or (
                named.match = 'prefix'
                and left(delivered.tariff, length(named.tariff)) = named.tariff
            )
    group by delivered.tariff
),

type_of_claim as (
    select
        claim_id,
        {{ arg_max('contact_type', 'rank') }} as contact_type
    from {{ ref('stg_kuhr__tariff') }}
    inner join type_of_tariff using (tariff)
    group by claim_id
)

select
    claim_id,
    person_id,
    contact_on,
    service_code,
    coalesce(contact_type, 0) as contact_type
from {{ ref('stg_kuhr__contact') }}
left join type_of_claim using (claim_id)
