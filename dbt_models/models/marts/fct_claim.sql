{#- Named here, since dbt parses a model as if it were not incremental. -#}
{% set current = ref('stg_landing__delivery') %}
with
{%- if is_incremental() %}
new_delivery as (
    {{ new_deliveries() | indent(4) }}
),

-- Claims of which anything was delivered since, and those that more than one delivery made.
touched as (
    select claim_id from {{ ref('stg_kuhr__contact') }}
    where delivery_id in (select delivery_id from new_delivery)
    union
    select claim_id from {{ ref('stg_kuhr__diagnosis') }}
    where delivery_id in (select delivery_id from new_delivery)
    union
    select claim_id from {{ ref('stg_kuhr__tariff') }}
    where delivery_id in (select delivery_id from new_delivery)
    union
    select claim_id from {{ this }} where is_split
),
{%- endif %}

contact as (
    select * from {{ ref('stg_kuhr__contact') }} {{ where_touched() }}
),

tariff as (
    select * from {{ ref('stg_kuhr__tariff') }} {{ where_touched() }}
),

{{ type_of_claim('tariff') }},

main_diagnosis as (
    select
        claim_id,
        {{ arg_min('diagnosis', ['coalesce(is_main, 0) = 0', 'code_number', 'diagnosis']) }}
            as main_diagnosis,
        min(delivery_id) as first_delivery,
        max(delivery_id) as last_delivery
    from {{ ref('stg_kuhr__diagnosis') }} {{ where_touched() }}
    group by claim_id
)

select
    contact.claim_id,
    contact.person_id,
    contact.contact_on,
    contact.service_code,
    coalesce(name.service, 'unmapped') as service,
    coalesce(type.contact_type, 0) as contact_type,
    main_diagnosis.main_diagnosis,
    contact.patient_share,
    contact.refund,
    {{ area_of('contact.municipality_no', 'contact.bydel') }} as area,
    contact.sex,
    contact.birth_year,
    (year(contact.contact_on) - contact.birth_year)::bigint as age,
    contact.delivery_id,
    least(type.first_delivery, main_diagnosis.first_delivery, contact.delivery_id)
    != greatest(type.last_delivery, main_diagnosis.last_delivery, contact.delivery_id) as is_split
from contact
left join type_of_claim as type using (claim_id)
left join main_diagnosis using (claim_id)
left join {{ ref('service') }} as name
    on name.register = 'kuhr' and name.service_code = contact.service_code
