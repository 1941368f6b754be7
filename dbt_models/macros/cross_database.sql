{#- What DuckDB and Spark write differently. A model calls the macro named for what it wants; the SQL
    of each engine stands here, beside the other's. An engine that is not here stops dbt, rather than
    getting SQL that means something else to it. docs/spark.md says which models run on which. -#}

{#- The value of the row whose order is greatest, among rows whose value is not null. `order`: an
    expression, or a list of them compared in turn, in which null comes after everything. -#}
{% macro arg_max(value, order) -%} {{ adapter.dispatch('arg_max')(value, order) }} {%- endmacro %}

{% macro duckdb__arg_max(value, order) -%}
arg_max({{ value }}, {{ order_term(order) }})
{%- endmacro %}

{% macro spark__arg_max(value, order) -%}
max_by({{ value }}, case when {{ value }} is not null then {{ order_term(order) }} end)
{%- endmacro %}

{#- The same for the least. -#}
{% macro arg_min(value, order) -%} {{ adapter.dispatch('arg_min')(value, order) }} {%- endmacro %}

{% macro duckdb__arg_min(value, order) -%}
arg_min({{ value }}, {{ order_term(order) }})
{%- endmacro %}

{% macro spark__arg_min(value, order) -%}
min_by({{ value }}, case when {{ value }} is not null then {{ order_term(order) }} end)
{%- endmacro %}

{#- The value of the row whose order is greatest, null where that row has none. -#}
{% macro arg_max_null(value, order) -%}
{{ adapter.dispatch('arg_max_null')(value, order) }}
{%- endmacro %}

{% macro duckdb__arg_max_null(value, order) -%}
arg_max_null({{ value }}, {{ order_term(order) }})
{%- endmacro %}

{% macro spark__arg_max_null(value, order) -%}
max_by({{ value }}, {{ order_term(order) }})
{%- endmacro %}

{#- Several expressions compared in turn. Inside a row DuckDB puts null last, Spark first. -#}
{% macro order_term(order) -%}
{{ order if order is string else adapter.dispatch('order_term')(order) }}
{%- endmacro %}

{% macro duckdb__order_term(order) -%} ({{ order | join(', ') }}) {%- endmacro %}

{% macro spark__order_term(order) -%}
struct(
    {%- for term in order -%}
    {{ term }} is null, {{ term }}{{ ', ' if not loop.last }}
    {%- endfor -%}
)
{%- endmacro %}

{#- Every column of a relation except some: `except_columns(['a', 'b'])` in place of `*`. -#}
{% macro except_columns(columns) -%}
{{ adapter.dispatch('except_columns')(columns) }}
{%- endmacro %}

{% macro duckdb__except_columns(columns) -%} * exclude ({{ columns | join(', ') }}) {%- endmacro %}

{% macro spark__except_columns(columns) -%} * except ({{ columns | join(', ') }}) {%- endmacro %}

{#- One row for each element of a list; none for an empty list or null. A select has one at most. -#}
{% macro rows_of_list(list) -%} {{ adapter.dispatch('rows_of_list')(list) }} {%- endmacro %}

{% macro duckdb__rows_of_list(list) -%} unnest({{ list }}) {%- endmacro %}

{% macro spark__rows_of_list(list) -%} explode({{ list }}) {%- endmacro %}

{% macro list_of(values) -%} {{ adapter.dispatch('list_of')(values) }} {%- endmacro %}

{% macro duckdb__list_of(values) -%} [{{ values | join(', ') }}] {%- endmacro %}

{% macro spark__list_of(values) -%} array({{ values | join(', ') }}) {%- endmacro %}

{#- A list of those of the values that are not null, in their order. -#}
{% macro list_of_present(values) -%}
{{ adapter.dispatch('list_of_present')(values) }}
{%- endmacro %}

{% macro duckdb__list_of_present(values) -%}
list_filter({{ list_of(values) }}, lambda element: element is not null)
{%- endmacro %}

{% macro spark__list_of_present(values) -%} array_compact({{ list_of(values) }}) {%- endmacro %}

{#- One row for each whole number from the first to the last; none where the last is less than the first,
    or either is null. -#}
{% macro rows_of_numbers(first, last) -%}
{{ adapter.dispatch('rows_of_numbers')(first, last) }}
{%- endmacro %}

{% macro duckdb__rows_of_numbers(first, last) -%}
unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}

{% macro spark__rows_of_numbers(first, last) -%}
explode(case when {{ first }} <= {{ last }} then sequence({{ first }}, {{ last }}) end)
{%- endmacro %}

{#- One row for each day from the first to the last; none where the last lies before the first, or
    either is null. -#}
{% macro rows_of_days(first, last) -%}
{{ adapter.dispatch('rows_of_days')(first, last) }}
{%- endmacro %}

{% macro duckdb__rows_of_days(first, last) -%}
unnest(generate_series({{ first }}::timestamp, {{ last }}::timestamp, interval 1 day))::date
{%- endmacro %}

{% macro spark__rows_of_days(first, last) -%}
explode(case when {{ first }} <= {{ last }} then sequence({{ first }}, {{ last }}, interval 1 day) end)
{%- endmacro %}

{#- The moment of a day and a time of day; midnight where the time is null. Spark has no time of day
    that every version can store: there it is text, hh:mm:ss. -#}
{% macro moment(day, time_of_day) -%}
{{ adapter.dispatch('moment')(day, time_of_day) }}
{%- endmacro %}

{% macro duckdb__moment(day, time_of_day) -%}
{{ day }} + coalesce({{ time_of_day }}, time '00:00:00')
{%- endmacro %}

{% macro spark__moment(day, time_of_day) -%}
cast({{ day }} || ' ' || coalesce({{ time_of_day }}, '00:00:00') as timestamp_ntz)
{%- endmacro %}

{% macro as_text(value) -%} {{ adapter.dispatch('as_text')(value) }} {%- endmacro %}

{% macro duckdb__as_text(value) -%} {{ value }}::varchar {%- endmacro %}

{% macro spark__as_text(value) -%} {{ value }}::string {%- endmacro %}
