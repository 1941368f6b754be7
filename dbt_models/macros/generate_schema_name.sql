{#- A model's schema is the one its folder names, the same at every site and for every user:
    each site has a warehouse of its own, so nothing needs a prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
