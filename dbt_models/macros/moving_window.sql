{#- What lies in the `lookback_days` before each day, without expanding a day: it changes by a
    constant from day to day except where a span enters or leaves the window, so it is straight
    in between. -#}

{#- The straight stretches, from a relation of spans (person_id, service, first_day, last_day,
    weight, period_from, period_to), where `weight` is what each day of a span adds to the
    window, in whole units. A stretch is of days within the delivered period: person_id,
    service, day_from, day_to, amount (in the window of day_from) and slope (what each further
    day adds). Stretches in which there is nothing are left out. -#}
{% macro window_stretches(relation) -%}
with change as (
    select
        person_id,
        service,
        period_from,
        period_to,
        unnest([
            {'day': first_day + 1, 'step': weight},
            {'day': last_day + 2, 'step': -weight},
            {'day': first_day + {{ lookback_days() }} + 1, 'step': -weight},
            {'day': last_day + {{ lookback_days() }} + 2, 'step': weight}
        ]) as change
    from {{ relation }}
),

turn as (
    select
        person_id,
        service,
        period_from,
        period_to,
        change.day as day_from,
        sum(change.step) as step
    from change
    group by all
),

segment as (
    select
        *,
        lead(day_from) over by_day - 1 as day_to,
        sum(step) over by_day as slope
    from turn
    window by_day as (partition by person_id, service order by day_from)
),

counted as (
    select
        *,
        coalesce(
            sum(slope * (day_to - day_from + 1)) over (
                partition by person_id, service
                order by day_from
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as amount_before
    from segment
)

select
    person_id,
    service,
    greatest(day_from, period_from) as day_from,
    least(day_to, period_to) as day_to,
    (amount_before + slope * (greatest(day_from, period_from) - day_from + 1))::bigint as amount,
    slope::bigint as slope
from counted
where greatest(day_from, period_from) <= least(day_to, period_to)
    and (amount_before, slope) != (0, 0)
{%- endmacro %}

{#- The bands that stretches pass through, as spans (person_id, service, class, day_from,
    day_to): one that rises or falls is in a band for one run of its days. least, most: SQL of a
    band's bounds in the stretch's units, both included, in terms of the alias `band`. -#}
{% macro band_spans(stretches, bands, least, most) -%}
select
    person_id,
    service,
    class,
    (stretch_from + first_in::integer)::date as day_from,
    (stretch_from + last_in::integer)::date as day_to
from (
    select
        stretch.person_id,
        stretch.service,
        band.class,
        stretch.day_from as stretch_from,
        greatest(
            case
                when stretch.slope > 0 then ceil(({{ least }} - stretch.amount) / stretch.slope)
                when stretch.slope < 0 then ceil((stretch.amount - {{ most }}) / -stretch.slope)
                else 0
            end,
            0
        ) as first_in,
        least(
            case
                when stretch.slope > 0 then floor(({{ most }} - stretch.amount) / stretch.slope)
                when stretch.slope < 0 then floor((stretch.amount - {{ least }}) / -stretch.slope)
                else stretch.day_to - stretch.day_from
            end,
            stretch.day_to - stretch.day_from
        ) as last_in
    from {{ stretches }} as stretch
    inner join {{ bands }} as band
        on stretch.slope != 0
        or stretch.amount between {{ least }} and {{ most }}
)
where first_in <= last_in
{%- endmacro %}
