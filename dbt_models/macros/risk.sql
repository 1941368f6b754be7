{#- Risk adjustment: which band of predicted risk an index stay falls in (ADR 0014). -#}

{#- Days looked back at for comorbidity, from the day of discharge. Source: SKDE CoMorbIndex, which
    counts them from the day of admission. -#}
{% macro comorbidity_days() -%} 365 {%- endmacro %}

{#- What the log odds of a risk model are the sum of, besides an intercept. -#}
{% macro risk_terms() -%} {{ return(['age_group', 'sex', 'diagnosis_group', 'charlson_group']) }} {%- endmacro %}

{#- Index stays of one risk model as the units of an atom table, each in its band. Log odds are whole
    thousandths, so that a sum is exact whoever adds it. -#}
{% macro stays_by_risk(model) -%}
select
    stay.episode_id as unit_id,
    stay.person_id,
    stay.period,
    stay.sector,
    band.risk_band,
    stay.atom
from {{ ref('int_risk_stay') }} as stay
inner join {{ ref('risk_coefficient') }} as intercept
    on intercept.model = stay.model and intercept.term = 'intercept'
{%- for term in risk_terms() %}
inner join {{ ref('risk_coefficient') }} as of_{{ term }}
    on of_{{ term }}.model = stay.model
    and of_{{ term }}.term = '{{ term }}'
    and of_{{ term }}.value = stay.{{ term }}
{%- endfor %}
inner join {{ ref('risk_band_bound') }} as band
    on band.model = stay.model
    and intercept.millilogit
    {%- for term in risk_terms() %}
    + of_{{ term }}.millilogit
    {%- endfor %}
    between band.millilogit_from and band.millilogit_to
where stay.model = '{{ model }}'
{%- endmacro %}
