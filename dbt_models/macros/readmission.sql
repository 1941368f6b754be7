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
