"""One set of counts out of several noisy tables of them, so that totals are sums.

Let x be the counts of the finest cells, and each table y_k = A_k x + z_k with independent noise of
known variance. The weighted least squares estimate

    x^ = argmin sum_k (y_k - A_k x)' V_k^-1 (y_k - A_k x)    subject to  C x = d

is the best linear unbiased one (Gauss-Markov; Aitken 1935), with d the totals that are public. Hay,
Rastogi, Miklau, Suciu 2010, "Boosting the Accuracy of Differentially Private Histograms Through
Consistency" (PVLDB 3), is the case of a tree; McKenna, Miklau, Hay, Machanavajjhala 2018,
"Optimizing Error of High-Dimensional Statistical Queries Under Differential Privacy" (PVLDB 11),
the general one. It is post-processing: it costs no privacy.

Its variance does not depend on the counts, so what a plan of tables will give is known before a
single one is measured. What `nonnegative` and `controlled_rounding` give is biased, and has no
variance here: docs/privacy/estimates.md has the bias measured.
"""

# pyright: basic, reportArgumentType=false, reportIndexIssue=false
# (scipy has no types, and what is inferred of it is wrong: see Matrix.)

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.optimize import Bounds, LinearConstraint, milp, nnls
from scipy.sparse import block_array, csr_array, eye_array, vstack
from scipy.sparse.linalg import SuperLU, splu

from privacy.estimates._scipy import Floats

Matrix = Any
"""A sparse array in rows (scipy.sparse.csr_array) of float64."""

_SINGULAR = 1e-10
"""Pivots this much smaller than the largest are taken to be zero."""
_SAME = 1e-6
"""Relative difference up to which two totals are the same number."""
_COLUMNS = 256


@dataclass(frozen=True, eq=False)
class Table:
    """Noisy totals of the counts. aggregation: (rows, counts), 1 where a total has a count in it.
    values: (rows,). variances: (rows,), of the noise, in counts squared, all above zero.
    """

    aggregation: Matrix
    values: Floats
    variances: Floats

    def __post_init__(self) -> None:
        rows = (self.aggregation.shape[0],)
        if self.values.shape != rows or self.variances.shape != rows:
            raise ValueError("a table has a value and a variance for each row of its aggregation")
        if not (self.variances > 0).all():
            raise ValueError("a total without noise is public: pin it")


@dataclass(frozen=True, eq=False)
class Public:
    """Totals that are known exactly. aggregation: (rows, counts). values: (rows,)."""

    aggregation: Matrix
    values: Floats


@dataclass(frozen=True, eq=False)
class Consistent:
    """The estimate. counts: (counts,), not rounded and below zero where the noise was."""

    counts: Floats
    _factor: SuperLU
    _unit: float

    def totals(self, aggregation: Matrix) -> Floats:
        """Estimates of totals, shape (rows,): the sums of the counts."""
        return aggregation @ self.counts

    def covariance(self, aggregation: Matrix) -> Floats:
        """Of the totals' errors, shape (rows, rows), in counts squared."""
        return np.hstack([aggregation @ part for part in self._spread(aggregation)])

    def variances(self, aggregation: Matrix) -> Floats:
        """Of the totals' errors, shape (rows,): the diagonal of `covariance`, in less memory."""
        found, start = [], 0
        for part in self._spread(aggregation):
            rows = aggregation[start : start + part.shape[1]]
            found.append(rows.multiply(part.T).sum(axis=1))
            start += part.shape[1]
        return np.maximum(np.concatenate(found), 0)

    def intervals(self, aggregation: Matrix, confidence: float) -> Floats:
        """Ends of an interval for each total, shape (rows, 2), by the normal distribution.

        The error is a weighted sum of many draws, and nearer to normal than each of them. Not cut
        at zero.
        """
        quantile = NormalDist().inv_cdf((1 + confidence) / 2)
        half = quantile * np.sqrt(self.variances(aggregation))
        values = self.totals(aggregation)
        return np.column_stack([values - half, values + half])

    def _spread(self, aggregation: Matrix) -> Iterator[Floats]:
        """Columns of Cov(x^) A', some at a time, each (counts, columns)."""
        size = len(self.counts)
        for start in range(0, aggregation.shape[0], _COLUMNS):
            rows = aggregation[start : start + _COLUMNS].toarray()
            right = np.zeros((self._factor.shape[0], len(rows)))
            right[:size] = rows.T
            yield self._unit * self._factor.solve(right)[:size]


def reconcile(tables: Sequence[Table], public: Public | None = None) -> Consistent:
    """The best linear unbiased estimate of the counts.

    Raises ValueError where the tables leave a count undetermined, or the public totals contradict
    each other.
    """
    return _least_squares(tables, public, np.ones(tables[0].aggregation.shape[1], dtype=bool))


def nonnegative(tables: Sequence[Table], public: Public | None = None) -> Floats:
    """The counts that fit the tables best among those not below zero, shape (counts,).

    Least squares as in `reconcile`, by Lawson and Hanson's NNLS (1974) with the public totals
    weighted heavily to find which counts are zero, and solved again for the others so that the
    public totals hold. Raises ValueError where no such counts do.
    """
    root = np.concatenate([1 / np.sqrt(table.variances) for table in tables])
    left = vstack([table.aggregation for table in tables]).toarray() * root[:, None]
    right = np.concatenate([table.values for table in tables]) * root
    if public is not None:
        heavy = 1e4 * root.max()
        left = np.vstack([left, heavy * public.aggregation.toarray()])
        right = np.concatenate([right, heavy * public.values])
    found, _ = nnls(left, right)
    scale = max(1.0, float(np.abs(found).max()))
    free = found > _SAME * scale
    while True:
        counts = _least_squares(tables, public, free).counts
        below = counts < 0
        if not below.any():
            return counts
        free &= ~below


def controlled_rounding(counts: Floats, totals: Matrix) -> NDArray[np.int64]:
    """Integer counts, shape (counts,), of which each total is its own unrounded sum rounded up or
    down (zero-restricted controlled rounding; Bacharach 1966, Cox 1987), as near as can be.

    totals: (rows, counts), each row a sum that matters; a total that is an integer stays as it is.
    Totals are then sums of what is published. For a tree, or two crossed ones, there always is a
    solution; raises ValueError where there is none.
    """
    counts = _snapped(counts)
    floors = np.floor(counts)
    sums = _snapped(totals @ counts)
    left = totals @ floors
    result = milp(
        1 - 2 * (counts - floors),
        integrality=np.ones(len(counts)),
        bounds=Bounds(0, np.ceil(counts) - floors),
        constraints=LinearConstraint(totals, np.floor(sums) - left, np.ceil(sums) - left),
    )
    if result.x is None:
        raise ValueError("no rounding keeps every total within one of itself")
    return (floors + np.round(result.x)).astype(np.int64)


def alone(table: Table, aggregation: Matrix) -> Floats:
    """Variance of each total's best linear unbiased estimate from one table, shape (rows,).

    Infinite where the table does not determine it. What `Consistent.variances` is to be held
    against.
    """
    measured = table.aggregation.toarray()
    weighted = measured / np.sqrt(table.variances)[:, None]
    wanted = aggregation.toarray()
    # total = w' y with A' w = a' and least w' V w: w = V^-1/2 u, u the least solution.
    u, *_ = np.linalg.lstsq(weighted.T, wanted.T, rcond=None)
    misses = np.abs(weighted.T @ u - wanted.T).max(axis=0) > _SAME
    return np.where(misses, math.inf, (u**2).sum(axis=0))


def _least_squares(
    tables: Sequence[Table], public: Public | None, free: NDArray[np.bool_]
) -> Consistent:
    """As `reconcile`, the counts that are not `free` being zero."""
    size = len(free)
    # Variances about 1 keep the pivots of the system comparable with those of the public totals.
    unit = math.exp(np.concatenate([np.log(table.variances) for table in tables]).mean())
    normal, right = csr_array((size, size)), np.zeros(size)
    for table in tables:
        weighted = table.aggregation.T.multiply(unit / table.variances).tocsr()
        normal, right = normal + weighted @ table.aggregation, right + weighted @ table.values
    held, values = _held(public, free)
    system = block_array([[normal, held.T], [held, None]], format="csc") if len(values) else normal
    factor = _factored(system.tocsc())
    counts = factor.solve(np.concatenate([right, values]))[:size]
    counts[~free] = 0
    if public is not None:
        missed = np.abs(public.aggregation @ counts - public.values)
        if (missed > _SAME * np.maximum(1, np.abs(public.values))).any():
            raise ValueError("no counts have these public totals")
    return Consistent(counts, factor, unit)


def _held(public: Public | None, free: NDArray[np.bool_]) -> tuple[Matrix, Floats]:
    """Rows C and values d of C x = d, those of C independent: one total may follow from others."""
    rows, values = eye_array(len(free), format="csr")[~free], np.zeros(int((~free).sum()))
    if public is None:
        return rows, values
    rows, values = (
        vstack([rows, public.aggregation], format="csr"),
        np.append(values, public.values),
    )
    factors: Any = qr(rows.toarray().T, mode="r", pivoting=True)
    triangle, order = factors
    pivots = np.abs(np.diag(triangle))
    kept = np.sort(order[: int((pivots > _SINGULAR * pivots.max()).sum())])
    return rows[kept], values[kept]


def _factored(system: Matrix) -> SuperLU:
    try:
        factor = splu(system)
    except RuntimeError:
        raise ValueError("the tables do not determine every count") from None
    pivots = np.abs(factor.U.diagonal())
    if pivots.min() <= _SINGULAR * pivots.max():
        raise ValueError("the tables do not determine every count")
    return factor


def _snapped(values: Floats) -> Floats:
    near = np.round(values)
    return np.where(np.abs(values - near) <= _SAME * np.maximum(1, np.abs(near)), near, values)
