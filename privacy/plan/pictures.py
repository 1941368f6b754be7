"""A plan in pictures, as Vega-Lite documents; the caller draws them, in its own theme."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from privacy.plan.capping import Choice
from privacy.plan.choice import Grade, Variant, Verdict, options
from privacy.plan.page import Year
from privacy.plan.planning import Plan, budget_rho

_INK, _QUIET, _USEFUL, _COARSER, _TOO_DEAR = "#17252a", "#51636a", "#0b6470", "#8a4b00", "#a1172a"
_PERCENT = "datum.value >= 1 ? format(datum.value, '.0f') + ' ×' : format(datum.value, '.0%')"
_HIGHEST = 20.0


def errors_picture(plan: Plan, grade: Grade, config: dict[str, Any]) -> dict[str, Any]:
    """Expected relative 95 % error of each table's typical cell, against what is useful."""
    rows = [
        {
            "table": line.table.name,
            "error": min(line.expected[0].relative, _HIGHEST),
            "useful": line.expected[0].relative <= grade.useful,
        }
        for line in plan.lines
    ]
    y = alt.Y("table:N").sort("-x").axis(labelLimit=300, title=None, domain=False, ticks=False)
    x = (
        alt.X("error:Q")
        .scale(type="log", domain=[0.01, _HIGHEST])
        .axis(labelExpr=_PERCENT, title="95 % error of a typical cell, over its count", tickCount=6)
    )
    colour = (
        alt.Color("useful:N").scale(domain=[True, False], range=[_USEFUL, _TOO_DEAR]).legend(None)
    )
    dots = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=70)
        .encode(x=x, y=y, color=colour)
    )
    return _document(alt.layer(_line_at(grade), dots).properties(width=420), config)


def split_picture(plan: Plan, config: dict[str, Any]) -> dict[str, Any]:
    """What each table takes of the data-year's rho."""
    whole = plan.total.federation_rho
    rows = [{"table": n.table.name, "part": n.federation_rho / whole} for n in plan.lines]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=_USEFUL, height=9)
        .encode(
            x=alt.X("part:Q").axis(format=".0%", title="part of what a data-year may cost"),
            y=alt.Y("table:N")
            .sort("-x")
            .axis(labelLimit=300, title=None, domain=False, ticks=False),
        )
        .properties(width=420)
    )
    return _document(chart, config)


def bounds_picture(choices: Sequence[Choice], config: dict[str, Any]) -> dict[str, Any]:
    """Bias against noise: one line for each u, along it k."""
    rows = [
        {
            "u": f"u = {c.bound.per_cell}",
            "k": str(c.bound.total),
            "bias": c.bias,
            "noise": c.noise,
        }
        for c in choices
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("bias:Q").axis(format=".0%", title="lost to the bound"),
        y=alt.Y("noise:Q").axis(format=".0%", title="95 % error from noise").scale(zero=True),
        color=alt.Color("u:N").title(None),
    )
    line = base.mark_line(strokeWidth=1).encode(order="k:Q")
    points = base.mark_point(filled=True, size=50)
    words = base.mark_text(dy=-9, fontSize=10).encode(text="k:N")
    return _document(alt.layer(line, points, words).properties(width=460, height=320), config)


def year_picture(
    years: Sequence[Year],
    variants: Mapping[str, Sequence[Variant]],
    grade: Grade,
    config: dict[str, Any],
) -> dict[str, Any]:
    """Every indicator of a default year: the error as released, and for the same rho as defined.

    What is dropped is shown as defined, for an equal part of the year.
    """
    names = {
        Verdict.USEFUL: "released as defined",
        Verdict.COARSER: "released coarser",
        Verdict.DROPPED: "dropped",
    }
    rows: list[dict[str, Any]] = []
    for year in years:
        lines = {line.table.name: line for line in year.plan.lines}
        each = budget_rho(year.epsilon, year.plan.delta) / len(year.of)
        for name in sorted(year.of):
            line = lines.get(name)
            rho = (line.federation_rho if line else each) / variants[name][0].table.charged
            defined = next(o for o in options(variants[name], grade) if o.as_defined)
            as_defined = grade.useful * math.sqrt(defined.rho / rho)
            rows.append(
                {
                    "table": name,
                    "year": f"ε = {year.epsilon:g} a person-year",
                    "defined": min(as_defined, _HIGHEST),
                    "error": line.expected[0].relative if line else None,
                    "grain": line.expected[0].grain if line else "not released",
                    "verdict": names[year.chosen.verdict(name)],
                }
            )
    y = alt.Y("table:N").axis(labelLimit=300, title=None, domain=False, ticks=False, grid=True)
    scale = alt.Scale(type="log", domain=[0.012, _HIGHEST])
    axis = alt.Axis(
        labelExpr=_PERCENT,
        title="95 % error of a typical cell, over its count (ring: as defined, for the same ρ)",
        values=[0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20],
    )
    colour = (
        alt.Color("verdict:N")
        .scale(domain=list(names.values()), range=[_USEFUL, _COARSER, _TOO_DEAR])
        .legend(orient="top", title=None)
    )
    base = alt.Chart().encode(y=y)
    as_defined = alt.X("defined:Q").scale(scale).axis(axis)
    released = alt.X("error:Q").scale(scale).axis(axis)
    ways = base.mark_rule(opacity=0.35, strokeWidth=2).encode(
        x=released, x2="defined:Q", color=colour
    )
    rings = base.mark_point(filled=False, size=45, strokeWidth=1.4).encode(
        x=as_defined, color=colour
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(x=released, color=colour)
    words = base.mark_text(align="right", dx=-8, fontSize=9, color=_QUIET).encode(
        x=released, text="grain:N"
    )
    there = "isValid(datum.error)"
    layers: Any = alt.layer(
        ways.transform_filter(there),
        rings,
        dots.transform_filter(there),
        words.transform_filter(there),
    ).properties(width=430)
    column = alt.Column("year:N").title(None).header(labelFontSize=13)
    return _document(layers.facet(column=column, data=alt.Data(values=rows)), config)


def _line_at(grade: Grade) -> alt.Chart:
    return (
        alt.Chart(alt.Data(values=[{"at": grade.useful}]))
        .mark_rule(color=_QUIET, strokeDash=[4, 3])
        .encode(x="at:Q")
    )


def _document(chart: Any, config: dict[str, Any]) -> dict[str, Any]:
    return chart.configure(**config | {"background": "white"}).to_dict()
