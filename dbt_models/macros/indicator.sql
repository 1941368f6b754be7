{#- The definition under `meta.indicator` of a model, from its YAML: the one place it is written.
    Empty while dbt parses, when the YAML has not been read yet. -#}
{% macro indicator(model_name) -%}
    {%- if not execute -%} {{ return({'bounds': {}}) }} {%- endif -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ model_name].config.meta.indicator) }}
{%- endmacro %}

{#- A seed by its name, where the name comes from a definition: dbt sees no `ref` here, so the seed
    must be one that is built before (every seed is, before the models that tests run on). -#}
{% macro seed_relation(name) -%}
    {%- set node = graph.nodes['seed.' ~ project_name ~ '.' ~ name] -%}
    {{ node.schema }}.{{ node.alias }}
{%- endmacro %}
