{#- Constants that define the indicators of acute care. Macros, not variables: a site must not be
    able to change a definition from its command line. -#}

{#- An acute readmission of a patient reported ready starts 1 to so many calendar days after the day
    of discharge. Source: Hdir, utskrivningsklare (2024). -#}
{% macro ready_readmission_days() -%} 30 {%- endmacro %}

{#- A death counts up to so many calendar days after the day of discharge. -#}
{% macro death_window_days() -%} 30 {%- endmacro %}

{#- Days over beyond this are a fault of registration more often than a patient who waits. -#}
{% macro most_days_over() -%} 365 {%- endmacro %}

{#- The part of the cost that 10 % fewer acute admissions stand for. -#}
{% macro fewer_admissions_share() -%} 0.1::double {%- endmacro %}

{#- A pathway reaches so many days back from the day of an acute admission, and so many ahead. -#}
{% macro pathway_days() -%} 90 {%- endmacro %}

{#- Whether all of the `days` calendar days after `day` were delivered (NPR). -#}
{% macro is_followed(day, days) -%}
coalesce(
    ({{ day }} + {{ days + 1 }})::timestamp <= (
        select data_end from {{ ref('int_delivered_period') }} where register = 'npr'
    ),
    false
)
{%- endmacro %}

{#- Somatic care is what activity-based funding (ISF) pays stays for; a missing `sektor` counts as
    somatic, which is what extracts of somatic hospitals leave out. -#}
{% macro is_somatic(sector) -%}
coalesce({{ catchment_sector(sector) }}, 'somatic') = 'somatic'
{%- endmacro %}

{#- Each day of a person on which municipal cost fell within a window about it, by its band. A cost of
    day d is in the windows of the days d + first to d + last. The sum is built from its changes, so
    that a long stay is two of them, however many days it lasts. -#}
{% macro municipal_cost_bands(first, last) -%}
with change as (
    select person_id, day + ({{ first }}) as day, cost
    from {{ ref('int_municipal_cost_day') }}
    union all
    select person_id, day + ({{ last + 1 }}) as day, -cost
    from {{ ref('int_municipal_cost_day') }}
),

net as (
    select person_id, day, sum(cost) as cost
    from change
    group by person_id, day
    having sum(cost) != 0
),

level as (
    select
        person_id,
        day as from_day,
        lead(day) over (partition by person_id order by day) as until_day,
        sum(cost) over (
            partition by person_id order by day rows between unbounded preceding and current row
        ) as cost
    from net
),

band_day as (
    select
        level.person_id,
        unnest(
            generate_series(
                greatest(level.from_day, delivered.period_from)::timestamp,
                least(level.until_day - 1, delivered.period_to)::timestamp,
                interval 1 day
            )
        )::date as day,
        band.class
    from level
    inner join {{ ref('municipal_cost_band') }} as band
        on level.cost between band.cost_from and band.cost_to
    cross join (
        select period_from, period_to
        from {{ ref('int_delivered_period') }}
        where register = 'kpr-omsorg'
    ) as delivered
)

select
    person_id,
    year(day)::varchar as period,
    day,
    class
from band_day
{%- endmacro %}

{#- Main diagnoses of acute admissions that are on the list of ambulatory care sensitive conditions,
    with their group: (diagnosis, acsc_group). Each is looked up once, not on each admission. -#}
{% macro acsc_diagnoses() -%}
select
    used.diagnosis,
    any_value(acsc.acsc_group) as acsc_group
from (
    select distinct main_diagnosis as diagnosis
    from {{ ref('int_acute_admission') }}
) as used
inner join {{ ref('acsc') }} as acsc
    on length(used.diagnosis) >= length(acsc.code_from)
    and left(used.diagnosis, length(acsc.code_from)) between acsc.code_from and acsc.code_to
group by used.diagnosis
{%- endmacro %}
