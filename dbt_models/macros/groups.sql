{#- Constants and small rules of the indicators of the patient groups: children and young, frail
    elderly, severe mental illness, chronic conditions. -#}

{#- Field of medicine of mental health care for children and adolescents (BUP). Source: SKDE. -#}
{% macro bup_specialty() -%} '310' {%- endmacro %}

{#- A contact of BUP: by the sector it was reported in, or by its field of medicine. -#}
{% macro is_bup(sector, specialty) -%}
(coalesce({{ sector }} = '3', false) or coalesce({{ specialty }} = {{ bup_specialty() }}, false))
{%- endmacro %}

{#- A contact of mental health care or specialist treatment of addiction, whatever the age. -#}
{% macro is_mental_health(sector, specialty) -%}
(
    coalesce({{ catchment_sector(sector) }} = 'psychiatry', false)
    or coalesce({{ specialty }} in ({{ bup_specialty() }}, '320', '360'), false)
)
{%- endmacro %}

{#- Whether a code lies in the range of a seed row: as many of its characters as the bounds have. -#}
{% macro is_in_range(code, seed) -%}
{{ code }}[1:length({{ seed }}.code_from)] between {{ seed }}.code_from and {{ seed }}.code_to
{%- endmacro %}

{#- Which group of a seed each diagnosis belongs to: (diagnosis, group) for those in any. Each
    diagnosis is looked up once, not on each contact. -#}
{% macro groups_of_diagnoses(seed, group_column) -%}
select distinct
    used.diagnosis,
    listed.{{ group_column }}
from (select distinct diagnosis from {{ ref('int_stay_diagnosis') }}) as used
inner join {{ ref(seed) }} as listed on {{ is_in_range('used.diagnosis', 'listed') }}
{%- endmacro %}

{#- The frail elderly of the helsefellesskap are 75 and over. -#}
{% macro frail_age_from() -%} 75 {%- endmacro %}

{#- Hospital Frailty Risk Score: look-back, and the bounds of its bands (below 5 low, 5-15
    intermediate, above 15 high). Source: Gilbert et al., Lancet 2018. -#}
{% macro frailty_look_back() -%} interval 2 years {%- endmacro %}

{% macro frailty_band(score) -%}
case when {{ score }} > 15 then 'high' when {{ score }} >= 5 then 'intermediate' else 'low' end
{%- endmacro %}

{#- A function variable from 3 up needs assistance, 9 is irrelevant. Source: Hdir. -#}
{% macro function_needs_from() -%} 3 {%- endmacro %}

{#- Days looked back at from the first day of a long-term stay. -#}
{% macro before_long_term_stay_days() -%} 365 {%- endmacro %}

{#- tjenestekode of a long-term stay in an institution. Source: Hdir. -#}
{% macro long_term_stay_code() -%} 21 {%- endmacro %}

{#- Multiple chronic conditions are so many different ones, or more. -#}
{% macro multiple_conditions() -%} 2 {%- endmacro %}

{#- Children and young of the helsefellesskap are so many years old at most. -#}
{% macro child_age_to() -%} 17 {%- endmacro %}

{#- Days looked back at for what puts a person into a target group. Own choice. -#}
{% macro target_group_days() -%} 365 {%- endmacro %}

{#- Service tokens of a year, on its first day: the persons with contact with one service of primary care,
    by the number of days with contact (seed contact_band). -#}
{% macro contact_year_tokens(service) -%}
with dated as (
    select
        used.person_id,
        used.service,
        band.class,
        make_date(used.year::integer, 1, 1) as day_from,
        make_date(used.year::integer, 1, 1) as day_to
    from {{ ref('int_primary_contact_year') }} as used
    inner join {{ ref('contact_band') }} as band
        on used.days between band.days_from and band.days_to
    where used.service = '{{ service }}'
)

{{ service_tokens('dated', 'kpr') }}
{%- endmacro %}
