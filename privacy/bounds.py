"""How much one person may count, and the cut that makes it so."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

CUT_SCALE = 2
"""How much wider than the counts' the noise on the number of persons cut is. It costs a person at
most 1 / CUT_SCALE^2 more in squared L2 norm."""


@dataclass(frozen=True)
class ContributionBound:
    """At most `per_cell` rows per person and cell, and `total` per person, period and site.

    A row counts one in exactly one atom of its cell.
    """

    per_cell: int
    total: int

    def __post_init__(self) -> None:
        if not 1 <= self.per_cell <= self.total:
            raise ValueError("a bound needs 1 <= per_cell <= total")

    @property
    def l2_squared(self) -> int:
        """Largest squared L2 norm of one person's rows, over cells and atoms.

        The worst case piles rows up: `total // per_cell` cells with `per_cell` rows in one atom
        each, and the rest in one more cell. (Convexity: moving a row from a smaller to a larger
        pile never lessens the sum of squares.)
        """
        full, rest = divmod(self.total, self.per_cell)
        return full * self.per_cell**2 + rest**2

    @property
    def charged_l2_squared(self) -> Fraction:
        """The same with the number of persons cut, which is released beside the counts."""
        return self.l2_squared + Fraction(1, CUT_SCALE**2)


@dataclass(frozen=True)
class Rows:
    """What a gate is about to count: row i is person[i] (any code), cell[i], atom[i] (indices).

    All of shape (rows,). A negative cell or atom means "not in the public domain": never counted.
    kept: False where the site's model has cut the row already (DESIGN: the bound is kept in SQL
    first, and again by the gate).
    """

    person: Indices
    cell: Indices
    atom: Indices
    kept: NDArray[np.bool_]

    def in_domain(self, cells: int, atoms: int) -> NDArray[np.bool_]:
        return (self.cell >= 0) & (self.cell < cells) & (self.atom >= 0) & (self.atom < atoms)


def bounded_counts(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> list[int]:
    """Exact counts per cell and atom (atoms fastest) after cutting each person to `bound`.

    The cut looks at one person's own rows only, so adding or removing a person changes the result
    by that person's kept rows and nothing else. It truncates and never refuses: a refusal that
    depends on data would itself tell.
    """
    _, slot = _counted(rows, bound, cells, atoms)
    return np.bincount(slot, minlength=cells * atoms).tolist()


def persons_cut(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> int:
    """How many persons have a row in the public domain that is not counted, by either cut.

    One person moves it by at most one.
    """
    inside = rows.in_domain(cells, atoms)
    _, have = np.unique(rows.person[inside], return_counts=True)
    everybody = np.unique(rows.person[inside])
    counted, _ = _counted(rows, bound, cells, atoms)
    keep = np.searchsorted(everybody, counted)
    return int((np.bincount(keep, minlength=len(everybody)) < have).sum())


def _counted(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int
) -> tuple[Indices, Indices]:
    """Person and slot (cell and atom, atoms fastest) of every row that counts."""
    inside = rows.in_domain(cells, atoms) & rows.kept
    person, cell, atom = rows.person[inside], rows.cell[inside], rows.atom[inside]
    order = np.lexsort((atom, cell, person))
    person, cell, atom = person[order], cell[order], atom[order]
    kept = _position_in_run(person, cell) < bound.per_cell
    person, cell, atom = person[kept], cell[kept], atom[kept]
    kept = _position_in_run(person) < bound.total
    return person[kept], cell[kept] * atoms + atom[kept]


def _position_in_run(*keys: Indices) -> Indices:
    """0, 1, 2, ... within each run of equal keys; the rows are sorted by them."""
    position = np.arange(len(keys[0]))
    if len(position) == 0:
        return position
    starts = np.ones(len(position), dtype=bool)
    starts[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return position - np.maximum.accumulate(np.where(starts, position, 0))
