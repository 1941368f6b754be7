{#- A token table has the columns of its side and public values only, and each day of a person
    (and service) is in it once: a token that came twice would stop a linkage. Of an index table
    no more days are counted than its `kept`.

    spans: of a view over spans, the model of the spans. The days of spans that are apart are
    apart, so that they need not be made to be looked at. -#}
{% test tokens_are_sound(model, spans=none) %}
{% set own = token(model.identifier) %}
{% set written = columns_of(model.identifier) %}
{% if written != token_columns(own.get('side')) %}
select 1 -- the columns are not those of its side, or `meta.token` is missing
{% elif own.get('side') == 'index' %}
select 1
from {{ model }}
where person_id is null
    or day is null
    or period is distinct from year(day)::varchar
    or is_counted is null
    or bucket is null
    or bucket not in (select {{ own.buckets.column }} from {{ seed_relation(own.buckets.seed) }})
union all
select 1
from {{ model }}
group by person_id, day
having count(*) > 1
union all
select 1
from {{ model }}
where is_counted
group by person_id, period
having count(*) > {{ own.kept }}
{% elif own.get('side') == 'service' %}
{% set classes = own.classes %}
select 1
from {{ spans or model }} as token
where person_id is null
    or service is null
    or class is null
    {%- if own.services is mapping %}
    or service not in (
        select {{ own.services.column }} from {{ seed_relation(own.services.seed) }}
    )
    {%- else %}
    or service not in ('{{ own.services | join("', '") }}')
    {%- endif %}
    or class not in (
        select {{ classes.column }}
        from {{ seed_relation(classes.seed) }} as public
        {%- if classes.get('by') %}
        where public.{{ classes.by }} = token.service
        {%- endif %}
    )
    {%- if spans %}
    or day_from is null
    or day_to is null
    or day_from > day_to
union all
select 1
from {{ spans }}
qualify day_from <= lag(day_to) over (partition by person_id, service order by day_from, day_to)
    {%- else %}
    or day is null
union all
select 1
from {{ model }}
group by person_id, day, service
having count(*) > 1
    {%- endif %}
{% endif %}
{% endtest %}
