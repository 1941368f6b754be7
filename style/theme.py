"""One visual language for every page and chart.

Colours have a name and two values. Charts are drawn with the light ones, so that an SVG taken out
of its page still looks right; in the page, the style sheet maps each of them to its name, which
the dark scheme redefines.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Colour:
    name: str
    light: str
    dark: str


PAPER = Colour("paper", "#fbfaf6", "#10181b")
CARD = Colour("card", "#ffffff", "#172226")
INK = Colour("ink", "#17252a", "#e6edee")
QUIET = Colour("quiet", "#51636a", "#a3b4b9")
LINE = Colour("line", "#d9dedb", "#2d3c41")
ACCENT = Colour("accent", "#0b6470", "#66c5cf")
INTERVAL = Colour("interval", "#a9d3d6", "#2a5d66")
CAUTION = Colour("caution", "#8a4b00", "#f0b45b")
CAUTION_PAPER = Colour("caution-paper", "#fdf1dc", "#33260f")
ALARM = Colour("alarm", "#a1172a", "#ff9a9a")
ALARM_PAPER = Colour("alarm-paper", "#fde8e8", "#3a1619")

COLOURS = (
    PAPER, CARD, INK, QUIET, LINE, ACCENT, INTERVAL, CAUTION, CAUTION_PAPER, ALARM, ALARM_PAPER,
)  # fmt: skip
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def stylesheet() -> str:
    """All CSS of a page: the colours of both schemes, the charts' mapping, the rules."""
    light = "".join(f"--{colour.name}:{colour.light};" for colour in COLOURS)
    dark = "".join(f"--{colour.name}:{colour.dark};" for colour in COLOURS)
    charts = "".join(
        f'.chart [{attribute}="{colour.light}"]{{{attribute}:var(--{colour.name})}}\n'
        for colour in COLOURS
        for attribute in ("fill", "stroke")
    )
    rules = (files("style") / "templates" / "theme.css").read_text(encoding="utf-8")
    return (
        f":root{{color-scheme:light dark;--font:{FONT};{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{charts}{rules}"
    )


def chart_config() -> dict[str, Any]:
    """Vega-Lite configuration. `aria` is off: the page gives each chart its own title and text."""
    return {
        "aria": False,
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "domainColor": LINE.light,
            "gridColor": LINE.light,
            "labelColor": QUIET.light,
            "labelFontSize": 11,
            "tickColor": LINE.light,
            "title": None,
        },
        "header": {
            "labelColor": INK.light,
            "labelFontSize": 11.5,
            "labelFontWeight": 600,
            "title": None,
        },
    }
