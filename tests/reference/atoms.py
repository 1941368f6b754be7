"""What an indicator counts, and which of it the bounds keep: plain Python, one row at a time."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

AtomRow = tuple[object, ...]
"""(unit, person, period, *cell, atom, [amount,] is counted): as the columns of an atom table."""


@dataclass(frozen=True)
class Unit:
    """One thing counted: whose it is, in which cell of the public keys, as which atom."""

    unit_id: str
    person_id: str
    period: str
    cell: tuple[str, ...]
    atom: str
    amount: int | None = None


def counted(units: Iterable[Unit], per_cell: int, total: int) -> list[Unit]:
    """The units that the bounds keep.

    In the order of their hashes: a unit is kept if fewer than `per_cell` of its person's units in
    its cell came before it, and then fewer than `total` of the period's units kept so far.
    """
    in_cell: dict[tuple[object, ...], int] = defaultdict(int)
    in_period: dict[tuple[str, str], int] = defaultdict(int)
    kept: list[Unit] = []
    for unit in sorted(units, key=_order):
        cell = (unit.person_id, unit.period, unit.cell)
        in_cell[cell] += 1
        if in_cell[cell] > per_cell:
            continue
        in_period[unit.person_id, unit.period] += 1
        if in_period[unit.person_id, unit.period] <= total:
            kept.append(unit)
    return kept


def atom_rows(units: Iterable[Unit], per_cell: int, total: int) -> list[AtomRow]:
    """Every unit, with whether it is among those counted."""
    units = list(units)
    kept = set(counted(units, per_cell, total))
    return [
        (
            *(unit.unit_id, unit.person_id, unit.period, *unit.cell, unit.atom),
            *(() if unit.amount is None else (unit.amount,)),
            unit in kept,
        )
        for unit in units
    ]


def _order(unit: Unit) -> tuple[str, str]:
    text = f"sloyfe-bound-v1|{unit.person_id}|{unit.unit_id}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), unit.unit_id
