{#- The constants and shared pieces of the municipal indicators. -#}

{#- How far back the use of municipal services is looked for before a day: 90 days.
    Source: DESIGN of the pre-admission indicator; classes 1-7, 8-30, 31-90 days. -#}
{% macro lookback_days() -%} 90 {%- endmacro %}

{#- Sevenths of a minute in an hour: hours a week are spread evenly over its seven days. -#}
{% macro hour_units() -%} 420 {%- endmacro %}

{#- One service granted costs at most this much a year, in kroner; the definition says the same. -#}
{% macro municipal_cost_cap() -%} {{ indicator(model.name).get('amount', {}).get('maximum', 0) }} {%- endmacro %}

{#- CTEs up to `user`: each person once a year and kind of service, as the first contact of the year
    and kind whose age is known has the person. relation: int_hospital_use and the like. -#}
{% macro users_by_kind(relation) -%}
with user as (
    select
        used.person_id || '/' || used.kind as unit_id,
        used.person_id,
        used.year::varchar as period,
        used.kind,
        used.area,
        age_group.age_group,
        'user' as atom
    from {{ relation }} as used
    inner join {{ ref('age_group_life') }} as age_group
        on used.year - used.birth_year between age_group.age_from and age_group.age_to
    qualify row_number() over (
        partition by used.person_id, used.year, used.kind
        order by used.began, used.contact_key
    ) = 1
)
{%- endmacro %}
