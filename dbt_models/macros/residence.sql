{#- Where a person lives, as codes that can be looked up. Extracts that passed through numbers have
    lost a leading zero: 301 is 0301 and 30103 is 030103. -#}

{#- Home municipality as four digits; null where the register writes -1 for unknown. Source: SKDE. -#}
{% macro four_digits(municipality_no) -%}
if(length({{ municipality_no }}) = 3, '0' || {{ municipality_no }}, nullif({{ municipality_no }}, '-1'))
{%- endmacro %}

{#- Home bydel as six digits. -#}
{% macro six_digits(bydel) -%}
if(length({{ bydel }}) = 5, '0' || {{ bydel }}, {{ bydel }})
{%- endmacro %}

{#- Rows of `relation` with home_municipality and home_bydel, from its municipality_no and bydel.
    Of an Oslo resident a bydel that is missing or not in the seed is 030199 (not stated), and
    had_invalid_bydel says whether one was given. Source: SKDE. Other cities' bydeler pass as they
    are: no list of them is here. -#}
{% macro with_residence(relation) -%}
select
    {{ except_columns(['stated_bydel', 'is_known_bydel', 'is_oslo']) }},
    if(is_oslo and not coalesce(is_known_bydel, false), '030199', stated_bydel) as home_bydel,
    coalesce(is_oslo and stated_bydel is not null and not is_known_bydel, false) as had_invalid_bydel,
    coalesce(municipality_no = '-1', false) as had_unknown_municipality
from (
    select
        *,
        stated_bydel in (select code from {{ ref('bydel') }}) as is_known_bydel,
        coalesce(stated_bydel like '0301%', false)
        or coalesce(home_municipality = '0301', false) as is_oslo
    from (
        select
            *,
            {{ four_digits('municipality_no') }} as home_municipality,
            {{ six_digits('bydel') }} as stated_bydel
        from {{ relation }}
    )
)
{%- endmacro %}

{#- Where a person lives, as a value of the seed `area`: the bydel in Oslo, else the health region of
    the municipality; `unknown` where there is none. From home_municipality and home_bydel. -#}
{% macro area_of(municipality, bydel) -%}
case
    when {{ bydel }} in (select area from {{ ref('area') }} where level = 'bydel') then {{ bydel }}
    when {{ municipality }} = '0301' then '030199'
    when left({{ municipality }}, 2) in (
        select county from {{ ref('county_region') }} where region = 'helse_sor_ost'
    ) then 'helse_sor_ost'
    when left({{ municipality }}, 2) in (
        select county from {{ ref('county_region') }} where region = 'other_regions'
    ) then 'other_regions'
    else 'unknown'
end
{%- endmacro %}

{#- Join of the somatic sector (seed area_group, as `sector`) that an area lies in on a day; no row
    where it lies in none. -#}
{% macro join_sector(area, day) -%}
left join {{ ref('area_group') }} as sector
    on {{ area }} = sector.area
        and starts_with(sector.area_group, 'sector_')
        and year({{ day }})
        between coalesce(sector.year_from, 0) and coalesce(sector.year_to, 9999)
{%- endmacro %}
