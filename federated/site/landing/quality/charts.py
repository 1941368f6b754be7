"""The pictures of the quality page, as SVG text: drawn without a browser and without a network."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import altair as alt
import vl_convert
from markupsafe import Markup, escape

from federated.site.landing.quality.facts import NO_MONTH, TableFacts

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

QUIET, LINE, ACCENT, BEFORE = "#51636a", "#d9dedb", "#0b6470", "#c9b79c"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_WIDE, _NARROW, _MANY = 30, 13, 24
"""Width of a month in pixels: while there are at most `_MANY`, and beyond."""

_SHARES = {
    "ingen": "#8c2d04",
    "under 50 %": "#e08a3c",
    "50–90 %": "#f3d9a4",
    "90–99 %": "#9ccad0",
    "99–100 %": "#0b6470",
}
"""Share filled, in words -> colour: orange to blue-green, told apart by the colour-blind too."""

_CONFIG = {
    "aria": False,  # the page gives each picture its own title and text
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "gridColor": LINE,
        "labelColor": QUIET,
        "labelFontSize": 11,
        "ticks": False,
        "title": None,
    },
    "legend": {"labelColor": QUIET, "titleColor": QUIET, "titleFontWeight": "normal"},
}


def drawn_variables(facts: TableFacts) -> list[str]:
    """The columns of the heat map: of a numbered family (NCSP_1 to NCSP_20) the first alone."""
    return [name for name in facts.filled if re.sub(r"(?<=_)\d+", "1", name) == name]


def completeness(facts: TableFacts, months: Sequence[str]) -> alt.Chart:
    """Share filled, variable by month. A month without rows is left blank."""
    cells = [
        {"variable": name, "month": month, "share": _share_in_words(filled / rows)}
        for name in drawn_variables(facts)
        for month in months
        if (rows := facts.rows.get(month, 0))
        for filled in [facts.filled[name].get(month, 0)]
    ]
    legend = alt.Legend(title="Andel utfylt", orient="top", symbolType="square", symbolSize=140)
    return (
        alt.Chart(alt.Data(values=cells))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            x=_month_axis(months),
            y=alt.Y("variable:N").sort(drawn_variables(facts)).axis(labelLimit=180),
            color=alt.Color("share:O")
            .scale(domain=list(_SHARES), range=list(_SHARES.values()))
            .legend(legend),
        )
        .properties(width=alt.Step(_step(months)), height=alt.Step(15))
        .configure(**_CONFIG)
    )


def _share_in_words(share: float) -> str:
    none, *others, full = _SHARES
    if share == 0:
        return none
    return next(
        (words for words, top in zip(others, (0.5, 0.9, 0.99), strict=True) if share < top), full
    )


def rows_by_month(facts: TableFacts, previous: TableFacts | None, months: Sequence[str]) -> Chart:
    """Rows per month as bars, those of the previous delivery as wider, paler ones behind."""
    series = {"forrige": previous.rows if previous else {}, "denne": facts.rows}
    bars = [
        {"month": month, "delivery": name, "rows": rows.get(month, 0)}
        for name, rows in series.items()
        for month in months
    ]
    present = ["denne", "forrige"] if previous else ["denne"]
    color = (
        alt.Color("delivery:N")
        .scale(domain=present, range=[ACCENT, BEFORE][: len(present)])
        .legend(alt.Legend(title="Leveranse", orient="top") if previous else None)
    )
    axis = alt.Axis(tickCount=4, format=",d", labelExpr=_SPACED)
    base = alt.Chart(alt.Data(values=bars)).encode(
        x=_month_axis(months), y=alt.Y("rows:Q").axis(axis), color=color
    )
    return (
        alt.layer(
            base.transform_filter("datum.delivery == 'forrige'").mark_bar(size=_step(months) - 4),
            base.transform_filter("datum.delivery == 'denne'").mark_bar(size=_step(months) // 2),
        )
        .properties(width=alt.Step(_step(months)), height=130)
        .configure(**_CONFIG)
    )


def months_drawn(facts: TableFacts, period: Sequence[str]) -> list[str]:
    """The months of the period; where none of the rows has one, a single column without a name."""
    return list(period) if any(facts.rows.get(month) for month in period) else [NO_MONTH]


def svg(chart: Chart, identifier: str, title: str, text: str) -> Markup:
    """The chart as inline SVG with a title and a text for those who do not see it."""
    drawn = vl_convert.vegalite_to_svg(chart.to_dict())
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    if size is None:
        raise ValueError("the drawn chart has no size")
    body = drawn[drawn.index(">") + 1 :]
    # Two charts in one page must not share the ids of gradients and clips.
    body = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{identifier}-", body)
    return Markup(  # noqa: S704 -- Vega escapes the body, we the rest
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {size[1]} {size[2]}" width="{size[1]}" height="{size[2]}" role="img" '
        f'aria-labelledby="{identifier}-title {identifier}-text">'
        f'<title id="{identifier}-title">{escape(title)}</title>'
        f'<desc id="{identifier}-text">{escape(text)}</desc>{body}'
    )


def _month_axis(months: Sequence[str]) -> alt.X:
    """Months in order; the year stands at its first month."""
    labels = dict(zip(months, _labels(months), strict=True))
    return (
        alt.X("month:O")
        .scale(domain=list(months))
        .axis(
            labelExpr=f"({json.dumps(labels)})[datum.value]",
            labelAngle=0,
            labelOverlap=False,
        )
    )


_MONTHS = ["jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"]


def _labels(months: Sequence[str]) -> Iterator[str | list[str]]:
    if list(months) == [NO_MONTH]:
        yield "alle"
        return
    for year, names in groupby(months, key=lambda month: month[:4]):
        for place, name in enumerate(names):
            month = _MONTHS[int(name[5:]) - 1]
            short = "" if len(months) > _MANY else month
            yield [short, year] if place == 0 else short


def _step(months: Sequence[str]) -> int:
    if list(months) == [NO_MONTH]:
        return 3 * _WIDE
    return _WIDE if len(months) <= _MANY else _NARROW


_SPACED = "replace(format(datum.value, ',d'), regexp(',', 'g'), '\N{NARROW NO-BREAK SPACE}')"
