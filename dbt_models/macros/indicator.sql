{#- The definition under `meta.indicator` of a model, from its YAML: the one place it is written.
    Empty while dbt parses, when the YAML has not been read yet. -#}
{% macro indicator(model_name) -%}
    {%- if not execute -%} {{ return({'bounds': {}}) }} {%- endif -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ model_name].config.meta.indicator) }}
{%- endmacro %}
