{#- What the contracts say of a landing table (register, optional, ...), from the meta of its input
    model. Empty while dbt parses, when the YAML has not been read yet. -#}
{% macro landing_contract(landing_table) -%}
    {%- if not execute -%} {{ return({}) }} {%- endif -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.input_' ~ landing_table].config.meta) }}
{%- endmacro %}
