{#- The model's columns of a landing table, rows of current deliveries only. The column list is
    the model's own contract: a column added there reaches the view without a second list. -#}
{% macro current_rows(landing_table) -%}
select
    {{ model.columns.keys() | join(',\n    ') }}
from {{ landing_table }}
where delivery_id in (
    select delivery_id from {{ source('landing', 'delivery') }} where state = 'current'
)
{%- endmacro %}
