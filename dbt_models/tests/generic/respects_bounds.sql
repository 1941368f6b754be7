{#- No person has more rows than the indicator's bounds, in any cell or in any period. -#}
{% test respects_bounds(model) %}
{% set definition = indicator(model.identifier) %}
{% set cell = definition.get('keys', []) | map(attribute='name') | list %}
select 1
from {{ model }}
group by person_id, period, {{ cell | join(', ') }}
having count(*) > {{ definition.bounds.per_cell }}
union all
select 1
from {{ model }}
group by person_id, period
having count(*) > {{ definition.bounds.total }}
{% endtest %}
