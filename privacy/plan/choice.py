"""Fewer, coarser, better: which tables to release, and how fine.

Every table comes with *variants* (as the catalogue defines it; fewer services; fewer tokens kept),
and every variant can be released at any coarser grain. An option costs the rho with which a typical
cell of its grain is right within `Grade.useful`, and is worth

    weight * log(1 + cells) / log(1 + cells as defined)

so that the catalogue's own grain is worth the table's weight, and twice as many cells are worth a
little more, not twice as much. Groups of time count by their root: where a bydel and a quarter cost
the same, the bydel is chosen. What fits the budget is a knapsack with one option a table; it is
filled by steps of falling worth per rho along each table's concave hull, which is the optimum but
for the last step (the linear relaxation). What is then left of the budget goes where the loss falls
most.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from privacy.plan.hierarchy import Grain, cells
from privacy.plan.split import Aim, Share, best_shape, best_split, rho_for
from privacy.plan.table import Figure, Table, coarser_grains, roll_ups

_ROLL_UP_WEIGHT = 0.25
TIME = frozenset({"quarter", "month"})


@dataclass(frozen=True)
class Grade:
    """useful: relative 95 % error up to which a typical cell is worth publishing.

    bias: share of the judged rows that a tighter bound than the catalogue's may cut away.
    """

    useful: float = 0.20
    bias: float = 0.05

    def __post_init__(self) -> None:
        if self.useful <= 0:
            raise ValueError("no noise is free of error")


class Verdict(StrEnum):
    """What becomes of a table."""

    USEFUL = "useful"  # as the catalogue defines it
    COARSER = "coarser"  # at a coarser grain, or with fewer services
    DROPPED = "dropped"  # not within the budget


@dataclass(frozen=True)
class Variant:
    """label: how it differs from the catalogue's definition, empty where it does not."""

    table: Table
    label: str = ""


@dataclass(frozen=True)
class Option:
    """table: with the option's grain. shape: of its rho. rho: one release. as_defined: whether the
    grain and the variant are the catalogue's.
    """

    table: Table
    label: str
    shape: tuple[float, ...]
    rho: float
    worth: float
    as_defined: bool

    @property
    def cost(self) -> float:
        return self.table.charged * self.rho


@dataclass(frozen=True)
class Chosen:
    """options: those within the budget, by table. shares: what they get, in the same order."""

    options: dict[str, Option]
    shares: list[Share]

    def verdict(self, name: str) -> Verdict:
        option = self.options.get(name)
        if option is None:
            return Verdict.DROPPED
        return Verdict.USEFUL if option.as_defined else Verdict.COARSER


def at_grain(table: Table, grain: Grain) -> Table:
    """`table`, released at `grain`: that grain's cells and their roll-ups, from measuring both.

    The first figure of the table is the one it is judged by.
    """
    judged = table.figures[0]
    total = judged.typical * cells(table.dimensions, judged.grain)

    def figure(of: Grain, weight: float) -> Figure:
        return replace(judged, grain=of, typical=total / cells(table.dimensions, of), weight=weight)

    sums = roll_ups(table.dimensions, grain)
    return replace(
        table,
        figures=(figure(grain, 1.0), *(figure(g, _ROLL_UP_WEIGHT) for g in sums)),
        measured=(grain, *sums),
    )


def options(variants: Sequence[Variant], grade: Grade) -> list[Option]:
    """Every option of one table, cheapest first. The first variant is the catalogue's."""
    return list(_options(tuple(variants), grade))


@lru_cache(maxsize=512)
def _options(variants: tuple[Variant, ...], grade: Grade) -> tuple[Option, ...]:
    defined = variants[0].table
    whole = _shown(defined, defined.figures[0].grain)
    found: list[Option] = []
    for variant in variants:
        finest = variant.table.figures[0].grain
        for grain in coarser_grains(variant.table.dimensions, finest):
            table = at_grain(variant.table, grain)
            shape = best_shape(table)
            judged = [grade.useful] + [math.inf] * (len(table.figures) - 1)
            worth = table.weight * math.log1p(_shown(table, grain)) / math.log1p(whole)
            found.append(
                Option(
                    table=table,
                    label=variant.label,
                    shape=shape,
                    rho=rho_for(table, shape, judged),
                    worth=worth,
                    as_defined=variant is variants[0] and grain == finest,
                )
            )
    return tuple(sorted(found, key=lambda option: (option.cost, -option.worth)))


def choose(tables: Mapping[str, Sequence[Variant]], rho: float, grade: Grade, aim: Aim) -> Chosen:
    """What to release of `tables` when one data-year may be charged `rho`, and the split of it."""
    steps: list[tuple[float, str, Option, float]] = []
    for name, variants in tables.items():
        below: Option | None = None
        for option in _hull(options(variants, grade)):
            cost = option.cost - (below.cost if below else 0.0)
            worth = option.worth - (below.worth if below else 0.0)
            steps.append((worth / cost, name, option, cost))
            below = option
    taken: dict[str, Option] = {}
    full: set[str] = set()
    left = rho
    for _, name, option, cost in sorted(steps, key=lambda step: -step[0]):
        if name in full or cost > left:
            full.add(name)  # a later step of this table builds on this one
            continue
        taken[name] = option
        left -= cost
    kept = {name: taken[name] for name in tables if name in taken}
    shares = best_split(
        [option.table for option in kept.values()],
        rho,
        aim,
        shapes={option.table.name: option.shape for option in kept.values()},
        promised={option.table.name: option.rho for option in kept.values()},
    )
    return Chosen(kept, shares)


def finest_useful(variants: Sequence[Variant], rho: float, grade: Grade) -> Option | None:
    """The option worth most that one release of `rho` makes useful."""
    within = [option for option in options(variants, grade) if option.rho <= rho]
    return max(within, key=lambda option: option.worth, default=None)


def _shown(table: Table, grain: Grain) -> float:
    runs = table.linkage.services * table.linkage.classes if table.linkage else 1
    groups = (
        math.sqrt(d.levels[at].groups) if d.name in TIME else d.levels[at].groups
        for d, at in zip(table.dimensions, grain, strict=True)
    )
    return runs * math.prod(groups)


def _hull(found: Sequence[Option]) -> list[Option]:
    """The options on the upper concave hull of worth over cost, from (0, 0) on."""
    hull: list[Option] = []
    for option in found:
        if hull and option.worth <= hull[-1].worth:
            continue
        while hull:
            before = hull[-2] if len(hull) > 1 else None
            if _rise(before, hull[-1]) > _rise(hull[-1], option):
                break
            hull.pop()
        hull.append(option)
    return hull


def _rise(below: Option | None, above: Option) -> float:
    cost, worth = (below.cost, below.worth) if below else (0.0, 0.0)
    return (above.worth - worth) / max(above.cost - cost, 1e-300)
