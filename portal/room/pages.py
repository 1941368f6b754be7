"""The reading room's pages, in one language at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from portal.release_record import ReleaseRecord
from portal.room import drawing, figures, loop
from portal.room.drawing import Moment, Words
from portal.room.editions import Edition, Shelf, Standing
from portal.room.figures import Cut, Quantity, Row, Shown
from portal.room.groups import Group, by_group
from portal.room.money import PURSES, purse_of
from portal.room.phrases import Phrases
from portal.words import BOKMAL, ENGLISH
from style.pages import environment

LANGUAGES = (Phrases(BOKMAL), Phrases(ENGLISH))
FORMATS = (("csv", "CSV"), ("parquet", "Parquet"), ("json", "JSON-stat 2.0"), ("xlsx", "XLSX"))
MANIFEST = "index.json"


@dataclass(frozen=True)
class Worked:
    """An edition with everything that is said of it. whole: None where nothing adds up to all."""

    edition: Edition
    quantities: list[Quantity]
    whole: dict[str, Shown] | None
    cuts: list[Cut]

    @property
    def record(self) -> ReleaseRecord:
        return self.edition.record

    @property
    def main(self) -> Quantity:
        """What is drawn: the first share, or else the first measure."""
        return self.quantities[0]

    def cut(self, kind: str) -> Cut | None:
        return next((cut for cut in self.cuts if cut.kind == kind), None)


@dataclass(frozen=True)
class Picture:
    """A picture and the same as a table. rows: label, and a figure for each quantity. svg: None
    where none of them can be drawn.
    """

    title: str
    svg: Markup | None
    heading: str
    rows: list[tuple[str, list[Shown]]]
    note: str = ""


def worked(edition: Edition) -> Worked:
    return Worked(
        edition,
        figures.quantities(edition.record),
        figures.whole(edition),
        figures.cuts(edition),
    )


def index_path(phrases: Phrases) -> str:
    return _in(phrases, "index.html")


def indicator_path(phrases: Phrases, indicator: str) -> str:
    return _in(phrases, f"indicator/{indicator}.html")


def edition_path(phrases: Phrases, edition: str) -> str:
    return _in(phrases, f"release/{edition}.html")


def data_path(edition: str, suffix: str) -> str:
    return f"data/{edition}.{suffix}"


def render_index(
    shelves: Sequence[Shelf], known: Mapping[str, Worked], phrases: Phrases, name: str | None
) -> str:
    """known: every edition by id. name: of the helsefellesskap, if it is known."""
    stops = _stops(shelves, known)
    picture = loop.loop_picture(
        stops,
        phrases,
        Words(
            "loop",
            phrases.say("Akuttsløyfen", "The acute loop"),
            phrases.say(
                "Veien fra kommunale tjenester gjennom sykehuset og hjem igjen, og tilbake for dem "
                "som reinnlegges. Samme innhold står som liste under.",
                "The way from municipal services through the hospital and home again, and back for "
                "those readmitted. The same stands as a list below.",
            ),
        ),
    )
    records = [known[e.id].record for shelf in shelves for e in shelf.editions]
    return _render(
        "room_index.html.j2",
        phrases,
        "index.html",
        name=name,
        groups=by_group(shelves),
        known=known,
        stops=stops,
        loop_svg=picture,
        row_of=_row_of,
        records=records,
        costs=_costs(shelves, known),
        purses=PURSES,
        mark=drawing.mark,
    )


def render_indicator(shelf: Shelf, known: Mapping[str, Worked], phrases: Phrases) -> str:
    """The newest edition that stands, the line over all periods, and the history."""
    newest = shelf.newest
    current = known[newest.id] if newest is not None else None
    pictures: list[Picture] = []
    if current is not None:
        series = [known[edition.id] for edition in shelf.series]
        pictures = [*_over_time(series, phrases), *_by_keys(current, phrases)]
    return _render(
        "room_indicator.html.j2",
        phrases,
        f"indicator/{shelf.id}.html",
        shelf=shelf,
        named=known[shelf.named.id],
        current=current,
        pictures=pictures,
        known=known,
    )


def render_edition(shelf: Shelf, edition: Edition, of: Worked, phrases: Phrases) -> str:
    """One edition by itself, with what became of it."""
    record = edition.record
    newer = next(
        (
            other
            for other in shelf.editions
            if other.standing is Standing.CURRENT and other.record.period == record.period
        ),
        None,
    )
    return _render(
        "room_edition.html.j2",
        phrases,
        f"release/{edition.id}.html",
        shelf=shelf,
        current=of,
        newer=newer,
        pictures=[*_over_time([of], phrases), *_by_keys(of, phrases)],
    )


def _render(template: str, phrases: Phrases, place: str, **content: Any) -> str:
    """place: of the page in its language's folder."""
    up = "../" * place.count("/")
    root = up if phrases.code == "nb" else f"{up}../"
    other = f"{root}en/{place}" if phrases.code == "nb" else f"{root}{place}"
    return (
        environment("portal")
        .get_template(template)
        .render(
            p=phrases,
            s=phrases.say,
            lang=phrases.code,
            home=f"{up}index.html",
            up=up,
            root=root,
            other=other,
            formats=FORMATS,
            manifest=f"{root}{MANIFEST}",
            Standing=Standing,
            purse_of=purse_of,
            **content,
        )
    )


def _in(phrases: Phrases, place: str) -> str:
    return place if phrases.code == "nb" else f"en/{place}"


def _over_time(series: Sequence[Worked], phrases: Phrases) -> list[Picture]:
    """Every period that stands, on one line; none where there is only one point to draw."""
    found: list[tuple[Moment, str, dict[str, Shown]]] = []
    for one in series:
        main, cut = one.main.id, one.cut("time")
        period = one.record.period
        if cut is not None:
            found += [
                (Moment(_short(row.value), period, row.figures[main]), row.value, row.figures)
                for row in cut.rows
            ]
        elif one.whole is not None:
            found.append((Moment("", period, one.whole[main]), period, one.whole))
    if len(found) < 2:
        return []
    newest = series[-1]
    title = phrases.say(f"{newest.main.name_nb} over tid", f"{newest.main.name_en} over time")
    labels = [phrases.language.time(value) for _, value, _ in found]
    return [
        Picture(
            title,
            drawing.over_time(
                [moment for moment, _, _ in found],
                phrases,
                _words("time", title, labels, phrases),
            )
            if drawing.can_be_drawn([moment.shown for moment, _, _ in found])
            else None,
            phrases.say("Tid", "Time"),
            [
                (phrases.language.time(value), [of[q.id] for q in newest.quantities if q.id in of])
                for _, value, of in found
            ],
        )
    ]


def _by_keys(current: Worked, phrases: Phrases) -> list[Picture]:
    return [_by_key(current, cut, phrases) for cut in current.cuts if cut.kind != "time"]


def _by_key(current: Worked, cut: Cut, phrases: Phrases) -> Picture:
    main = current.main
    by = phrases.of(cut, "name").lower()
    title = phrases.say(
        f"{main.name_nb} etter {by}, {current.record.period}",
        f"{main.name_en} by {by}, {current.record.period}",
    )
    labels = [phrases.label(row) for row in cut.rows]
    named = _words(cut.name, title, labels, phrases)
    note = ""
    if not drawing.can_be_drawn([row.figures[main.id] for row in cut.rows]):
        picture = None
    elif cut.kind == "area" and drawing.has_tiles(cut.rows):
        picture = drawing.tile_map(cut.rows, main.id, phrases, named)
        note = phrases.say(
            "Én rute per bydel, omtrent der den ligger; stiplet ramme for Sentrum, Marka og ikke "
            "oppgitt. Bosatte utenfor Oslo står i tabellen.",
            "One tile a bydel, about where it lies; dashed for Sentrum, Marka and not stated. "
            "Those who live outside Oslo are in the table.",
        )
        if not main.is_share:
            note += phrases.say(
                " Tallene er antall og ikke rater: en bydel med flere innbyggere har gjerne flere.",
                " These are counts, not rates: a bydel of more people tends to have more.",
            )
    else:
        lines = [(label, row.figures[main.id]) for label, row in zip(labels, cut.rows, strict=True)]
        picture = drawing.bars(lines, phrases, named)
    return Picture(
        title,
        picture,
        phrases.of(cut, "name"),
        [
            (label, [row.figures[q.id] for q in current.quantities])
            for label, row in zip(labels, cut.rows, strict=True)
        ],
        note,
    )


def _words(name: str, title: str, labels: Sequence[str], phrases: Phrases) -> Words:
    number, first, last = len(labels), labels[0], labels[-1]
    return Words(
        f"picture-{name.replace('_', '-')}",
        title,
        phrases.say(
            f"{number} tall, fra {first} til {last}, hvert med intervallet sitt. De samme tallene "
            "står i tabellen under bildet.",
            f"{number} figures, from {first} to {last}, each with its interval. The same figures "
            "are in the table below.",
        ),
    )


def _short(value: str) -> str:
    """`3` of `2024Q3` and of `2024-03`."""
    return value[4:].lstrip("Q-0") or value


def _stops(shelves: Sequence[Shelf], known: Mapping[str, Worked]) -> list[loop.Stop]:
    by_id = {shelf.id: shelf for shelf in shelves}
    return [_stop(step, by_id, known) for step in loop.STEPS]


def _stop(step: loop.Step, by_id: Mapping[str, Shelf], known: Mapping[str, Worked]) -> loop.Stop:
    for indicator, quantity in step.sources:
        newest = by_id[indicator].newest if indicator in by_id else None
        of = known[newest.id] if newest is not None else None
        if of is not None and of.whole is not None and quantity in of.whole:
            unit = of.record.indicator
            return loop.Stop(step, indicator, of.record.period, of.whole[quantity], unit.unit_nb)
    return loop.Stop(step)


def _row_of(current: Worked, group: Group) -> Row | None:
    """What an indicator of all four groups says about this one."""
    cut = next((cut for cut in current.cuts if cut.name == "target_group"), None)
    return cut and next((row for row in cut.rows if row.value == group.id), None)


def _costs(
    shelves: Sequence[Shelf], known: Mapping[str, Worked]
) -> list[tuple[Shelf, Worked, Quantity]]:
    """Every released measure that falls in somebody's budget."""
    return [
        (shelf, known[newest.id], quantity)
        for shelf in shelves
        if (newest := shelf.newest) is not None
        for quantity in known[newest.id].quantities
        if not quantity.is_share and purse_of(quantity.measures[0]) is not None
    ]
