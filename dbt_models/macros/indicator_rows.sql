{#- The rows of an indicator's atom table, from a query or CTE with the columns unit_id, person_id,
    period, the indicator's keys, atom and, where it has amounts, amount.

    Adds is_counted: whether the row is kept when a person's contributions are bounded, at most
    `per_cell` rows per cell, then at most `total` per period. Which rows stay is decided by a hash
    of person and unit alone, never by what a row says, so that the rule itself tells nothing and
    favours no outcome. A site's own people see every row; the gate counts those kept. -#}
{% macro indicator_rows(relation) -%}
{%- set definition = indicator(model.name) -%}
{%- set keys = definition.get('keys', []) | map(attribute='name') | list -%}
select
    unit_id,
    person_id,
    period,
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    atom,
    {%- if definition.get('amount') %}
    amount::bigint as amount,
    {%- endif %}
    is_in_cell and row_number() over (
        partition by person_id, period, is_in_cell
        order by bound_order, unit_id
    ) <= {{ definition.bounds.total }} as is_counted
from (
    select
        *,
        row_number() over (
            partition by {{ (['person_id', 'period'] + keys) | join(', ') }}
            order by bound_order, unit_id
        ) <= {{ definition.bounds.per_cell }} as is_in_cell
    from (
        select
            *,
            md5('{{ bound_salt() }}|' || person_id || '|' || unit_id) as bound_order
        from {{ relation }}
    )
)
{%- endmacro %}

{#- Public and constant: it separates this use of the hash from others, it keeps nothing secret. -#}
{% macro bound_salt() -%} sloyfe-bound-v1 {%- endmacro %}

{#- Whether an index token (person, day) is among the `total` of its person and year that are kept, by
    a hash of person and day alone. -#}
{% macro is_day_kept(total) -%}
row_number() over (
    partition by person_id, year(day)
    order by md5('{{ bound_salt() }}|' || person_id || '|' || day), day
) <= {{ total }}
{%- endmacro %}

{#- Days of a span, both ends included; one row a day. -#}
{% macro days_of_span(day_from, day_to) -%}
({{ day_from }} + unnest(range(0, {{ day_to }} - {{ day_from }} + 1))::integer)::date
{%- endmacro %}
