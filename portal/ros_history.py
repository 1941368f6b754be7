"""Risk over time: how many risks had each level at each assessment, and which of them changed."""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from style import theme
from style.drawing import svg

LEVELS = {"red": ("#f6cfd0", "#5c0d14"), "yellow": ("#fbe9b7", "#4a3500"),
          "green": ("#d7ead9", "#12351a")}  # fmt: skip
"""Level -> its paper and its ink, as on the rest of the page, light or dark. Red stands lowest."""
DRAWN, TOLD = 24, 12
_WIDTH, _HEIGHT, _LEFT, _TOP, _STEP = 700, 200, 8, 6, 44
_DATES = 12


@dataclass(frozen=True)
class Change:
    """One risk that had another level than at the assessment before. on: `2026-11-28`."""

    on: str
    risk: str
    before: str
    after: str


def changes(history: Sequence[Mapping[str, Any]]) -> list[Change]:
    """The last changes of level, the newest first."""
    found = [
        Change(later["at"][:10], risk, earlier["levels"][risk], level)
        for earlier, later in itertools.pairwise(history)
        for risk, level in later["levels"].items()
        if earlier["levels"].get(risk, level) != level
    ]
    return found[::-1][:TOLD]


def picture(history: Sequence[Mapping[str, Any]], title: str, description: str) -> Markup:
    """One column for each of the last assessments, the newest to the right.

    history: as in the report's document, the oldest first. Columns stand side by side, however much
    time there was between them; the dates are below.
    """
    shown = history[-DRAWN:]
    most = max(len(of["levels"]) for of in shown)
    step = min(_STEP, (_WIDTH - 2 * _LEFT) / len(shown))
    every = math.ceil(len(shown) / _DATES)
    parts: list[Markup] = []
    last = ""
    for number, of in enumerate(shown):
        x = _LEFT + step * number
        parts += _column(Counter(of["levels"].values()), x, step - 4, _HEIGHT / most)
        day = datetime.fromisoformat(of["at"]).strftime("%d.%m.")
        if number % every == 0 and day != last:
            parts.append(_text(x + (step - 4) / 2, _TOP + _HEIGHT + 16, day, theme.QUIET.light))
            last = day
    width = 2 * _LEFT + step * len(shown)
    return svg((width, _TOP + _HEIGHT + 24), Markup().join(parts), "history", title, description)


def _column(levels: Counter[str], x: float, width: float, unit: float) -> list[Markup]:
    parts: list[Markup] = []
    bottom = _TOP + _HEIGHT
    for level, (paper, ink) in LEVELS.items():
        height = unit * levels[level]
        if not height:
            continue
        bottom -= height
        parts.append(
            Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" fill="{}"/>').format(
                x, round(bottom, 2), width, round(height - 1, 2), paper
            )
        )
        if unit * levels[level] >= 11 and width >= 14:
            middle = bottom + height / 2 + 4
            parts.append(_text(x + width / 2, middle, str(levels[level]), ink))
    return parts


def _text(x: float, y: float, words: str, fill: str) -> Markup:
    return Markup(
        '<text x="{:g}" y="{:g}" font-size="11" text-anchor="middle" font-family="{}" fill="{}">'
        "{}</text>"
    ).format(round(x, 2), round(y, 2), theme.FONT, fill, words)
