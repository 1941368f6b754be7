{#- The constants and shared pieces of the municipal indicators. -#}

{#- How far back the use of municipal services is looked for before a day: 90 days.
    Source: DESIGN of the pre-admission indicator; classes 1-7, 8-30, 31-90 days. -#}
{% macro lookback_days() -%} 90 {%- endmacro %}

{#- Age group and sector of where somebody lives as one bucket (seed age_sector), from a relation with
    the columns area, birth_year and day. Rows of unknown age have none and go. An area in no sector of
    that year is `outside_sectors`. -#}
{% macro with_age_sector(relation) -%}
select
    dated.*,
    age_sector.bucket
from {{ relation }} as dated
inner join {{ ref('age_group') }} as age_group
    on year(dated.day) - dated.birth_year between age_group.age_from and age_group.age_to
left join {{ ref('area_group') }} as sector
    on dated.area = sector.area
    and starts_with(sector.area_group, 'sector_')
    and year(dated.day) between coalesce(sector.year_from, 0) and coalesce(sector.year_to, 9999)
inner join {{ ref('age_sector') }} as age_sector
    on age_group.age_group = age_sector.age_group
    and coalesce(sector.area_group, 'outside_sectors') = age_sector.sector
{%- endmacro %}

{#- Whether a row (person_id, day) of an index token table is kept when a person's days are bounded to
    `total` a year: by a hash of person and day alone, as in indicator_rows. -#}
{% macro is_day_counted() -%}
{{ is_day_kept(indicator(model.name).get('bounds', {}).get('total')) }}
{%- endmacro %}


{#- An acute admission at most this many days after leaving a municipal acute bed is an onward one.
    Own choice, as the indicator was asked for: 0-3 days. -#}
{% macro onward_days() -%} 3 {%- endmacro %}

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
