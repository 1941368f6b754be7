{#- Incremental models that follow the deliveries: rows of a delivery that is no longer current leave, rows
    of a new one come, all others stay. Which deliveries a table was built from, its own rows say, so a
    build that failed half-way leaves nothing to be remembered. See docs/adr/0013. -#}

{#- Deliveries that are current and of which this table has no row yet. One without a row for the table
    is new every time, and brings nothing. -#}
{% macro new_deliveries() -%}
select delivery_id from {{ ref('stg_landing__delivery') }}
except
select delivery_id from {{ this }}
{%- endmacro %}

{#- Ends a query whose rows each derive from one delivered row, with its delivery_id. The deliveries are
    named outside the condition, since dbt parses a model as if it were not incremental. -#}
{% macro where_newly_delivered() -%}
{%- set current = ref('stg_landing__delivery') -%}
{%- if is_incremental() -%}
where delivery_id in ({{ new_deliveries() }})
{%- endif -%}
{%- endmacro %}

{#- Keeps the claims that an incremental build makes anew (CTE touched), or all of them. -#}
{% macro where_touched() -%}
{%- if is_incremental() -%} where claim_id in (select claim_id from touched) {%- endif -%}
{%- endmacro %}

{#- The strategy itself. A model with a unique_key has rows that derive from several delivered ones: of each
    key that the query returns, what the table has is replaced. -#}
{% macro get_incremental_by_delivery_sql(arg_dict) -%}
{%- set target = arg_dict['target_relation'] -%}
{%- set fresh = arg_dict['temp_relation'] -%}
{%- set key = arg_dict['unique_key'] -%}
{%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
delete from {{ target }}
where delivery_id not in (select delivery_id from {{ ref('stg_landing__delivery') }})
{%- if key %}
    or {{ key }} in (select {{ key }} from {{ fresh }})
{%- endif %};

insert into {{ target }} ({{ columns }})
select {{ columns }} from {{ fresh }};
{%- endmacro %}
