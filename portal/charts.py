"""The charts of a release page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from portal import words
from portal.release_cells import Cell
from portal.release_record import ValueName
from style import theme
from style.drawing import SPACED_THOUSANDS

_STEP = 13
_HEIGHT = 150
_SHORT = 2
"""Letters that fit above one step."""


def chart_rows(
    cells: Sequence[Cell], names: Mapping[str, ValueName] | None = None
) -> list[dict[str, Any]]:
    """What is drawn: the figures that are shown. A value that is not has none here either.

    names: of the groups.
    """
    return [
        {
            "group": words.group(cell.group, names),
            "time": cell.time,
            "value": cell.figure.value,
            "ci_low": cell.figure.low,
            "ci_high": cell.figure.high,
            "status": cell.figure.status.value,
        }
        for cell in cells
    ]


def interval_chart(
    cells: Sequence[Cell],
    groups: Sequence[str],
    times: Sequence[str],
    top: int,
    names: Mapping[str, ValueName] | None = None,
) -> alt.FacetChart:
    """Counts of one site and measure: one block per group, time running inside it.

    Value as a point (hollow where uncertain, none where it is not shown), interval as a bar. top:
    upper end of the axis, the same for all sites, so that they can be compared. names: of the
    groups. Labels that are too long to lie side by side are turned.
    """
    labels = {time: words.short_time(time) for time in times}
    shown = alt.Data(values=chart_rows(cells, names))
    blocks = [words.group(group, names) for group in groups]
    turned = max(map(len, labels.values())) > _SHORT
    slanted = max(map(len, blocks)) > _SHORT * len(times)
    x = (
        alt.X("time:O")
        .sort(list(times))
        .axis(
            labelExpr=f"({json.dumps(labels)})[datum.value]",
            labelAngle=-90 if turned else 0,
            ticks=False,
            labelPadding=4,
            grid=False,
        )
    )
    y_axis = alt.Axis(
        tickCount=4, domain=False, ticks=False, format=",d", labelExpr=SPACED_THOUSANDS
    )
    y = alt.Y("value:Q").scale(domain=[0, top], nice=True).axis(y_axis)
    base = alt.Chart(shown).encode(x=x)
    intervals = (
        base.transform_filter("isValid(datum.ci_high)")
        .mark_rule(strokeWidth=9, stroke=theme.INTERVAL.light, strokeCap="butt")
        .encode(y=alt.Y("ci_low:Q").axis(y_axis), y2="ci_high:Q")
    )
    line = base.mark_line(stroke=theme.ACCENT.light, strokeWidth=1.25).encode(y=y)
    certain, uncertain = (
        base.transform_filter(f"datum.status == '{status}'")
        .mark_point(
            filled=True, size=20, fill=fill, stroke=theme.ACCENT.light, strokeWidth=1.4, opacity=1
        )
        .encode(y=y)
        for status, fill in (("ok", theme.ACCENT.light), ("uncertain", theme.CARD.light))
    )
    column = (
        alt.Column("group:N")
        .sort(blocks)
        .header(
            orient="bottom",
            labelPadding=16 if slanted else 4,
            labelLimit=300,
            labelAngle=-25 if slanted else 0,
            labelAlign="right" if slanted else "center",
        )
    )
    return (
        alt.layer(intervals, line, certain, uncertain)
        .properties(width=alt.Step(_STEP), height=_HEIGHT)
        .facet(column=column, spacing=9)
        .configure(**theme.chart_config())
    )
