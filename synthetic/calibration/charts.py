"""Pictures of a calibration as SVG, drawn without a browser and without a network."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import vl_convert
from altair.typing import ChartType
from markupsafe import Markup

from synthetic.calibration.areas import NAMES
from synthetic.calibration.compare import STANDARD_ERRORS, Result
from synthetic.calibration.words import UNITS, label

INK, QUIET, LINE = "#17252a", "#51636a", "#d9dedb"
BAND, GOOD, BAD, ALLOWED = "#e4efef", "#0b6470", "#b3261e", "#a9d3d6"
_ROW, _WIDTH, _LABELS = 21, 460, 290
_SHOWN = 0.6  # the widest deviation drawn in place; a wider one stands at the edge
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_CONFIG: Final[dict[str, Any]] = {
    "aria": False,
    "background": "transparent",
    "font": _FONT,
    # The drawing program measures text in another font than the reader's: room for the difference.
    "padding": {"left": 40, "top": 5, "right": 12, "bottom": 5},
    "view": {"stroke": None},
    "axis": {
        "domain": False, "gridColor": LINE, "labelColor": QUIET, "labelFontSize": 12,
        "labelLimit": 330, "ticks": False, "title": None, "labelPadding": 6,
    },
    "header": {"labelColor": INK, "labelFontSize": 12, "labelFontWeight": 600, "title": None},
}  # fmt: skip


def deviation_chart(results: Sequence[Result]) -> Markup:
    """Each result's relative deviation from its target, with `STANDARD_ERRORS` about it.

    The light band is the deviation allowed (`Result.detectable`), 0 the target.
    """
    drawn = [r for r in results if r.relative_error is not None]
    rows = [
        {
            "label": label(r),
            "value": _clip(r.relative_error or 0.0),
            "low": _clip((r.relative_error or 0.0) - STANDARD_ERRORS * (r.sampling_error or 0.0)),
            "high": _clip((r.relative_error or 0.0) + STANDARD_ERRORS * (r.sampling_error or 0.0)),
            "allowed_low": -_clip(r.detectable or 0.0),
            "allowed": _clip(r.detectable or 0.0),
            "within": r.within,
            "place": _place(r.relative_error or 0.0),
        }
        for r in drawn
    ]
    order = [row["label"] for row in rows]
    x = (
        alt.X("allowed_low:Q")
        .scale(domain=[-_SHOWN, _SHOWN])
        .axis(
            values=[-0.5, -0.25, -0.1, 0, 0.1, 0.25, 0.5],
            labelExpr="datum.value ? format(datum.value, '+.0%') : 'mål'",
        )
    )
    y = alt.Y("label:N").sort(order).axis(labelColor=INK, minExtent=_LABELS)
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    allowed = base.mark_bar(color=BAND, height=_ROW - 4).encode(x=x, x2="allowed:Q")
    zero = alt.Chart(alt.Data(values=[{"at": 0}])).mark_rule(color=QUIET).encode(x="at:Q")
    error = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=_colour())
    shape = alt.Shape("place:N").scale(
        domain=["left", "inside", "right"], range=["triangle-left", "circle", "triangle-right"]
    )
    dot = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="value:Q", color=_colour(), shape=shape.legend(None)
    )
    chart = alt.layer(allowed, zero, error, dot)
    return _svg(chart.properties(width=_WIDTH, height=_ROW * len(rows)))


def bydel_chart(results: Sequence[Result]) -> Markup:
    """Produced (dot, `STANDARD_ERRORS`) beside target (tick) for each bydel, highest first."""
    own = sorted(
        (r for r in results if r.name.split("/")[1] in NAMES and r.produced is not None),
        key=lambda r: -r.target,
    )
    rows = [
        {
            "label": label(r),
            "target": r.target,
            "produced": r.produced,
            "low": max(0.0, (r.produced or 0.0) - _reach(r)),
            "high": (r.produced or 0.0) + _reach(r),
            "within": r.within,
        }
        for r in own
    ]
    order = [row["label"] for row in rows]
    unit = UNITS[own[0].unit][0] if own else ""
    x = alt.X("low:Q").scale(zero=True, nice=True).axis(tickCount=6, format=",d", title=unit)
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("label:N").sort(order).axis(labelColor=INK, minExtent=_LABELS)
    )
    error = base.mark_rule(strokeWidth=7, stroke=ALLOWED, strokeCap="butt").encode(x=x, x2="high:Q")
    tick = base.mark_tick(color=INK, thickness=2.5, size=15).encode(x="target:Q")
    dot = base.mark_point(filled=True, size=55, opacity=1).encode(x="produced:Q", color=_colour())
    return _svg(alt.layer(error, tick, dot).properties(width=_WIDTH, height=_ROW * len(rows)))


def population_chart(results: Sequence[Result]) -> Markup:
    """Target against produced, a point a bydel, one panel an age group; the line is equality.

    A bydel in which nobody lives has no point.
    """
    rows = [
        {
            "age": r.name.split("/")[2],
            "target": r.target,
            "produced": r.produced,
            "within": r.within,
        }
        for r in results
        if r.name.count("/") == 2 and r.produced is not None
    ]
    panels: list[ChartType] = []
    for age in dict.fromkeys(row["age"] for row in rows):
        own = [row for row in rows if row["age"] == age]
        top = 1.1 * max(max(row["target"], row["produced"]) for row in own)
        scale = alt.Scale(domain=[0, top])
        equal = alt.Chart(alt.Data(values=[{"a": 0, "b": top}]))
        line = equal.mark_rule(color=QUIET, strokeDash=[3, 3]).encode(
            x=alt.X("a:Q", scale=scale).axis(tickCount=4, title="mål"),
            x2="b:Q",
            y=alt.Y("a:Q", scale=scale).axis(tickCount=4),
            y2="b:Q",
        )
        dots = (
            alt.Chart(alt.Data(values=own))
            .mark_point(filled=True, size=45, opacity=0.9)
            .encode(x="target:Q", y="produced:Q", color=_colour())
        )
        panels.append(alt.layer(line, dots).properties(width=150, height=150, title=f"{age} år"))
    return _svg(alt.hconcat(*panels, spacing=26))


def _reach(result: Result) -> float:
    return STANDARD_ERRORS * (result.sampling_error or 0.0) * result.target


def _clip(value: float) -> float:
    return max(-_SHOWN, min(_SHOWN, value))


def _place(value: float) -> str:
    return "inside" if abs(value) <= _SHOWN else "right" if value > 0 else "left"


def _colour() -> alt.Color:
    return alt.Color("within:N").scale(domain=[True, False], range=[GOOD, BAD]).legend(None)


def _svg(chart: ChartType) -> Markup:
    configured = chart.configure(**_CONFIG)
    # Vega escapes the text it draws.
    return Markup(vl_convert.vegalite_to_svg(configured.to_dict()))  # noqa: S704
