"""How much one person may count, and the cut that makes it so."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.clipping import Clip

Indices = NDArray[np.int64]

CUT_SCALE = 2
"""How much wider than the counts' the noise on the number of persons cut is. It costs a person at
most 1 / CUT_SCALE^2 more in squared L2 norm."""


@dataclass(frozen=True)
class ContributionBound:
    """At most `per_cell` rows per person and cell, and `total` per person, period and site.

    A row counts one in exactly one atom of its cell. clip: of its amount, where amounts are summed
    beside the counts (`privacy.clipping`).
    """

    per_cell: int
    total: int
    clip: Clip | None = None

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
    def parts(self) -> int:
        """Tables that are released: the counts, and the sums where amounts are summed."""
        return 1 if self.clip is None else 2

    @property
    def table_l2_squared(self) -> int:
        """Squared L2 norm of one person's rows in all the tables, each in units of its own noise.

        A sum moves by up to `clip.steps` a row, and its noise is that much wider.
        """
        return self.parts * self.l2_squared

    @property
    def charged_l2_squared(self) -> Fraction:
        """The same with the number of persons cut, which is released beside the tables."""
        return self.table_l2_squared + Fraction(1, CUT_SCALE**2)


@dataclass(frozen=True)
class Rows:
    """What a gate is about to count: row i is person[i] (any code), cell[i], atom[i] (indices).

    All of shape (rows,). A negative cell or atom means "not in the public domain": never counted.
    kept: False where the site's model has cut the row already (DESIGN: the bound is kept in SQL
    first, and again by the gate). amount: whole units, as the site's model has them, of any size
    and sign; a negative one stands for what is missing too. None where nothing is summed.
    """

    person: Indices
    cell: Indices
    atom: Indices
    kept: NDArray[np.bool_]
    amount: Indices | None = None

    def in_domain(self, cells: int, atoms: int) -> NDArray[np.bool_]:
        return (self.cell >= 0) & (self.cell < cells) & (self.atom >= 0) & (self.atom < atoms)


def bounded_counts(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> list[int]:
    """Exact counts per cell and atom (atoms fastest) after cutting each person to `bound`.

    The cut looks at one person's own rows only, so adding or removing a person changes the result
    by that person's kept rows and nothing else. It truncates and never refuses: a refusal that
    depends on data would itself tell.
    """
    counted = _counted(rows, bound, cells, atoms)
    return np.bincount(counted.slot, minlength=cells * atoms).tolist()


def bounded_sums(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> list[int]:
    """Sums of the same rows' amounts, in the same order, in whole steps of the bound's clip.

    Each amount is rounded and cut (`privacy.clipping`) before it is added to another.
    """
    if bound.clip is None:
        raise ValueError("amounts are summed only where a clip bounds them")
    counted = _counted(rows, bound, cells, atoms)
    sums = np.zeros(cells * atoms, dtype=np.int64)
    np.add.at(sums, counted.slot, bound.clip.whole_steps(counted.amount))
    return sums.tolist()


def persons_cut(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> int:
    """How many persons have a row in the public domain that is not counted, by either cut, or whose
    amount is cut.

    One person moves it by at most one.
    """
    inside = rows.in_domain(cells, atoms)
    everybody, have = np.unique(rows.person[inside], return_counts=True)
    counted = _counted(rows, bound, cells, atoms)
    whole = counted.person
    if bound.clip is not None:
        whole = whole[~bound.clip.cuts(counted.amount)]
    in_full = np.bincount(np.searchsorted(everybody, whole), minlength=len(everybody))
    return int((in_full < have).sum())


@dataclass(frozen=True)
class _Counted:
    """The rows that count: whose they are, their slot (cell and atom, atoms fastest), their amount
    (zeros where there is none). All of shape (rows that count,).
    """

    person: Indices
    slot: Indices
    amount: Indices


def _counted(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> _Counted:
    """What is left after the cut.

    Rows of a person in one slot are told apart by their amount alone: which of them stay must not
    depend on the order in which a database hands out everybody's rows.
    """
    inside = rows.in_domain(cells, atoms) & rows.kept
    amounts = np.zeros_like(rows.person) if rows.amount is None else rows.amount
    person, cell, atom, amount = (of[inside] for of in (rows.person, rows.cell, rows.atom, amounts))
    order = np.lexsort((amount, atom, cell, person))
    person, cell, atom, amount = (of[order] for of in (person, cell, atom, amount))
    kept = _position_in_run(person, cell) < bound.per_cell
    person, cell, atom, amount = (of[kept] for of in (person, cell, atom, amount))
    kept = _position_in_run(person) < bound.total
    return _Counted(person[kept], cell[kept] * atoms + atom[kept], amount[kept])


def _position_in_run(*keys: Indices) -> Indices:
    """0, 1, 2, ... within each run of equal keys; the rows are sorted by them."""
    position = np.arange(len(keys[0]))
    starts = np.ones(len(position), dtype=bool)
    starts[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return position - np.maximum.accumulate(np.where(starts, position, 0))
