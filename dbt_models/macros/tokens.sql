{#- The two shapes of a token table, and the one number under which a person stands in both. A token
    model is one of

      index    person_id, day, period, bucket, is_counted: what is looked up, each day in one bucket
      service  person_id, day, service, class: what it is looked up in, each day in one class of a
               service

    and says so under `meta.token` (federated/contract/token.py is its schema). -#}

{#- `meta.token` of a model. Empty while dbt parses, when the YAML has not been read yet. -#}
{% macro token(model_name) -%}
    {%- if not execute -%} {{ return({}) }} {%- endif -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ model_name].config.meta.token) }}
{%- endmacro %}

{#- Columns of a token table, by its side: the same everywhere. -#}
{% macro token_columns(side) -%}
    {{ return({
        'index': ['person_id', 'day', 'period', 'bucket', 'is_counted'],
        'service': ['person_id', 'day', 'service', 'class'],
    }.get(side)) }}
{%- endmacro %}

{#- Columns of a model as its contract has them. Empty while dbt parses. -#}
{% macro columns_of(model_name) -%}
    {%- if not execute -%} {{ return([]) }} {%- endif -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ model_name].columns.keys() | list) }}
{%- endmacro %}

{#- Rows of `relation` under the common number of their person (int_common_person); who has none
    leaves no row. register: `npr` or `kpr`, whose number the relation's person_id is. -#}
{% macro under_common_number(relation, register) -%}
select
    common.common_person_id as person_id,
    registered.* exclude (person_id)
from {{ relation }} as registered
inner join {{ ref('int_common_person') }} as common
    on common.register = '{{ register }}'
    and common.person_id = registered.person_id
    and common.common_person_id is not null
{%- endmacro %}

{#- An index table, from a query or CTE with person_id, day and bucket, a day once. is_counted:
    whether the day is among the `kept` of its person and year, by a hash of person and day
    alone, so that the rule favours no outcome. -#}
{% macro index_tokens(relation, register) -%}
select
    person_id,
    day,
    year(day)::varchar as period,
    bucket,
    {{ is_day_kept(token(model.name).get('kept')) }} as is_counted
from (
    {{ under_common_number(relation, register) | indent(4) }}
)
{%- endmacro %}

{#- A service table, from a query or CTE of spans: person_id, service, class, day_from, day_to,
    those of a person and service apart. The days are made when they are read. -#}
{% macro service_tokens(relation, register) -%}
select
    person_id,
    {{ days_of_span('day_from', 'day_to') }} as day,
    service,
    class
from (
    {{ under_common_number(relation, register) | indent(4) }}
)
{%- endmacro %}

{#- The public bucket (seed token_bucket) of each row of a relation with area, birth_year and
    day: the sector where the area is in one that year, else the wider group that it is in, and
    the age group. Rows of unknown age have none and go. -#}
{% macro with_bucket(relation) -%}
select
    dated.*,
    token_bucket.bucket
from {{ relation }} as dated
inner join {{ ref('age_group') }} as age_group
    on year(dated.day) - dated.birth_year between age_group.age_from and age_group.age_to
left join {{ ref('area_group') }} as sector
    on dated.area = sector.area
    and starts_with(sector.area_group, 'sector_')
    and year(dated.day) between coalesce(sector.year_from, 0) and coalesce(sector.year_to, 9999)
inner join {{ ref('area_group') }} as wider
    on dated.area = wider.area
    and not starts_with(wider.area_group, 'sector_')
inner join {{ ref('token_bucket') }} as token_bucket
    on age_group.age_group = token_bucket.age_group
    and coalesce(sector.area_group, wider.area_group) = token_bucket.area_group
{%- endmacro %}

{#- What decides days before events, as spans (person_id, service, class, day_from, day_to). The event
    of a day is the first one that is `nearest` days away or more, if it is within the reach of a class
    (seed event_class); the class is that of the distance. Spans of one person are apart, and each of
    them lies where all days that could hold a nearer event are delivered.

    relation: query or CTE with distinct (person_id, event_on). register: where they come from. -#}
{% macro days_before(relation, event, nearest, register) -%}
select
    next_event.person_id,
    event_class.event as service,
    event_class.class,
    greatest(next_event.day_from, next_event.event_on - event_class.day_to) as day_from,
    next_event.event_on - event_class.day_from as day_to
from (
    select
        person_id,
        event_on,
        greatest(
            coalesce(
                lag(event_on) over (partition by person_id order by event_on) + 1 - {{ nearest }},
                date '0001-01-01'
            ),
            (
                select period_from - {{ nearest }}
                from {{ ref('int_delivered_period') }}
                where register = '{{ register }}'
            )
        ) as day_from
    from {{ relation }}
) as next_event
inner join {{ ref('event_class') }} as event_class
    on event_class.event = '{{ event }}'
    and greatest(next_event.day_from, next_event.event_on - event_class.day_to)
    <= next_event.event_on - event_class.day_from
{%- endmacro %}
