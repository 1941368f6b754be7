{#- Id of the site whose warehouse is built: the variable, else SLOYFE_SITE, else the target's
    name. -#}
{% macro site_id() -%}
    {{ return(var('site_id', env_var('SLOYFE_SITE', target.name))) }}
{%- endmacro %}

{#- What kind of number a register's persons have at this site (`npr`, `kpr`), and which the
    sites have agreed to link by (`common`): from the site file by the variable, else the
    register's own. -#}
{% macro person_number(which) -%}
    {%- set usual = {'npr': 'npr_lnr', 'kpr': 'kpr_lnr', 'common': 'npr_lnr'} -%}
    {{ return(var('person_numbers', usual).get(which, usual[which])) }}
{%- endmacro %}
