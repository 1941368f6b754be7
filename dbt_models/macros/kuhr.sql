{#- What kind of contact each claim was, by its tariffs: two CTEs, the last of them type_of_claim, from a
    relation like stg_kuhr__tariff. Each tariff is looked up once, not on each of its lines. -#}
{% macro type_of_claim(tariffs) -%}
type_of_tariff as (
    select
        delivered.tariff,
        {{ arg_max('named.contact_type', ["named.match = 'exact'", 'named.rank']) }} as contact_type,
        {{ arg_max('named.rank', ["named.match = 'exact'", 'named.rank']) }} as rank
    from (select distinct tariff from {{ tariffs }}) as delivered
    inner join {{ ref('tariff_contact_type') }} as named
        on delivered.tariff = named.tariff
        or (named.match = 'prefix' and left(delivered.tariff, length(named.tariff)) = named.tariff)
    group by delivered.tariff
),

type_of_claim as (
    select
        claim_id,
        {{ arg_max('contact_type', 'rank') }} as contact_type,
        min(delivery_id) as first_delivery,
        max(delivery_id) as last_delivery
    from {{ tariffs }}
    inner join type_of_tariff using (tariff)
    group by claim_id
)
{%- endmacro %}
