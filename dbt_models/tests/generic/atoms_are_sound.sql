{#- An atom table holds what its definition says: public keys and atoms only, each unit once in a
    cell, amounts within their range, and no person counted more often than the bounds allow. -#}
{% test atoms_are_sound(model) %}
{% set definition = indicator(model.identifier) %}
{% set keys = definition.get('keys', []) %}
{% set cell = ['person_id', 'period'] + keys | map(attribute='name') | list %}
select 1
from {{ model }}
where unit_id is null
    or person_id is null
    or period is null
    or not regexp_full_match(period, '[0-9]{4}')
    or is_counted is null
    or coalesce(atom not in ('{{ definition.get('atoms', []) | join("', '") }}'), true)
    {%- if definition.get('amount') %}
    or coalesce(amount not between 0 and {{ definition.amount.maximum }}, true)
    {%- endif %}
    {%- for key in keys %}
    {%- if key.get('seed') %}
    or coalesce({{ key.name }} not in (select {{ key.column }} from {{ seed_relation(key.seed) }}), true)
    {%- elif key.calendar == 'quarter' %}
    or coalesce(not regexp_full_match({{ key.name }}, period || 'Q[1-4]'), true)
    {%- elif key.calendar == 'month' %}
    or coalesce(not regexp_full_match({{ key.name }}, period || '-(0[1-9]|1[0-2])'), true)
    {%- endif %}
    {%- endfor %}
union all
select 1
from {{ model }}
group by unit_id, atom, {{ cell | join(', ') }}
having count(*) > 1
union all
select 1
from {{ model }}
where is_counted
group by {{ cell | join(', ') }}
having count(*) > {{ definition.bounds.per_cell }}
union all
select 1
from {{ model }}
where is_counted
group by person_id, period
having count(*) > {{ definition.bounds.total }}
{% endtest %}
