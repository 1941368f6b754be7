"""The plan the project began with, and how much better the planner does at the same rho.

Like with like: both have the starting plan's counts, bounds and rho; only what is measured, and how
rho is split, differs. There, each table was measured at one grain and read alone. Here, tables of
one fact are read together, grains may be added, and rho moves between tables, under the promise
that no line of the starting plan gets worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from privacy.accounting import Combination
from privacy.bounds import ContributionBound
from privacy.plan.figures import StartingLine, StartingPlan, StartingTable
from privacy.plan.hierarchy import Dimension, Grain, Level, all_grains, cells, grain_name
from privacy.plan.split import Aim, Share, best_split, given_split, loss, promising_shape, rho_for
from privacy.plan.table import Figure, Linkage, Table


@dataclass(frozen=True)
class Compared:
    """Relative 95 % errors of one line: of the starting plan as computed here, and ours."""

    line: StartingLine
    starting: float
    ours: float


@dataclass(frozen=True)
class Comparison:
    """At one rho. losses: the starting plan's, an equal split's of our tables, ours; same lines."""

    rho: float
    lines: tuple[Compared, ...]
    starting_loss: float
    equal_loss: float
    our_loss: float
    shares: tuple[Share, ...]


def compare(plan: StartingPlan, rho: float, aim: Aim) -> Comparison:
    """The starting plan at `rho`, and the best split that keeps each of its lines."""
    before = {
        share.table.name: share
        for share in given_split(
            [_as_it_was(table, plan) for table in plan.tables],
            rho,
            {table.name: table.part for table in plan.tables},
            {},
        )
    }
    known = [_error(before[line.was or line.table], line) for line in plan.lines]
    tables = [_ours(table, plan) for table in plan.tables if table.beside is None]
    ceilings = {
        table.name: [
            e for line, e in zip(plan.lines, known, strict=True) if line.table == table.name
        ]
        for table in tables
    }
    shapes = {t.name: promising_shape(t, ceilings[t.name]) for t in tables}
    promised = {t.name: rho_for(t, shapes[t.name], ceilings[t.name]) for t in tables}
    shares = best_split(tables, rho, aim, shapes, promised)
    ours = {share.table.name: share for share in shares}
    equal = [
        Share(t, tuple(rho / len(tables) / len(t.measured) for _ in t.measured)) for t in tables
    ]
    lines = tuple(
        Compared(line, starting, _error(ours[line.table], line))
        for line, starting in zip(plan.lines, known, strict=True)
    )
    return Comparison(
        rho=rho,
        lines=lines,
        starting_loss=_loss(tables, plan.lines, known, aim),
        equal_loss=loss(equal, aim),
        our_loss=loss(shares, aim),
        shares=tuple(shares),
    )


def _dimensions(table: StartingTable) -> tuple[Dimension, ...]:
    return tuple(
        Dimension(name, tuple(Level(level, groups) for level, groups in levels))
        for name, levels in table.hierarchy.items()
    )


def _grain(dimensions: Sequence[Dimension], name: str) -> Grain:
    return next(g for g in all_grains(dimensions) if grain_name(dimensions, g) == name)


def _figure(dimensions: Sequence[Dimension], grain: Grain, name: str, count: float) -> Figure:
    return Figure(name, grain, count / cells(dimensions, grain))


def _table(table: StartingTable, figures: Sequence[Figure], measured: Sequence[Grain]) -> Table:
    dimensions = _dimensions(table)
    return Table(
        name=table.name,
        dimensions=dimensions,
        bound=ContributionBound(table.per_cell, table.total),
        figures=tuple(figures),
        measured=tuple(measured),
        # Two in a quarter or month wherever one lives: area is one's own, time is not.
        bounded_at=tuple(0 if d.name == "area" else d.finest for d in dimensions),
        combination=Combination.HOME_SITE,
        linkage=Linkage(table.kept, table.services, 1, table.parties) if table.kept else None,
    )


def _as_it_was(table: StartingTable, plan: StartingPlan) -> Table:
    dimensions = _dimensions(table)
    grain = _grain(dimensions, table.grain)
    figures = [
        _figure(dimensions, _grain(dimensions, line.grain), line.label, line.count)
        for line in plan.lines
        if (line.was or line.table) == table.name
    ]
    return _table(table, figures, [grain])


def _ours(table: StartingTable, plan: StartingPlan) -> Table:
    """All lines of one fact from one table, measured at their grains."""
    dimensions = _dimensions(table)
    figures = [
        _figure(dimensions, _grain(dimensions, line.grain), line.label, line.count)
        for line in plan.lines
        if line.table == table.name
    ]
    measured = list(dict.fromkeys(figure.grain for figure in figures))
    # A table of several lines weighs as much in the loss as they did one by one.
    return replace(_table(table, figures, measured), weight=float(len(figures)))


def _error(share: Share, line: StartingLine) -> float:
    names = [figure.name for figure in share.table.figures]
    return float(share.relative_errors()[names.index(line.label)])


def _loss(
    tables: Sequence[Table], lines: Sequence[StartingLine], errors: Sequence[float], aim: Aim
) -> float:
    """The loss of `split.loss`, of errors that come from other tables."""
    total = 0.0
    for table in tables:
        own = [e**2 for line, e in zip(lines, errors, strict=True) if line.table == table.name]
        total += table.weight * max(sum(own) / len(own), aim.floor**2)
    return total
