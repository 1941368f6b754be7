{#- The constants and shared pieces of the readmission indicators. The window of FHI's variant,
    readmission_window, stands in definitions.sql. -#}

{#- SKDE's readmission begins fewer than this many days after the day of discharge, and not on it.
    Source: SKDE reinnleggelser.sas, `0 < EoC_inndato - EoC_utdato < 30`. -#}
{% macro skde_window_days() -%} 30 {%- endmacro %}

{#- An index stay without a readmission is left out where death came at most this many days after
    the day of discharge. Source: SKDE reinnleggelser.sas. -#}
{% macro skde_death_days() -%} 30 {%- endmacro %}

{#- Last day of readmission after discharge where whole days are counted, the first being day 1.
    Source: Hdir (discharge-ready patients, 2024). -#}
{% macro readmission_days() -%} 30 {%- endmacro %}

{#- Days of discharge of one person and year that token tables keep. The definitions of the linked
    indicators state the same number under `bounds`; a test compares them. -#}
{% macro discharge_days_kept() -%} 4 {%- endmacro %}

{#- Whether a row (person_id, day) of an index token table is kept when a person's days are bounded:
    by a hash of person and day alone, as in indicator_rows. -#}
{% macro is_discharge_day_kept() -%}
{{ is_day_kept(discharge_days_kept()) }}
{%- endmacro %}

{#- What decides days before events, as spans (person_id, event_on, day_from, day_to): an event is the
    first one `nearest` to `furthest` days after each of its days. Spans of one person are apart, so
    that a day has one event at most, and each of them lies where all days that could hold a nearer
    event are delivered.

    relation: query or CTE with distinct (person_id, event_on). register: where they come from. -#}
{% macro days_before(relation, furthest, nearest, register) -%}
select
    person_id,
    event_on,
    day_from,
    event_on - {{ nearest }} as day_to
from (
    select
        person_id,
        event_on,
        greatest(
            event_on - {{ furthest }},
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
)
where day_from <= event_on - {{ nearest }}
{%- endmacro %}

{#- One row a day of each span of days_before, with the columns person_id, event_on and day. -#}
{% macro each_day(relation) -%}
select
    person_id,
    event_on,
    {{ days_of_span('day_from', 'day_to') }} as day
from {{ relation }}
{%- endmacro %}

{#- Days of the care services named (seed service) on which one of them began: a service that takes
    over from another of its name without a day between goes on and does not begin. -#}
{% macro care_begun(services) -%}
select distinct
    person_id,
    started_on as event_on
from (
    select
        person_id,
        started_on,
        max(coalesce(ended_on, date '9999-12-30')) over (
            partition by person_id, service
            order by started_on, service_id
            rows between unbounded preceding and 1 preceding
        ) as lasted_until
    from {{ ref('fct_care_service') }}
    where service in ('{{ services | join("', '") }}')
        -- Hdir's rule of validity: from no later than to.
        and coalesce(started_on <= ended_on, true)
)
where coalesce(started_on > lasted_until + 1, true)
{%- endmacro %}
