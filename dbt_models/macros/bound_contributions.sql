{#- Bound what one person contributes before anything is counted.

    relation: query or CTE name. person, row_id: its columns. cell_columns: the columns that name a
    cell. period: the column within which `total` holds.
    Keeps at most `per_cell` rows per person and cell, then at most `total` per person and period.
    Which rows stay is decided by a hash of person and row alone, never by what a row says, so
    that the rule itself tells nothing and favours no outcome. -#}
{% macro bound_contributions(relation, person, cell_columns, period, row_id, per_cell, total) -%}
select * exclude (bound_order)
from (
    select
        *,
        md5('{{ bound_salt() }}|' || {{ person }} || '|' || {{ row_id }}) as bound_order
    from {{ relation }}
    qualify row_number() over (
        partition by {{ person }}, {{ period }}, {{ cell_columns | join(', ') }}
        order by bound_order, {{ row_id }}
    ) <= {{ per_cell }}
)
qualify row_number() over (
    partition by {{ person }}, {{ period }}
    order by bound_order, {{ row_id }}
) <= {{ total }}
{%- endmacro %}

{#- Public and constant: it separates this use of the hash from others, it keeps nothing secret. -#}
{% macro bound_salt() -%} sloyfe-bound-v1 {%- endmacro %}
