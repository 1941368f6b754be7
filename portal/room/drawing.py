"""The reading room's own pictures, in the colours of all the others.

Each says a figure the same way: a point (filled where usable, hollow where uncertain, none where it
is not shown) on a bar that is its interval. Text in them is as large as on the page.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from portal.figures import ShareFigure
from portal.room.areas import TILES
from portal.room.figures import Row, Shown
from portal.room.phrases import Phrases
from privacy.estimates.status import Status
from style import theme
from style.drawing import svg

WIDTH = 380
_INK, _QUIET, _LINE = theme.INK.light, theme.QUIET.light, theme.LINE.light
_ACCENT, _INTERVAL, _CARD = theme.ACCENT.light, theme.INTERVAL.light, theme.CARD.light
_DRAWN = (Status.OK, Status.UNCERTAIN)
_SHORT = 11
"""Longest label that stands beside its bar and not above it."""


@dataclass(frozen=True)
class Words:
    """What a picture is called, and what it says to those who do not see it."""

    identifier: str
    title: str
    text: str


@dataclass(frozen=True)
class Moment:
    """One place on a line of time. year: written below, where it begins."""

    label: str
    year: str
    shown: Shown


def over_time(moments: Sequence[Moment], phrases: Phrases, named: Words) -> Markup:
    """Time from left to right, the figure upwards from zero."""
    left, right, top, height = 52, 8, 12, 176
    ticks = _ticks(max((_top(m.shown) for m in moments), default=1.0))
    step = (WIDTH - left - right) / len(moments)
    parts: list[Markup] = []

    def y(value: float) -> float:
        return top + height * (1 - min(value / ticks[-1], 1))

    for tick in ticks:
        parts.append(_line((left, y(tick)), (WIDTH - right, y(tick)), _LINE))
        parts.append(_text((left - 6, y(tick) + 4), _axis(tick, moments[0].shown, phrases), "end"))
    places = [(left + step * (n + 0.5), moment) for n, moment in enumerate(moments)]
    for x, moment in places:
        if moment.shown.high is not None and moment.shown.low is not None:
            thick = min(12.0, step * 0.6)
            low, high = y(moment.shown.low), y(moment.shown.high)
            parts.append(_bar(x - thick / 2, high, thick, max(low - high, 1.5)))
    for (x, one), (next_x, other) in itertools.pairwise(places):
        if one.shown.value is not None and other.shown.value is not None:
            start, end = (x, y(max(one.shown.value, 0))), (next_x, y(max(other.shown.value, 0)))
            parts.append(_line(start, end, _ACCENT, 1.25))
    parts += [_point(x, y(max(m.shown.value or 0, 0)), m.shown.status) for x, m in places]
    every = math.ceil(len(moments) / 12)
    for n, (x, moment) in enumerate(places):
        if moment.label and n % every == 0:
            parts.append(_text((x, top + height + 16), moment.label, "middle"))
        if n == 0 or moment.year != moments[n - 1].year:
            edge = x - step / 2
            below = top + height + (32 if any(m.label for m in moments) else 18)
            if n:
                parts.append(_line((edge, top), (edge, below), _LINE))
            middle = edge + step * sum(m.year == moment.year for m in moments) / 2
            parts.append(_text((middle, below), moment.year, "middle", _INK))
    total = top + height + (40 if any(m.label for m in moments) else 26)
    return _picture(total, parts, named)


def bars(rows: Sequence[tuple[str, Shown]], phrases: Phrases, named: Words) -> Markup:
    """One line a value, the figure from left to right from zero, the number at the end."""
    short = all(len(label) <= _SHORT for label, _ in rows)
    pitch, left, right = (32, 96, 80) if short else (46, 4, 80)
    ticks = _ticks(max((_top(shown) for _, shown in rows), default=1.0), few=True)
    room = WIDTH - left - right
    height = 8 + pitch * len(rows)
    parts: list[Markup] = []

    def x(value: float) -> float:
        return left + room * min(value / ticks[-1], 1)

    for tick in ticks:
        parts.append(_line((x(tick), 4), (x(tick), height), _LINE))
        label = _axis(tick, rows[0][1], phrases)
        parts.append(_text((x(tick), height + 15), label, "middle" if tick else "start"))
    for n, (label, shown) in enumerate(rows):
        middle = 8 + pitch * n + (pitch / 2 if short else 30)
        place = (left - 10, middle + 4) if short else (left, middle - 13)
        anchor = "end" if short else "start"
        parts.append(_text(place, label, anchor, _INK))
        if shown.low is not None and shown.high is not None and phrases.ends(shown):
            parts.append(_bar(x(shown.low), middle - 5, max(x(shown.high) - x(shown.low), 1.5), 10))
        parts.append(_point(x(max(shown.value or 0, 0)), middle, shown.status))
        parts.append(_number(WIDTH - 2, middle + 4, shown, phrases))
    return _picture(height + 22, parts, named)


def tile_map(rows: Sequence[Row], quantity: str, phrases: Phrases, named: Words) -> Markup:
    """Each bydel as a tile with its number and mark, and its interval on one scale for all."""
    side, tall, gap = 72, 66, 5
    by_area = {row.value: row.figures[quantity] for row in rows}
    inside = [shown for area, shown in by_area.items() if area in TILES]
    most = max((_top(shown) for shown in inside), default=1.0) or 1.0
    parts: list[Markup] = []
    for area, tile in TILES.items():
        if area not in by_area:
            continue
        shown = by_area[area]
        x, y = tile.column * (side + gap), tile.row * (tall + gap)
        dashed = ' stroke-dasharray="3 3"' if not tile.inside else ""
        parts.append(
            Markup(
                '<rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="{}" stroke="{}"'
            ).format(x + 0.5, y + 0.5, side - 1, tall - 1, theme.PAPER.light, _LINE)
            + Markup(dashed)  # noqa: S704 -- one of two words of ours
            + Markup("/>")
        )
        for n, line in enumerate(tile.lines):
            size = 10.5 if len(line) < 12 else 9 if len(line) < 14 else 8.5
            at = y + (15 if len(tile.lines) == 1 else 11 + 10 * n)
            parts.append(
                _text((x + 6, at), line, "start", size=size if len(tile.lines) == 1 else 9)
            )
        parts.append(_tile_number(x + 6, y + 40, shown, phrases))
        track = side - 12

        def along(value: float, start: float = x + 6, track: float = track) -> float:
            return start + track * min(value / most, 1)

        parts.append(_line((x + 6, y + 54), (x + 6 + track, y + 54), _LINE))
        if shown.low is not None and shown.high is not None and phrases.ends(shown):
            low, high = along(shown.low), along(shown.high)
            parts.append(_bar(low, y + 50, max(high - low, 1.5), 8))
        parts.append(_point(along(max(shown.value or 0, 0)), y + 54, shown.status, 3.4))
    rows_used = 1 + max((TILES[a].row for a in by_area if a in TILES), default=0)
    return _picture(rows_used * (tall + gap), parts, named)


def can_be_drawn(figures: Sequence[Shown]) -> bool:
    """Whether there is anything to see: a value, or the interval of one that is hidden."""
    return any(_top(shown) > 0 for shown in figures)


def has_tiles(rows: Sequence[Row]) -> bool:
    """Whether they are areas that the map knows."""
    return any(row.value in TILES for row in rows)


def mark(status: Status) -> str:
    """The sign of a status, as the style sheet has it."""
    return {"ok": "●", "uncertain": "○", "suppressed": "▾", "not_delivered": "…"}.get(status, "–")


def _picture(height: float, parts: Sequence[Markup], named: Words) -> Markup:
    body = Markup("").join(parts)
    return svg((WIDTH, height), body, named.identifier, named.title, named.text)


def _number(x: float, y: float, shown: Shown, phrases: Phrases) -> Markup:
    """The number at the end of a line, or the mark of what stands instead."""
    quiet = shown.status not in _DRAWN or shown.value is None
    text = phrases.value(shown)
    if shown.status in (Status.NOT_DELIVERED, Status.SUPPRESSED):
        text = f"{mark(shown.status)} {text}" if text != "–" else mark(shown.status)
    return _text((x, y), text, "end", _QUIET if quiet else _INK, size=13.5, bold=not quiet)


def _tile_number(x: float, y: float, shown: Shown, phrases: Phrases) -> Markup:
    quiet = shown.status not in _DRAWN or shown.value is None
    colour = theme.CAUTION.light if shown.status is Status.UNCERTAIN else theme.ACCENT.light
    sign = _text((x, y - 1), mark(shown.status), "start", _QUIET if quiet else colour, size=9.5)
    if shown.status in (Status.NOT_DELIVERED, Status.NOT_APPLICABLE):
        word = phrases.language.statuses[shown.status]
        return sign + _text((x + 13, y), word, "start", size=8.8)
    text = phrases.value(shown)
    size = 15.0 if len(text) < 6 else 13.0 if len(text) < 7 else 11.0
    ink = _QUIET if quiet else _INK
    return sign + _text((x + 13, y), text, "start", ink, size=size, bold=not quiet)


def _text(
    at: tuple[float, float],
    text: str,
    anchor: str,
    colour: str = _QUIET,
    *,
    size: float = 12.5,
    bold: bool = False,
) -> Markup:
    weight = ' font-weight="650"' if bold else ""
    return Markup(  # noqa: S704 -- numbers, our own words, and escaped text
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}" font-size="{size:g}" '
        f'fill="{colour}"{weight}>{escape(text)}</text>'
    )


def _line(
    start: tuple[float, float], end: tuple[float, float], colour: str, thick: float = 1.0
) -> Markup:
    return Markup(  # noqa: S704 -- numbers and a colour of ours
        f'<path d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" stroke="{colour}" '
        f'stroke-width="{thick:g}"/>'
    )


def _bar(x: float, y: float, width: float, height: float) -> Markup:
    return Markup(  # noqa: S704 -- numbers and a colour of ours
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" '
        f'fill="{_INTERVAL}"/>'
    )


def _point(x: float, y: float, status: Status, radius: float = 4.0) -> Markup:
    """Nothing where the status hides the figure."""
    if status not in _DRAWN:
        return Markup("")
    fill = _ACCENT if status is Status.OK else _CARD
    return Markup(  # noqa: S704 -- numbers and colours of ours
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{_ACCENT}" '
        'stroke-width="1.5"/>'
    )


def _top(shown: Shown) -> float:
    """How far the axis must reach. A share of which nothing is known would only make it 100 %."""
    if shown.value is None and isinstance(shown, ShareFigure):
        return 0.0
    return float(shown.high or 0)


def _ticks(top: float, few: bool = False) -> list[float]:
    """Zero and a few round numbers, the last at or above `top`."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / (3 if few else 4)
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)
    return [step * n for n in range(math.ceil(top / step - 1e-9) + 1)]


def _axis(tick: float, like: Shown, phrases: Phrases) -> str:
    if isinstance(like, ShareFigure):
        number = f"{tick * 100:g}".replace(".", phrases.language.decimal)
        return f"{number}{phrases.language.percent}"
    return phrases.language.number(round(tick)) if tick == round(tick) else f"{tick:g}"
