"""How wrong sums of noisy cells are, when totals are measured beside the cells.

A table is counted over a few *dimensions* (area, time, age), each with nested *levels* (Oslo,
sector, bydel). A *grain* names one level of each: sector by quarter. Any set of grains may be
measured, each with noise of its own; what is published is the estimator that uses them all, least
squares weighed by precision, which is consistent (parts add up to their totals) and of all linear
unbiased estimators the best in every published cell (Gauss and Markov; Hay et al. 2010, Boosting
the Accuracy of Differentially Private Histograms Through Consistency, for one tree).

Its variance is known before anything is measured. Where every group of a level has equally many
parts, all measured grains share their eigenvectors: contrasts between the groups of one level
within a group of the next coarser one, and products of those over dimensions. So one needs no
matrix of cells. With N_d finest groups of dimension d, n_d(g) at the level of grain g, precisions
m_g = 1 / sigma_g^2:

    information on contrast w     lambda_w = sum over measured g >= w of m_g prod_d N_d / n_d(g)
    variance of a cell of grain q  v_q = sum over w <= q of  dim_w prod_d N_d / n_d(q)
                                         / (prod_d n_d(q)  lambda_w)

where w <= g means: in no dimension is w finer than g; dim_w = prod_d (n_d(w) - n_d(next coarser)).
Where groups are of unequal size (sectors of three and of six bydeler) numbers of groups stand for
their means; the figure is then a typical cell's.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

Grain = tuple[int, ...]
"""Place of the level in each dimension, 0 the coarsest."""
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """`groups`: how many, over the whole dimension."""

    name: str
    groups: int

    def __post_init__(self) -> None:
        if self.groups < 1:
            raise ValueError("a level has at least one group")


@dataclass(frozen=True)
class Dimension:
    """levels: from the coarsest to the finest, each nested in the one before."""

    name: str
    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        sizes = [level.groups for level in self.levels]
        if not sizes or any(a >= b for a, b in pairwise(sizes)):
            raise ValueError("levels go from coarse to fine, each with more groups than the last")

    @property
    def finest(self) -> int:
        return len(self.levels) - 1


Dimensions = Sequence[Dimension]


def all_grains(dimensions: Dimensions) -> list[Grain]:
    """Every grain, coarsest first."""
    return list(product(*(range(len(d.levels)) for d in dimensions)))


def finest_grain(dimensions: Dimensions) -> Grain:
    return tuple(d.finest for d in dimensions)


def cells(dimensions: Dimensions, grain: Grain) -> int:
    """Number of cells of `grain`."""
    return math.prod(d.levels[at].groups for d, at in zip(dimensions, grain, strict=True))


def grain_name(dimensions: Dimensions, grain: Grain) -> str:
    """The names of its levels that have several groups; `total` where none has."""
    levels = [d.levels[at] for d, at in zip(dimensions, grain, strict=True)]
    return " × ".join(level.name for level in levels if level.groups > 1) or "total"


def information(dimensions: Dimensions, measured: Sequence[Grain]) -> Matrix:
    """What unit precision of each measured grain tells of each contrast.

    Shape (contrasts, measured): lambda = information @ precisions.
    """
    return np.column_stack([_over(dimensions, grain, _merged) for grain in measured])


def readout(dimensions: Dimensions, grain: Grain) -> Matrix:
    """How a cell of `grain` is made of contrasts: its variance is sum(readout / lambda).

    Shape (contrasts,).
    """
    return _over(dimensions, grain, _made_of)


def _over(
    dimensions: Dimensions, grain: Grain, of: Callable[[Dimension, int], list[float]]
) -> Matrix:
    """Both are products over dimensions; contrasts finer than `grain` have no part."""
    factors = (
        np.pad(np.array(of(d, at)), (0, d.finest - at))
        for d, at in zip(dimensions, grain, strict=True)
    )
    made: Matrix = np.ones(1)
    for factor in factors:
        made = np.kron(made, factor).astype(np.float64)
    return made


def _merged(dimension: Dimension, at: int) -> list[float]:
    """Finest groups in one of level `at`, for every contrast it tells of."""
    return [dimension.levels[-1].groups / dimension.levels[at].groups] * (at + 1)


def _made_of(dimension: Dimension, at: int) -> list[float]:
    sizes = [level.groups for level in dimension.levels[: at + 1]]
    freedom = [size - before for size, before in zip(sizes, [0, *sizes], strict=False)]
    return [free * dimension.levels[-1].groups / sizes[-1] ** 2 for free in freedom]
