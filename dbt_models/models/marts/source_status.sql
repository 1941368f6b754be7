-- A table that its register must hold is delivered with any current delivery of the register, even
-- an empty one; a part that may be missing only where a current delivery has rows of it. So is a
-- table that another format was mapped to.
{% set landing_tables = [
    'bed_capacity', 'collaboration_activity', 'discharge_letter', 'kpr_care', 'kpr_function',
    'kuhr_claim', 'kuhr_diagnosis', 'kuhr_tariff', 'npr_identity', 'npr_referral', 'npr_stay',
    'person_key', 'population',
] %}

with landing_table (name, register) as (
    values
    {%- for name in landing_tables %}
    ('{{ name }}', '{{ landing_contract(name).get('register') }}'){{ ',' if not loop.last }}
    {%- endfor %}
),

delivered as (
    {%- for name in landing_tables %}
    {%- set contract = landing_contract(name) %}
    {%- set register = none if contract.get('optional') else contract.get('register') %}
    select
        '{{ name }}' as name,
        format,
        period_to,
        delivery_id
    from {{ ref('stg_landing__delivery') }}
    where {{ "format = '" ~ register ~ "'" if register else 'false' }}
        or delivery_id in (select distinct delivery_id from {{ source('landing', name) }})
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

latest as (
    select
        name,
        max(period_to) as latest_day,
        {{ arg_max('format', ["coalesce(period_to, date '0001-01-01')", 'delivery_id']) }} as format
    from delivered
    group by name
),

table_status as (
    select
        landing_table.name,
        landing_table.register,
        if(latest.name is null, 'not_delivered', 'delivered') as status,
        latest.latest_day,
        latest.format
    from landing_table
    left join latest using (name)
)

select
    'landing_table' as kind,
    name,
    name as landing_table,
    register,
    status,
    latest_day,
    format
from table_status
union all
select
    'indicator' as kind,
    source.indicator as name,
    source.landing_table,
    table_status.register,
    coalesce(table_status.status, 'not_delivered') as status,
    table_status.latest_day,
    table_status.format
from {{ ref('indicator_source') }} as source
left join table_status on source.landing_table = table_status.name
