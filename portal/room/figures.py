"""What is said of an edition: its measures and shares as a whole, and by each key by itself.

All of it is sums of the noisy cells, with the noise of as many draws: nothing more is measured.
Over a key whose values do not add up nothing is summed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from portal import totals
from portal.figures import CountFigure, ShareFigure
from portal.release_cells import Cell
from portal.release_record import Key, ReleaseRecord
from portal.room.editions import Edition

Shown = CountFigure | ShareFigure
Kind = Literal["site", "area", "age", "time", "other"]


@dataclass(frozen=True)
class Quantity:
    """A measure, a share of two, or the mean of a sum of amounts. unit: of a count or an amount."""

    id: str
    name_nb: str
    name_en: str
    is_share: bool
    measures: tuple[str, ...]
    unit_nb: str = ""
    unit_en: str = ""
    is_mean: bool = False


@dataclass(frozen=True)
class Row:
    """value: of the key, as it stands in the file. figures: by quantity."""

    value: str
    name_nb: str
    name_en: str
    figures: dict[str, Shown]


@dataclass(frozen=True)
class Cut:
    """An edition by one key: a row for each of its values."""

    name: str
    kind: Kind
    name_nb: str
    name_en: str
    rows: tuple[Row, ...]


def quantities(record: ReleaseRecord) -> list[Quantity]:
    """Shares first, then the measures that are a part of another, then the rest."""
    parts = {share.part for share in record.indicator.shares}
    measures = sorted(record.indicator.measures.items(), key=lambda item: item[0] not in parts)
    shares = [
        Quantity(f"{s.part}/{s.of}", s.name_nb, s.name_en, True, (s.part, s.of))
        for s in record.indicator.shares
    ]
    means = [
        Quantity(
            f"mean {m.amount}",
            m.name_nb,
            m.name_en,
            False,
            (m.amount,),
            *_unit(record, m.amount),
            True,
        )
        for m in record.indicator.means
    ]
    counts = [
        Quantity(name, m.name_nb, m.name_en, False, (name,), *_unit(record, name))
        for name, m in measures
    ]
    return shares + means + counts


def _unit(record: ReleaseRecord, measure: str) -> tuple[str, str]:
    of = record.indicator.measures[measure].amount or record.indicator
    return of.unit_nb, of.unit_en


def whole(edition: Edition) -> dict[str, Shown] | None:
    """By quantity; None where the values of some key do not add up."""
    if not all(key.additive for key in edition.record.keys):
        return None
    return _figures(edition, lambda _: True)


def cuts(edition: Edition) -> list[Cut]:
    """By each key, and by organisation where there are several, in the order they are shown."""
    record = edition.record
    found: list[Cut] = []
    for place, key in enumerate(record.keys):
        if all(other.additive for other in record.keys if other is not key) and (
            len(key.values) > 1
        ):
            found.append(_cut(edition, place, key))
    if len(record.sites) > 1 and all(key.additive for key in record.keys):
        rows = tuple(
            Row(site.id, site.name, site.name, _figures(edition, _at_site(site.id)))
            for site in record.sites
        )
        found.append(Cut("site", "site", "Virksomhet", "Organisation", rows))
    order: list[Kind] = ["time", "area", "age", "site", "other"]
    return sorted(found, key=lambda cut: order.index(cut.kind))


def _cut(edition: Edition, place: int, key: Key) -> Cut:
    rows = tuple(
        Row(
            value,
            key.name_of(value, "nb"),
            key.name_of(value, "en"),
            _figures(edition, _with_value(place, value)),
        )
        for value in key.values
    )
    return Cut(key.name, kind_of(key), key.name_nb, key.name_en, rows)


def kind_of(key: Key) -> Kind:
    if key.is_time:
        return "time"
    if key.name == "area":
        return "area"
    return "age" if key.name.startswith("age") else "other"


def _at_site(site: str) -> Callable[[Cell], bool]:
    return lambda cell: cell.site == site


def _with_value(place: int, value: str) -> Callable[[Cell], bool]:
    return lambda cell: cell.values[place] == value


def _figures(edition: Edition, inside: Callable[[Cell], bool]) -> dict[str, Shown]:
    record = edition.record
    of: dict[str, list[Cell]] = {measure: [] for measure in record.indicator.measures}
    for cell in edition.cells.values():
        if inside(cell):
            of[cell.measure].append(cell)
    return {q.id: _figure(record, q, [of[m] for m in q.measures]) for q in quantities(record)}


def _figure(record: ReleaseRecord, quantity: Quantity, cells: Sequence[list[Cell]]) -> Shown:
    noise = record.privacy.scale, record.confidence
    atoms = [record.indicator.measures[measure].atoms for measure in quantity.measures]
    if quantity.is_share:
        return totals.share(cells[0], cells[1], (atoms[0], atoms[1]), *noise)
    amount = record.indicator.measures[quantity.measures[0]].amount
    if quantity.is_mean and amount is not None:
        return totals.mean(cells[0], amount, atoms[0], *noise)
    return totals.total(cells[0], atoms[0], *noise, amount)
