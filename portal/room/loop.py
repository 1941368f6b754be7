"""The acute loop as a picture: what is released of each step of the way, and what is not yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from portal.room.drawing import Words, mark
from portal.room.figures import Shown
from portal.room.phrases import Phrases
from portal.words import NOTHING
from privacy.estimates.status import Status
from style import theme
from style.drawing import svg


@dataclass(frozen=True)
class Step:
    """sources: (indicator, quantity), the first that is released is shown."""

    id: str
    name_nb: str
    name_en: str
    sources: tuple[tuple[str, str], ...]


STEPS = (
    Step(
        "before",
        "Kommunale tjenester før innleggelse",
        "Municipal services before admission",
        (("service_use_before_acute_admission", ""), ("services_of_frail", "persons")),
    ),
    Step(
        "kad", "Kommunal akutt døgnplass (KAD)", "Municipal acute bed", (("kad_use", "kad_stays"),)
    ),
    Step(
        "admission",
        "Akutt innlagt",
        "Acutely admitted",
        (("acute_admissions", "acute_admissions"),),
    ),
    Step(
        "avoidable",
        "Derav: kunne vært unngått med behandling i kommunen",
        "Of these: avoidable with care in the municipality",
        (("acsc_admissions", "acsc_admissions"),),
    ),
    Step(
        "ready",
        "Meldt utskrivningsklar",
        "Reported ready for discharge",
        (("discharge_ready", "reported_ready"),),
    ),
    Step(
        "waiting",
        "Ble liggende etter det",
        "Stayed on after that",
        (("discharge_ready", "overliggere/reported_ready"),),
    ),
    Step(
        "discharged",
        "Utskrevet",
        "Discharged",
        (("readmission_30d_same_site", "index_stays"), ("discharge_days", "discharge_days")),
    ),
    Step(
        "followup",
        "Fulgt opp i kommunen",
        "Followed up in the municipality",
        (
            ("gp_followup_after_discharge", "within_7_days"),
            ("home_care_after_discharge", "within_7_days"),
        ),
    ),
    Step(
        "readmitted",
        "Akutt reinnlagt innen 30 dager",
        "Acutely readmitted within 30 days",
        (
            ("readmission_30d_same_site", "acute_readmissions_30d_same_site/index_stays"),
            ("readmission_30d_hdir", "acute_readmissions/index_stays"),
            ("readmission_30d_skde", "acute_readmissions/index_stays"),
        ),
    ),
)


@dataclass(frozen=True)
class Stop:
    """A step with what is released of it: the indicator, its period, its figure and unit."""

    step: Step
    indicator: str | None = None
    period: str = ""
    shown: Shown | None = None
    unit: str = ""


@dataclass(frozen=True)
class _Box:
    """Where a step stands, in a picture of 1000 by 440."""

    x: float
    y: float
    width: float = 218
    height: float = 112


_WIDE = {
    "before": _Box(8, 24),
    "kad": _Box(262, 24),
    "admission": _Box(516, 24),
    "avoidable": _Box(770, 24),
    "ready": _Box(770, 164),
    "waiting": _Box(770, 304),
    "discharged": _Box(516, 304),
    "followup": _Box(262, 304),
    "readmitted": _Box(516, 164),
}
_ARROWS = (
    "M226 80H256", "M480 80H510", "M734 80H764", "M879 136V158", "M879 276V298",
    "M770 360H740", "M516 360H486", "M625 304V282", "M625 164V142",
)  # fmt: skip


def loop_picture(
    stops: Mapping[str, Stop] | Sequence[Stop], phrases: Phrases, named: Words
) -> Markup:
    """For a wide page; a narrow one has the same as a list."""
    by_id = stops if isinstance(stops, Mapping) else {stop.step.id: stop for stop in stops}
    arrows = Markup("").join(_arrow(path) for path in _ARROWS)
    home = Markup('<path d="M262 360H117V146" fill="none" stroke="{0}" stroke-width="1.75"/>')
    arrows += home.format(theme.QUIET.light) + _arrow("M117 160V142")
    boxes = Markup("").join(_box(box, by_id[name], phrases) for name, box in _WIDE.items())
    return svg((1000, 440), arrows + boxes, named.identifier, named.title, named.text)


def _arrow(path: str) -> Markup:
    """A line and its head, which points the way of the last stroke."""
    head = {
        "H": lambda x, y, back: f"M{x + 8 * back} {y - 5}L{x} {y}L{x + 8 * back} {y + 5}",
        "V": lambda x, y, back: f"M{x - 5} {y + 8 * back}L{x} {y}L{x + 5} {y + 8 * back}",
    }
    turn = "H" if "H" in path else "V"
    start, end = path[1:].split(turn)
    from_x, from_y = (float(number) for number in start.split())
    x, y = (float(end), from_y) if turn == "H" else (from_x, float(end))
    back = -1 if (x > from_x or y > from_y) else 1
    return Markup(  # noqa: S704 -- numbers and a colour of ours
        f'<path d="{path}{head[turn](x, y, back)}" fill="none" '
        f'stroke="{theme.QUIET.light}" stroke-width="1.75" stroke-linejoin="round"/>'
    )


def _box(box: _Box, stop: Stop, phrases: Phrases) -> Markup:
    released = stop.shown is not None
    dash = "" if released else ' stroke-dasharray="5 4"'
    colour = theme.ACCENT.light if released else theme.LINE.light
    parts = [
        Markup(  # noqa: S704 -- numbers and colours of ours
            f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="9" '
            f'fill="{theme.PAPER.light}" stroke="{colour}" stroke-width="1.5"{dash}/>'
        )
    ]
    lines = _broken(phrases.of(stop.step, "name"), 25)
    for n, line in enumerate(lines):
        parts.append(_text(box.x + 14, box.y + 24 + 17 * n, line, 13.5, theme.INK.light))
    below = box.y + 24 + 17 * len(lines)
    if stop.shown is None:
        text = phrases.say("ikke utgitt ennå", "not released yet")
        parts.append(_text(box.x + 14, below + 8, text, 13, theme.QUIET.light))
    else:
        sign = "" if stop.shown.status is Status.OK else f"{mark(stop.shown.status)} "
        if phrases.value(stop.shown) == NOTHING:
            text = f"{sign}{phrases.language.statuses[stop.shown.status]}"
            parts.append(_text(box.x + 14, below + 12, text, 14, theme.QUIET.light))
        else:
            text = f"{sign}{phrases.value(stop.shown)}"
            parts.append(_text(box.x + 14, below + 16, text, 23, theme.ACCENT.light))
        width = phrases.uncertainty(stop.shown, "").strip()
        text = f"{width} · {stop.period}" if width else stop.period
        parts.append(_text(box.x + 14, below + 36, text, 12.5, theme.QUIET.light))
    return Markup("").join(parts)


def _text(x: float, y: float, text: str, size: float, colour: str) -> Markup:
    weight = ' font-weight="650"' if size > 20 else ""
    return Markup(  # noqa: S704 -- numbers and colours of ours, and escaped text
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{weight}>'
        f"{escape(text)}</text>"
    )


def _broken(text: str, width: int) -> list[str]:
    """Two lines at most."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width and len(lines) < 2:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
