"""A site's data flows as one picture: who is outside, what is inside, and what crosses the border.

Every flow has the number that it has in the table below the picture. Where several run between the
same two boxes, one arrow carries their numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from markupsafe import Markup, escape

from style import theme
from style.drawing import svg

_INK, _QUIET, _ACCENT, _CARD = (
    colour.light for colour in (theme.INK, theme.QUIET, theme.ACCENT, theme.CARD)
)
_OUTSIDE, _INSIDE, _STEP = 210.0, 240.0, 17.0
"""Width of a box outside and inside; height of a line of text."""
_TOP, _PAD, _GAP, _LANE, _CORRIDOR, _MESSAGES, _APART = 56.0, 26.0, 44.0, 30.0, 80.0, 176.0, 34.0
"""Of the first box; inside the border; between boxes; for each flow that passes boxes by; between
the tables and the agent; between the border and the coordinator, with the names of messages;
between flows that cross the border."""
_SIZE = 13.5
_PLAIN, _BOLD = 0.54, 0.62
"""Of a letter's width to its height."""

Point = tuple[float, float]


@dataclass(frozen=True)
class _Content:
    """What a box says, and the assets that it stands for."""

    ids: frozenset[str]
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Box:
    content: _Content
    x: float
    y: float
    width: float
    least: float = 0.0

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def lines(self) -> list[tuple[str, bool]]:
        """(text, whether it is the title's), broken to the width."""
        room = (self.width - 24) / _SIZE
        title = [(line, True) for line in _wrapped(self.content.title, room / _BOLD)]
        plain = [part for line in self.content.lines for part in _wrapped(line, room / _PLAIN)]
        return title + [(part, False) for part in plain]

    @property
    def bottom(self) -> float:
        return self.y + max(self.least, 20 + _STEP * len(self.lines))

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, (self.y + self.bottom) / 2


@dataclass(frozen=True)
class _Flows:
    """Those that run the same way between the same two boxes."""

    numbers: tuple[int, ...]

    @property
    def label(self) -> str:
        """`3`, `3–7`, `3, 5`."""
        runs: list[list[int]] = []
        for number in self.numbers:
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}–{r[-1]}" for r in runs)


@dataclass
class _Canvas:
    """below, above: what is drawn first, and what covers it."""

    below: list[Markup] = field(default_factory=list[Markup])
    above: list[Markup] = field(default_factory=list[Markup])

    def box(self, box: _Box) -> None:
        self.below.append(_rectangle(box.x, box.y, box.width, box.bottom - box.y))
        for n, (line, is_title) in enumerate(box.lines):
            y = box.y + 23 + _STEP * n
            self.below.append(_text((box.x + 12, y), line, _INK if is_title else _QUIET, is_title))

    def arrow(
        self, points: Sequence[Point], flows: _Flows, *, at: Point, crosses: bool = False
    ) -> None:
        """Along `points`, with its numbers at `at`."""
        colour, width = (_ACCENT, 3) if crosses else (_QUIET, 1.5)
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        self.below.append(_line(path + _head(points[-2], points[-1]), colour, width))
        half = 8 + 3.6 * len(flows.label)
        fill, ink = (_ACCENT, _CARD) if crosses else (_CARD, _INK)
        x, y = at
        self.above += [
            Markup(  # noqa: S704 -- numbers and colours of ours
                f'<rect x="{x - half:g}" y="{y - 11:g}" width="{2 * half:g}" height="22" rx="11" '
                f'fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'
            ),
            _text((x, y + 4.5), flows.label, ink, True, anchor="middle"),
        ]


class _Told:
    """What the document says, as the picture wants it."""

    def __init__(self, document: Mapping[str, Any], language: str) -> None:
        self._assets: list[dict[str, Any]] = document["assets"]
        self._flows: list[dict[str, Any]] = document["flows"]
        self._language = language

    def boxes_of_registers(self, *, inside: bool) -> list[_Content]:
        """One for each holder, or group of them."""
        by_holders = defaultdict[tuple[str, ...], list[dict[str, Any]]](list)
        for asset in self._assets:
            if asset["kind"] == "register" and asset["inside"] is inside:
                by_holders[tuple(asset["holders"])].append(asset)
        return [
            _Content(
                frozenset(asset["id"] for asset in assets),
                ", ".join(holders),
                tuple(f"{a['id'].partition(':')[2]}: {', '.join(a['holds'])}" for a in assets),
            )
            for holders, assets in by_holders.items()
        ]

    def boxes(self, *kinds: str) -> list[_Content]:
        """One for each asset."""
        return [
            _Content(frozenset([a["id"]]), self._name(a), (", ".join(a["holds"]),))
            for a in self._assets
            if a["kind"] in kinds
        ]

    def together(self, title: str, assets: Iterable[dict[str, Any]]) -> _Content:
        """One for all of them, by name."""
        found = list(assets)
        lines = tuple(f"· {self._name(asset)}" for asset in found)
        return _Content(frozenset(asset["id"] for asset in found), title, lines)

    def of_kind(self, *kinds: str) -> list[dict[str, Any]]:
        return [asset for asset in self._assets if asset["kind"] in kinds]

    def ends(self, kind: str, end: str) -> list[dict[str, Any]]:
        """The assets at that end of the flows of a kind."""
        ids = {flow[end] for flow in self._flows if flow["kind"] == kind}
        return [asset for asset in self._assets if asset["id"] in ids]

    def between(self, source: _Content, target: _Content) -> _Flows | None:
        numbers = [
            n
            for n, flow in enumerate(self._flows, 1)
            if flow["source"] in source.ids and flow["target"] in target.ids
        ]
        return _Flows(tuple(numbers)) if numbers else None

    def messages(self, one: _Content, other: _Content) -> list[tuple[int, bool, dict[str, Any]]]:
        """(number, whether it goes from `one` to `other`, flow) of all between them."""
        return [
            (n, flow["source"] in one.ids, flow)
            for n, flow in enumerate(self._flows, 1)
            if {flow["source"], flow["target"]} & one.ids
            and {flow["source"], flow["target"]} & other.ids
        ]

    def _name(self, asset: Mapping[str, Any]) -> str:
        return str(asset[f"name_{self._language}"])


def flow_picture(document: Mapping[str, Any], language: str, title: str, text: str) -> Markup:
    """document: as `ros.json` has it. title, text: for those who do not see the picture."""
    told, canvas = _Told(document, language), _Canvas()
    nb = language == "nb"
    outside = told.boxes_of_registers(inside=False)
    left = _OUTSIDE + _GAP + 14.0 * len(outside) if outside else 4.0
    own = told.boxes_of_registers(inside=True)
    tables = [
        *own,
        *told.boxes("landing"),
        *told.boxes("models"),
        told.together(
            "Indikatorer som besvares" if nb else "Indicators answered", told.of_kind("indicator")
        ),
        *told.boxes("reports"),
    ]
    passing = sum(
        told.between(one, other) is not None
        for n, one in enumerate(tables)
        for other in tables[n + 2 :]
    )
    chain = _stacked(
        tables,
        left + _PAD + passing * _LANE,
        least={len(own): _APART * len(outside) + 16},  # of the landing, where deliveries come in
    )
    agents = told.of_kind("agent")
    software = ", ".join(name for a in told.of_kind("software") for name in a["holds"])
    agent_says = _Content(
        frozenset(a["id"] for a in agents),
        ", ".join(a[f"name_{language}"] for a in agents),
        (software,),
    )
    coordinators = told.boxes("coordinator")
    messages = [m for of in coordinators for m in told.messages(agent_says, of)]
    column = chain[0].right + _CORRIDOR
    trust, agent, record = _stacked(
        [
            told.together(
                "Det agenten går etter" if nb else "What the agent goes by",
                told.ends("trust", "source"),
            ),
            agent_says,
            told.together(
                "Det agenten skriver ned" if nb else "What the agent writes down",
                told.ends("record", "target"),
            ),
        ],
        column,
        least={1: _APART * len(messages) + 24},
    )
    edge = agent.right + _GAP
    bottom = max(record.bottom, chain[-1].bottom) + 24
    name = f"{document['site']['name']}: " + (
        "virksomhetens grense" if nb else "the organisation's border"
    )
    canvas.below += _border(left, edge - left, bottom, name)
    for box in (*chain, trust, agent, record):
        canvas.box(box)
    _inside(canvas, told, chain, (trust, agent, record))
    _delivered(canvas, told, outside, chain, left)
    _across(canvas, coordinators, messages, agent, edge)
    right = edge + _MESSAGES + _OUTSIDE
    peers = told.together(
        "Andre virksomheter" if nb else "Other organisations", told.of_kind("peer")
    )
    if peers.lines:
        _peers(canvas, peers, agent, right - _OUTSIDE)
    body = Markup("").join([*canvas.below, *canvas.above])
    return svg((right + 2, bottom + 4), body, "flows", title, text)


def _stacked(
    contents: Sequence[_Content], x: float, least: Mapping[int, float] | None = None
) -> list[_Box]:
    """One below the other. least: height of those that want more than their text does."""
    boxes: list[_Box] = []
    for n, content in enumerate(contents):
        y = boxes[-1].bottom + _GAP if boxes else _TOP
        boxes.append(_Box(content, x, y, _INSIDE, (least or {}).get(n, 0.0)))
    return boxes


def _inside(
    canvas: _Canvas, told: _Told, chain: Sequence[_Box], agents: tuple[_Box, _Box, _Box]
) -> None:
    """Down the tables, past some of them on their left, to the agent, and to what is its own."""
    trust, agent, record = agents
    lane = 0
    for n, source in enumerate(chain):
        for m, target in enumerate(chain):
            flows = told.between(source.content, target.content)
            if flows is None or n >= m:
                continue
            if m == n + 1:
                _down(canvas, source, target, flows)
                continue
            lane += 1
            x = source.x - _LANE * lane
            start, end = source.middle[1] + 10, target.middle[1] - 10
            points = [(source.x, start), (x, start), (x, end), (target.x, end)]
            canvas.arrow(points, flows, at=(x, (start + end) / 2))
        flows = told.between(source.content, agent.content)
        if flows is not None:
            start, x = source.middle[1], source.right + _CORRIDOR / 2
            end = min(max(start, agent.y + 40), agent.bottom - 16)
            points = [(source.right, start), (x, start), (x, end), (agent.x, end)]
            canvas.arrow(points, flows, at=(x, (start + end) / 2))
    for source, target in ((trust, agent), (agent, record)):
        flows = told.between(source.content, target.content)
        if flows is not None:
            _down(canvas, source, target, flows)


def _down(canvas: _Canvas, source: _Box, target: _Box, flows: _Flows) -> None:
    x = source.middle[0]
    y = (source.bottom + target.y) / 2
    canvas.arrow([(x, source.bottom), (x, target.y)], flows, at=(x, y - 2))


def _delivered(
    canvas: _Canvas, told: _Told, outside: Sequence[_Content], chain: Sequence[_Box], left: float
) -> None:
    """From those who hold registers, over the border, into the landing."""
    y = _TOP
    for n, content in enumerate(outside):
        box = _Box(content, 0.0, y, _OUTSIDE)
        canvas.box(box)
        y = box.bottom + 20
        for target in chain:
            flows = told.between(content, target.content)
            if flows is not None:
                start = box.middle[1]
                end = target.y + 24 + _APART * n
                x = left - 20 - 14 * n  # those further down turn first, so that none meet
                points = [(box.right, start), (x, start), (x, end), (target.x, end)]
                canvas.arrow(points, flows, at=(left, end), crosses=True)


def _across(
    canvas: _Canvas,
    coordinators: Sequence[_Content],
    messages: Sequence[tuple[int, bool, dict[str, Any]]],
    agent: _Box,
    edge: float,
) -> None:
    """Every type of message on a line of its own."""
    x = edge + _MESSAGES
    for content in coordinators:
        canvas.box(_Box(content, x, agent.y, _OUTSIDE, agent.bottom - agent.y))
    for n, (number, leaves, flow) in enumerate(messages):
        y = agent.y + _APART * (n + 1)
        ends = [(agent.right, y), (x, y)]
        points = ends if leaves else ends[::-1]
        canvas.arrow(points, _Flows((number,)), at=(edge, y), crosses=True)
        canvas.above.append(_text((edge + 22, y - 7), ", ".join(flow["carries"]), _INK, False))


def _peers(canvas: _Canvas, peers: _Content, agent: _Box, x: float) -> None:
    """No message of theirs comes here but through the coordinator."""
    box = _Box(peers, x, agent.bottom + _GAP, _OUTSIDE)
    canvas.box(box)
    middle = box.middle[0]
    canvas.below.append(
        _line(f"M{middle:g} {agent.bottom:g}V{box.y:g}", _QUIET, 1.5, ' stroke-dasharray="4 4"')
    )


def _border(x: float, width: float, bottom: float, name: str) -> list[Markup]:
    return [
        Markup(  # noqa: S704 -- numbers and colours of ours
            f'<rect x="{x:g}" y="10" width="{width:g}" height="{bottom - 10:g}" rx="14" '
            f'fill="none" stroke="{_ACCENT}" stroke-width="2" stroke-dasharray="9 6"/>'
        ),
        _text((x + 20, 38), name, _ACCENT, True),
    ]


def _wrapped(text: str, most: float) -> list[str]:
    return wrap(text, int(most), break_long_words=False, break_on_hyphens=False)


def _rectangle(x: float, y: float, width: float, height: float) -> Markup:
    return Markup(  # noqa: S704 -- numbers and colours of ours
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" '
        f'fill="{_CARD}" stroke="{_QUIET}" stroke-width="1.25"/>'
    )


def _line(path: str, colour: str, width: float, more: str = "") -> Markup:
    return Markup(  # noqa: S704 -- numbers and colours of ours
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linejoin="round"{more}/>'
    )


def _head(before: Point, end: Point) -> str:
    """The point of an arrow that goes straight from `before` to `end`."""
    (x, y), dx, dy = end, end[0] - before[0], end[1] - before[1]
    if abs(dx) > abs(dy):
        back = x - 8 if dx > 0 else x + 8
        return f"M{back:g} {y - 5:g}L{x:g} {y:g}L{back:g} {y + 5:g}"
    back = y - 8 if dy > 0 else y + 8
    return f"M{x - 5:g} {back:g}L{x:g} {y:g}L{x + 5:g} {back:g}"


def _text(at: Point, text: str, colour: str, bold: bool, anchor: str = "start") -> Markup:
    weight = ' font-weight="650"' if bold else ""
    return Markup(  # noqa: S704 -- numbers and colours of ours, and escaped text
        f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{_SIZE:g}" fill="{colour}" '
        f'text-anchor="{anchor}"{weight}>{escape(text)}</text>'
    )
