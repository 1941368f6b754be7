"""Which table gets how much of rho.

What is made small is a stated loss. With r_f the relative 95 % error of figure f, w_f and w_t the
weights of figure and table,

    loss = sum_t w_t max( sum_f w_f r_f^2 / sum_f w_f,  floor^2 )

the floor because an error nobody notices is not worth paying to lessen. Squared errors are convex
in rho, so the best split is one point, found in two steps that need no general optimiser:

* Inside a table: its *shape*, the shares of its measured grains. Squared error is inverse in rho
  at a given shape, so the best shape does not depend on how much the table gets.
* Between tables: minimise sum w_t A_t / rho_t under sum k_t rho_t = rho, k_t the releases that
  charge one data-year. By Lagrange rho_t is proportional to sqrt(w_t A_t / k_t); tables that would
  go below what they are promised, or beyond what the floor rewards, are held there and the rest
  shared anew.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from privacy.plan.hierarchy import Matrix
from privacy.plan.table import Table

CONFIDENCE_95 = 1.959963984540054
"""Standard deviations of a two-sided 95 % interval, the noise taken as normal."""

_NEGLIGIBLE, _SETTLED = 1e-3, 1e-5


@dataclass(frozen=True)
class Aim:
    """The loss. floor: relative 95 % error that is good enough."""

    floor: float = 0.05

    def __post_init__(self) -> None:
        if self.floor < 0:
            raise ValueError("an error is not negative")


@dataclass(frozen=True)
class Share:
    """What a table gets: rho of each of its measured grains, for one release."""

    table: Table
    rho: tuple[float, ...]

    @property
    def release_rho(self) -> float:
        return math.fsum(self.rho)

    @property
    def charged_rho(self) -> float:
        """What one data-year is charged."""
        return self.table.charged * self.release_rho

    def variances(self) -> Matrix:
        """Of each figure, in the planner's continuous approximation. Shape (figures,)."""
        return variances(self.table, self.rho)

    def relative_errors(self) -> Matrix:
        """95 % half-width over the typical count, of each figure. Shape (figures,)."""
        typical = np.array([figure.typical for figure in self.table.figures])
        return CONFIDENCE_95 * np.sqrt(self.variances()) / typical

    def squared_error(self) -> float:
        """Weighted mean of the figures' squared relative errors."""
        return float(figure_weights(self.table) @ self.relative_errors() ** 2)


def variances(table: Table, rho: Sequence[float]) -> Matrix:
    return table.variances(np.array(rho))


def figure_weights(table: Table) -> Matrix:
    weights = np.array([figure.weight for figure in table.figures])
    return weights / weights.sum()


def loss(shares: Sequence[Share], aim: Aim) -> float:
    return math.fsum(s.table.weight * max(s.squared_error(), aim.floor**2) for s in shares)


def best_shape(table: Table, rounds: int = 300) -> tuple[float, ...]:
    """Shares of the measured grains that make the table's squared error least.

    The multiplicative algorithm of optimal design (Silvey, Titterington and Torsney 1978; monotone:
    Yu 2010), which moves every share by the root of what it is worth. Grains that turn out to be
    worth less than a thousandth are not measured.
    """
    typical = np.array([figure.typical for figure in table.figures])
    wanted = (figure_weights(table) / typical**2) @ table.read
    told, wanted = table.told[wanted > 0], wanted[wanted > 0]
    shape = np.full(len(table.measured), 1 / len(table.measured))
    for _ in range(rounds):
        worth = (wanted / (told @ shape) ** 2) @ told
        moved = shape * np.sqrt(worth)
        moved /= moved.sum()
        settled = np.abs(moved - shape).max() < _SETTLED
        shape = moved
        if settled:
            break
    kept = np.where(shape < _NEGLIGIBLE, 0.0, shape)
    if np.all(np.isfinite(variances(table, kept.tolist()))):
        shape = kept / kept.sum()
    return tuple(shape.tolist())


def promising_shape(table: Table, ceilings: Sequence[float]) -> tuple[float, ...]:
    """The shape that keeps every figure's relative error below its ceiling at the least rho.

    ceilings: of each figure. Minimises the largest variance / ceiling^2, in epigraph form.
    """
    typical = np.array([figure.typical for figure in table.figures])
    scale = (CONFIDENCE_95 / (typical * np.array(ceilings))) ** 2
    start = np.full(len(table.measured), 1 / len(table.measured))
    if len(start) == 1:
        return (1.0,)

    def excess(x: Matrix) -> Matrix:
        return x[-1] - np.log(scale * variances(table, x[:-1].tolist()))

    def slope(x: Matrix) -> Matrix:
        falls = -table.slopes(x[:-1])
        relative = falls / table.variances(x[:-1])[:, None]
        return np.column_stack([relative, np.ones(len(typical))])

    def highest(x: Matrix) -> float:
        return float(x[-1])

    def whole(x: Matrix) -> float:
        return float(x[:-1].sum()) - 1

    worst = float(np.max(np.log(scale * variances(table, start.tolist()))))
    flat = np.ones(len(start))
    minimize: Any = optimize.minimize  # pyright: ignore
    found: Any = minimize(
        highest,
        np.append(start, worst),
        jac=lambda _: np.append(0 * flat, 1.0),  # pyright: ignore
        bounds=[(1e-6, 1.0)] * len(start) + [(None, None)],
        constraints=[
            {"type": "ineq", "fun": excess, "jac": slope},
            {"type": "eq", "fun": whole, "jac": lambda _: np.append(flat, 0.0)},  # pyright: ignore
        ],
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-12},
    )
    shape: Matrix = np.clip(np.asarray(found.x[:-1], dtype=np.float64), 1e-6, None)
    return tuple((shape / shape.sum()).tolist())


def rho_for(table: Table, shape: Sequence[float], ceilings: Sequence[float]) -> float:
    """Least rho of one release with which every figure's relative error is at most its ceiling."""
    at_one = Share(table, tuple(shape)).relative_errors()
    return float(np.max((at_one / np.array(ceilings)) ** 2))


def equal_split(tables: Sequence[Table], rho: float) -> list[Share]:
    """Every table charges a data-year as much as every other; so do the grains of one."""
    each = rho / len(tables)
    return [Share(t, (each / t.charged / len(t.measured),) * len(t.measured)) for t in tables]


def given_split(
    tables: Sequence[Table],
    rho: float,
    parts: Mapping[str, float],
    shapes: Mapping[str, Sequence[float]],
) -> list[Share]:
    """By name: the part of rho that a table charges a data-year, and the shape in it (or equal)."""
    shares: list[Share] = []
    for table in tables:
        shape = shapes.get(table.name) or (1 / len(table.measured),) * len(table.measured)
        own = rho * parts[table.name] / table.charged
        shares.append(Share(table, tuple(own * part for part in shape)))
    return shares


def best_split(
    tables: Sequence[Table],
    rho: float,
    aim: Aim,
    shapes: Mapping[str, Sequence[float]] | None = None,
    promised: Mapping[str, float] | None = None,
) -> list[Share]:
    """The split of `rho` (what one data-year may be charged) that makes the loss least.

    shapes: by name, where another than the best is wanted. promised: by name, rho that one release
    gets at least. Raises ValueError where the promises exceed `rho`.
    """
    shapes = shapes or {}
    shape = [tuple(shapes.get(t.name) or best_shape(t)) for t in tables]
    at_one = [Share(t, s).squared_error() for t, s in zip(tables, shape, strict=True)]
    low = [(promised or {}).get(t.name, 0.0) for t in tables]
    # Beyond this a table is better than the floor, which the loss does not reward.
    enough = aim.floor**2
    high = [max(a / enough, b) if enough else math.inf
            for a, b in zip(at_one, low, strict=True)]  # fmt: skip
    if math.fsum(t.charged * b for t, b in zip(tables, low, strict=True)) > rho * (1 + 1e-9):
        raise ValueError("more is promised than there is")
    pull = [math.sqrt(t.weight * a / t.charged) for t, a in zip(tables, at_one, strict=True)]
    got = _filled(pull, [t.charged for t in tables], low, high, rho)
    return [
        Share(t, tuple(own * part for part in s))
        for t, s, own in zip(tables, shape, got, strict=True)
    ]


def _filled(
    pull: Sequence[float],
    charged: Sequence[int],
    low: Sequence[float],
    high: Sequence[float],
    rho: float,
) -> list[float]:
    """rho_t = level * pull_t within low_t and high_t, with sum charged_t rho_t = rho.

    Where all reach `high`, what is left over is dealt in proportion to it.
    """

    def at(level: float) -> list[float]:
        return [min(max(level * p, a), b) for p, a, b in zip(pull, low, high, strict=True)]

    def cost(level: float) -> float:
        return math.fsum(k * r for k, r in zip(charged, at(level), strict=True))

    most = math.fsum(k * b for k, b in zip(charged, high, strict=True))
    if most <= rho:
        return [b * rho / most for b in high]
    bottom, top = 0.0, 1.0
    while cost(top) < rho:
        bottom, top = top, 2 * top
    for _ in range(200):
        middle = (bottom + top) / 2
        bottom, top = (middle, top) if cost(middle) < rho else (bottom, middle)
    return at(bottom)
