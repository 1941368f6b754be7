"""One picture per indicator: its first measure over time, or by a key, or adjusted shares."""

from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt
from markupsafe import Markup

from federated.contract.standardise import crude, directly_standardised
from federated.site.report.comparison import Standardised
from federated.site.report.figures import Figures
from federated.site.report.tables import Names
from style import theme
from style.drawing import SPACED_THOUSANDS, inline

_MOST_BARS = 30


@dataclass(frozen=True)
class Picture:
    title: str
    svg: Markup


def picture(figures: Figures, names: Names, identifier: str) -> Picture | None:
    """None where there is nothing to draw. identifier: unique on the page."""
    definition = figures.indicator.definition
    if figures.values.empty:
        return None
    measure, words = next(iter(definition.measures.items()))
    times = [key for key in definition.keys if key.calendar]
    if times:
        chart = _over_time(figures.by_value(measure, times[0].name))
        title = f"{words.name_nb} per {times[0].name_nb.lower()}"
    else:
        key = definition.keys[0]
        last = figures.latest(measure)
        sums = figures.by_value(measure, key.name, last)
        order = [v for v in figures.indicator.seed_values[key.name] if v in sums]
        chart = _bars({names.of(key, value): sums[value] for value in order[:_MOST_BARS]})
        title = f"{words.name_nb} etter {key.name_nb.lower()}, {last}"
    return Picture(title, inline(_themed(chart), identifier, title))


def comparison_picture(own: Standardised, names: Names, identifier: str) -> Picture | None:
    """The crude share (ring) and the adjusted one (dot, interval) of each group, in the last whole
    year, and the reference's share (line). None unless something is expected of the groups.
    """
    definition = own.figures.indicator.definition
    keys = [key for key in definition.keys if key.name in own.other_keys and not key.calendar]
    periods = [p for p in own.figures.periods if p not in own.figures.partial]
    if not own.has_expected or not keys or not periods:
        return None
    key, period, item = keys[0], periods[-1], definition.shares[0]
    groups = [
        (names.of(key, v), {key.name: v}) for v in own.figures.indicator.seed_values[key.name]
    ]
    rows: list[dict[str, object]] = []
    for name, inside in [*groups, ("Alle", {})]:
        strata = own.counts(item, period, inside)
        raw, adjusted = crude(strata), directly_standardised(strata)
        if raw is not None and adjusted is not None:
            low, high = adjusted.interval()
            rows.append(
                {
                    "name": name,
                    "crude": raw.value,
                    "adjusted": adjusted.value,
                    "low": low,
                    "high": high,
                }
            )
    if not rows:
        return None
    standard = sum(r.weight * (r.expected or 0.0) for r in own.strata.values())
    title = (
        f"{item.name_nb} etter {key.name_nb.lower()}, {period}: rå (ring) og risikojustert (punkt,"
        f" 95 % intervall). Stiplet: referansen"
    )
    return Picture(title, inline(_themed(_side_by_side(rows, standard)), identifier, title))


def _side_by_side(
    rows: list[dict[str, object]], standard: float
) -> alt.LayerChart | alt.FacetChart:
    data = alt.Data(values=rows)
    percent = "replace(format(datum.value, '.0%'), '%', '\N{NARROW NO-BREAK SPACE}%')"
    base = alt.Chart(data, width=420, height=alt.Step(30)).encode(y=alt.Y("name:N").sort(None))
    axis = alt.X("adjusted:Q").axis(tickCount=5, labelExpr=percent).scale(zero=True)
    return alt.layer(
        alt.Chart(alt.Data(values=[{"at": standard}]))
        .mark_rule(stroke=theme.QUIET.light, strokeDash=[4, 4])
        .encode(x="at:Q"),
        base.mark_rule(stroke=theme.ACCENT.light, strokeWidth=2).encode(
            x=alt.X("low:Q"), x2="high:Q"
        ),
        base.mark_point(filled=True, fill=theme.ACCENT.light, size=60, opacity=1).encode(x=axis),
        base.mark_point(
            stroke=theme.QUIET.light, fill=theme.CARD.light, size=60, strokeWidth=1.5, opacity=1
        ).encode(x="crude:Q"),
    ).properties(padding={"left": 24, "right": 12, "top": 5, "bottom": 5})  # other fonts are wider


def _over_time(sums: Mapping[str, int]) -> alt.Chart:
    rows = alt.Data(values=[{"time": time, "value": sums[time]} for time in sorted(sums)])
    return (
        alt.Chart(rows, width=620, height=170)
        .mark_line(
            stroke=theme.ACCENT.light,
            strokeWidth=1.6,
            point={"fill": theme.ACCENT.light, "size": 18},
        )
        .encode(
            x=alt.X("time:O").axis(labelAngle=0, labelOverlap="greedy", grid=False),
            y=alt.Y("value:Q").axis(tickCount=4, format=",d", labelExpr=SPACED_THOUSANDS),
        )
    )


def _bars(sums: Mapping[str, int]) -> alt.Chart:
    rows = alt.Data(values=[{"name": name, "value": number} for name, number in sums.items()])
    return (
        alt.Chart(rows, width=420, height=alt.Step(19))
        .mark_bar(fill=theme.ACCENT.light)
        .encode(
            x=alt.X("value:Q").axis(tickCount=4, format=",d", labelExpr=SPACED_THOUSANDS),
            y=alt.Y("name:N").sort(None),
        )
    )


def _themed(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart,
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    config = theme.chart_config()
    axis = {**config["axis"], "domain": False, "ticks": False, "labelLimit": 260}
    return chart.properties(config={**config, "axis": axis})
