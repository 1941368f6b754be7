{#- No two rows with the same `columns` are valid on the same day; an empty bound is open. -#}
{% test validity_is_apart(model, columns) %}
select 1
from {{ model }}
qualify coalesce(valid_from, date '0001-01-01') <= max(coalesce(valid_to, date '9999-12-31')) over (
    partition by {{ columns | join(', ') }}
    order by coalesce(valid_from, date '0001-01-01')
    rows between unbounded preceding and 1 preceding
)
union all
select 1
from {{ model }}
where valid_to < valid_from
{% endtest %}
