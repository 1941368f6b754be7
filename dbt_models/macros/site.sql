{#- Id of the site whose warehouse is built: the variable, else SLOYFE_SITE, else the target's name. -#}
{% macro site_id() -%}
    {{ return(var('site_id', env_var('SLOYFE_SITE', target.name))) }}
{%- endmacro %}
