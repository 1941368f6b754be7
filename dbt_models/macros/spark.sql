{#- What dbt-spark needs to build this project. dbt finds these by their names, in place of its own. -#}

{#- A type of a contract or a seed as Spark has it. A timestamp is one without a time zone, as
    DuckDB's: a site whose session makes others of them is told so by the contracts. -#}
{% macro spark_type(data_type) -%}
{{ {'varchar': 'string', 'time': 'string', 'timestamp': 'timestamp_ntz'}.get(data_type, data_type) }}
{%- endmacro %}

{#- An empty table of a contract's columns, which dbt compares with what a model returns. -#}
{% macro spark__get_empty_schema_sql(columns) -%}
select
    {%- for column in columns.values() %}
    cast(null as {{ spark_type(column.data_type) }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
limit 0
{%- endmacro %}

{% macro spark_seed_type(model, column) -%}
{%- set types = model.config.get('column_types', {}) -%}
{%- if column not in types -%}
    {{ exceptions.raise_compiler_error(model.name ~ "." ~ column ~ " has no type in column_types") }}
{%- endif -%}
{{ spark_type(types[column]) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) %}
    {% set sql %}
        create table {{ this.render() }} (
            {%- for column in agate_table.column_names %}
            {{ column }} {{ spark_seed_type(model, column) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {{ file_format_clause() }}
        {{ location_clause() }}
    {% endset %}
    {% call statement('_') %} {{ sql }} {% endcall %}
    {{ return(sql) }}
{% endmacro %}

{#- dbt-spark's own puts values between quotes as they are: an apostrophe ends the text, and an empty
    cell becomes the word None. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set sql %}
        insert into {{ this.render() }} values
        {%- for row in agate_table.rows %}
        (
            {%- for column in agate_table.column_names -%}
            cast({{ spark_literal(row[column]) }} as {{ spark_seed_type(model, column) }})
            {{- ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}

{% macro spark_literal(value) -%}
{%- if value is none -%} null
{%- else -%} '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endif -%}
{%- endmacro %}
