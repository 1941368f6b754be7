"""The whole path of an answer before the noise, and what one person may change at its end.

    landing rows -> the models' SQL, which bounds -> the gate's rows -> its own cut -> the vector

The parts of the path can be replaced by broken ones: what is checked must then find it out.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from duckdb import DuckDBPyConnection

from federated.contract.catalogue import Indicator
from federated.site.warehouse import atom_rows
from privacy.bounds import (
    CUT_SCALE,
    ContributionBound,
    Rows,
    bounded_counts,
    bounded_sums,
    persons_cut,
)
from tests.dbt_models.everybody import FIRST, LAST
from tests.dbt_models.neighbours import Neighbours
from tests.dbt_models.workbench import Landing, Workbench

PERIODS = tuple(str(year) for year in range(FIRST.year, LAST.year + 1))


@dataclass(frozen=True)
class Path:
    """sql: changes a model's SQL. rows, counted, cut: as the site's gate does it."""

    sql: Mapping[str, str] = field(default_factory=dict[str, str])
    rows: Callable[[DuckDBPyConnection, Indicator, str], Rows] = atom_rows
    counted: Callable[[Rows, ContributionBound, int, int], Sequence[int]] = bounded_counts
    summed: Callable[[Rows, ContributionBound, int, int], Sequence[int]] = bounded_sums
    cut: Callable[[Rows, ContributionBound, int, int], int] = persons_cut


@dataclass(frozen=True)
class Table:
    """What gets noise of one indicator and period, and the rows it is of by person.

    values: shape (cells * atoms), atoms fastest. sums: of the same shape, in whole steps, where an
    amount is summed; steps: how much wider their noise is.
    """

    values: tuple[int, ...]
    persons_cut: int
    rows: Mapping[str, tuple[tuple[object, ...], ...]]
    sums: tuple[int, ...] = ()
    steps: int = 1

    def of_others(self, person: str) -> dict[str, tuple[tuple[object, ...], ...]]:
        return {whose: rows for whose, rows in self.rows.items() if whose != person}


Tables = Mapping[tuple[str, str], Table]
"""(indicator, period) -> its table."""


def may_be_released(indicators: Sequence[Indicator]) -> list[Indicator]:
    """Those whose noisy counts a policy may let out, at hospitals and at municipalities."""
    return [i for i in indicators if i.definition.release == "noisy_counts"]


def tables_of(
    workbench: Workbench,
    landing: Landing,
    indicators: Sequence[Indicator],
    path: Path,
    first: date = FIRST,
) -> Tables:
    """The tables of a database, by the whole path. first: day from which it was delivered."""
    with built(workbench, landing, indicators, path.sql, first):
        return {
            (indicator.id, str(year)): _table(workbench, indicator, str(year), path)
            for indicator in indicators
            for year in range(first.year, LAST.year + 1)
        }


@contextmanager
def built(
    workbench: Workbench,
    landing: Landing,
    indicators: Sequence[Indicator],
    sql: Mapping[str, str] | None = None,
    first: date = FIRST,
) -> Generator[None]:
    """A database built up to the atom tables, for the length of a transaction: none of it stays."""
    workbench.connection.execute("begin")
    try:
        workbench.land(landing, (first, LAST), empty_ones_too=True)
        workbench.build([i.model for i in indicators], sql)
        yield
    finally:
        workbench.connection.execute("rollback")


def _table(workbench: Workbench, indicator: Indicator, period: str, path: Path) -> Table:
    rows = path.rows(workbench.connection, indicator, period)
    size = indicator.bound, len(indicator.domain(period)), len(indicator.definition.atoms)
    schema, name = indicator.relation
    found: dict[str, list[tuple[object, ...]]] = {}
    for person, *row in workbench.connection.execute(
        f"select person_id, * exclude (person_id) from {schema}.{name} "
        "where period = ? order by all",
        [period],
    ).fetchall():
        found.setdefault(person, []).append(tuple(row))
    by_person = {person: tuple(of) for person, of in found.items()}
    counts, cut = tuple(path.counted(rows, *size)), path.cut(rows, *size)
    clip = indicator.bound.clip
    if clip is None:
        return Table(counts, cut, by_person)
    return Table(counts, cut, by_person, tuple(path.summed(rows, *size)), clip.steps)


def faults(
    workbench: Workbench,
    found: Neighbours,
    indicators: Sequence[Indicator],
    path: Path | None = None,
) -> dict[str, set[str]]:
    """Which rules of the sensitivity are broken between the databases, and by which indicators."""
    path = path or Path()
    without, with_person, replaced = (
        tables_of(workbench, landing, indicators, path)
        for landing in (found.without, found.with_person, found.replaced)
    )
    broken: dict[str, set[str]] = {}
    for indicator in indicators:
        for period in PERIODS:
            key = indicator.id, period
            one, two, three = without[key], with_person[key], replaced[key]
            rules = {
                *_added(one, two, indicator, period),
                *_added(one, three, indicator, period),
                *_replaced(two, three, indicator.bound),
                *_untouched(one, two, found.person),
                *_untouched(one, three, found.person),
            }
            for rule in rules:
                broken.setdefault(rule, set()).add(indicator.id)
    return broken


KEYS = "the keys are not the public domain"
ONLY_ADDS = "a person's rows take something away"
PER_CELL = "more than u in a cell"
TOTAL = "more than k over all cells"
L2 = "more than the stated L2 norm"
CHARGED = "more than the gate charges"
PERSONS_CUT = "the number of persons cut moves by more than one"
REPLACED = "other rows of the same person move it by more than twice"
OTHERS = "other persons' rows are changed"


def squared_change(before: Table, after: Table) -> Fraction:
    """Squared L2 norm in units of the counts' noise; sums and the number of persons cut have wider
    ones.
    """
    counts = sum((a - b) ** 2 for a, b in zip(after.values, before.values, strict=True))
    sums = sum((a - b) ** 2 for a, b in zip(after.sums, before.sums, strict=True))
    cut = (after.persons_cut - before.persons_cut) ** 2
    return counts + Fraction(sums, before.steps**2) + Fraction(cut, CUT_SCALE**2)


def _added(before: Table, after: Table, indicator: Indicator, period: str) -> list[str]:
    bound, atoms = indicator.bound, len(indicator.definition.atoms)
    size = len(indicator.domain(period)) * atoms
    if not len(before.values) == len(after.values) == size:
        return [KEYS]
    change = [a - b for a, b in zip(after.values, before.values, strict=True)]
    more = [a - b for a, b in zip(after.sums, before.sums, strict=True)]
    in_cell = [sum(map(abs, change[i : i + atoms])) for i in range(0, size, atoms)]
    rules = {
        ONLY_ADDS: min([*change, *more]) < 0,
        PER_CELL: max(in_cell) > bound.per_cell,
        TOTAL: sum(in_cell) > bound.total or sum(more) > bound.total * after.steps,
        L2: sum(x**2 for x in change) > bound.l2_squared,
        CHARGED: squared_change(before, after) > bound.charged_l2_squared,
        PERSONS_CUT: after.persons_cut - before.persons_cut not in (0, 1),
    }
    return [rule for rule, is_broken in rules.items() if is_broken]


def _replaced(before: Table, after: Table, bound: ContributionBound) -> list[str]:
    """Counts of rows are never below zero, so the two parts' squared norms are all there is:
    twice one of them, not four times. And a person is cut or not.
    """
    if len(before.values) != len(after.values):
        return [KEYS]
    most = 2 * bound.table_l2_squared + Fraction(1, CUT_SCALE**2)
    return [REPLACED] if squared_change(before, after) > most else []


def _untouched(before: Table, after: Table, person: str) -> list[str]:
    return [] if before.of_others(person) == after.of_others(person) else [OTHERS]
