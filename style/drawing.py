"""Charts as inline SVG, drawn without a browser and without a network."""

import re
from typing import Any, Protocol

import vl_convert
from markupsafe import Markup, escape

SPACED_THOUSANDS = (
    "replace(format(datum.value, ',d'), regexp(',', 'g'), '\N{NARROW NO-BREAK SPACE}')"
)
"""Vega's label expression for a number as it is written in bokmål."""


_TAG = re.compile(r"<[^>]+>")
_ROLE = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


class Chart(Protocol):
    """What Altair makes."""

    def to_dict(self) -> dict[str, Any]: ...


def inline(chart: Chart, identifier: str, title: str, description: str = "") -> Markup:
    """The chart with a title and a text for those who do not see it. identifier: unique on the
    page.
    """
    drawn = vl_convert.vegalite_to_svg(chart.to_dict())
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    if size is None:
        raise ValueError("the drawn chart has no size")
    # What Vega wrote is escaped by Vega. To a screen reader the chart is one picture, so its parts
    # have no roles.
    plain = _TAG.sub(lambda tag: _ROLE.sub("", tag[0]), drawn)
    body = Markup(plain[plain.index(">") + 1 : plain.rindex("</svg>")])  # noqa: S704
    return svg((float(size[1]), float(size[2])), body, identifier, title, description)


def svg(
    size: tuple[float, float], body: Markup, identifier: str, title: str, description: str = ""
) -> Markup:
    """A picture of that width and height, named by `title` and told by `description`."""
    width, height = size
    labels = f"{identifier}-title" + (f" {identifier}-text" if description else "")
    text = f'<desc id="{identifier}-text">{escape(description)}</desc>' if description else ""
    return Markup(  # noqa: S704 -- the body is markup already, we escape the rest
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-labelledby="{labels}">'
        f'<title id="{identifier}-title">{escape(title)}</title>{text}{body}</svg>'
    )
