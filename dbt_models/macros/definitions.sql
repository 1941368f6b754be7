{#- The constants that define an episode and a readmission. They are macros, not variables: a site
    must not be able to change a definition from its command line. -#}

{#- Stays at most this far apart are one episode (28 800 s).
    Source: SKDE sykehusopphold.sas; FHI 30-day readmission, which starts at 8 h. -#}
{% macro transfer_gap() -%} interval 8 hours {%- endmacro %}

{#- A readmission starts at most this long after discharge: 30 x 24 h to the second. -#}
{% macro readmission_window() -%} interval 30 days {%- endmacro %}

{#- innmateHast 1-3 are acute; 4 (planned), 5 (returned from another hospital) and missing are not.
    Source: SKDE `hastegrad`. -#}
{% macro is_acute(urgency) -%} coalesce({{ urgency }} in (1, 2, 3), false) {%- endmacro %}

{#- Year of birth, or null where it is unknown (9999) or cannot be true on the day given. -#}
{% macro plausible_birth_year(birth_year, on_day) -%}
case
    when {{ birth_year }} between year({{ on_day }}) - 130 and year({{ on_day }}) then {{ birth_year }}
end
{%- endmacro %}

{#- One key where a register's own number is unique within a person only. The first slash ends the person:
    one in the person's own number is written ~1, and ~ as ~0. Else `a/1` with number `0` and `a` with
    number `1/0` would be one key, and one person's rows would join another's. -#}
{% macro key_within_person(person_id, number) -%}
replace(replace({{ person_id }}, '~', '~0'), '/', '~1') || '/' || {{ number }}
{%- endmacro %}

{#- Which map of sectors a contact belongs to, by `sektor`: somatic (somatic care, rehabilitation and
    somatic contract specialists) or psychiatry (mental health and addiction). Null where `sektor` is
    missing. -#}
{% macro catchment_sector(sector) -%}
case
    when {{ sector }} in ('4', '5', 'SOM') then 'somatic'
    when {{ sector }} in ('1', '2', '3', 'PHV') then 'psychiatry'
end
{%- endmacro %}

{#- Whether a row of a dated seed is valid on a day; an empty bound is open. -#}
{% macro is_valid_on(seed, day) -%}
{{ day }} >= coalesce({{ seed }}.valid_from, date '0001-01-01')
    and {{ day }} <= coalesce({{ seed }}.valid_to, date '9999-12-31')
{%- endmacro %}
