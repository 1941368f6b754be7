"""All releases of a folder, as the reading room sees them: by indicator, newest first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federated.contract.withdrawal import Withdrawal, read_withdrawals, withdrawn
from portal.release_cells import Cells, read_cells
from portal.release_record import RECORD_FILE, ReleaseRecord, read_record
from privacy.problem import Problem


class Standing(StrEnum):
    """CURRENT: the newest edition of its period. SUPERSEDED: there is a newer one. WITHDRAWN: it
    was wrong.
    """

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Edition:
    """One release, and whether it stands. withdrawal: the notice, where it was withdrawn."""

    record: ReleaseRecord
    cells: Cells
    standing: Standing
    withdrawal: Withdrawal | None

    @property
    def id(self) -> str:
        return self.record.release_id


@dataclass(frozen=True)
class Shelf:
    """All editions of one indicator, newest period first, then newest edition."""

    id: str
    editions: tuple[Edition, ...]

    @property
    def newest(self) -> Edition | None:
        """Of those that stand; None where all were withdrawn."""
        return next((e for e in self.editions if e.standing is Standing.CURRENT), None)

    @property
    def named(self) -> Edition:
        """The edition that says what the indicator is called: the newest, or the last withdrawn."""
        return self.newest or self.editions[0]

    @property
    def series(self) -> tuple[Edition, ...]:
        """The current edition of each period, oldest first, by the newest one's definition."""
        newest = self.newest
        if newest is None:
            return ()
        return tuple(
            edition
            for edition in reversed(self.editions)
            if edition.standing is Standing.CURRENT
            and edition.record.indicator.version == newest.record.indicator.version
        )


def read_shelves(
    releases: Path,
    check: Callable[[Path], object] = lambda _: None,
    key: Ed25519PublicKey | None = None,
) -> list[Shelf]:
    """Every release below `releases`, by indicator.

    check: called with each release's folder first; raises where it is not as it was signed. key:
    the coordinator's, for the notices of withdrawal. Raises Problem.
    """
    if not releases.is_dir():
        return []
    notices = withdrawn(read_withdrawals(releases, key))
    found: list[tuple[ReleaseRecord, Cells]] = []
    for file in sorted(releases.glob(f"[!.]*/{RECORD_FILE}")):
        check(file.parent)
        record = read_record(file.parent)
        if record.release_id != file.parent.name:
            raise Problem(
                f"the folder's name is not the release's id, `{record.release_id}`",
                str(file.parent),
                "Fetch the release again from the coordinator, under its own name.",
            )
        found.append((record, read_cells(file.parent, record)))
    return shelves(found, notices)


def shelves(
    found: Iterable[tuple[ReleaseRecord, Cells]], notices: dict[str, Withdrawal]
) -> list[Shelf]:
    by_indicator: dict[str, list[tuple[ReleaseRecord, Cells]]] = {}
    for record, cells in found:
        by_indicator.setdefault(record.indicator.id, []).append((record, cells))
    return [Shelf(name, tuple(_editions(of, notices))) for name, of in sorted(by_indicator.items())]


def _editions(
    of: Sequence[tuple[ReleaseRecord, Cells]], notices: dict[str, Withdrawal]
) -> list[Edition]:
    newest_first = sorted(of, key=lambda pair: _age(pair[0]), reverse=True)
    taken: set[tuple[str, int]] = set()
    editions: list[Edition] = []
    for record, cells in newest_first:
        notice = notices.get(record.release_id)
        place = record.period, record.indicator.version
        if notice is not None:
            standing = Standing.WITHDRAWN
        else:
            standing = Standing.SUPERSEDED if place in taken else Standing.CURRENT
            taken.add(place)
        editions.append(Edition(record, cells, standing, notice))
    return editions


def _age(record: ReleaseRecord) -> tuple[str, int, int, str]:
    version = record.indicator.version
    return record.period, version, record.edition, record.published_at.isoformat()
