"""Checks that a sound mechanism passes and a broken one does not."""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from privacy.bounds import ContributionBound, Rows
from privacy.estimates.noise import Noise

DRAWS = 40_000
FALSE_ALARM = 1e-9
"""Rate at which a statistical check fails although all is well."""
_LEAST_EXPECTED = 10

AddNoise = Callable[[Sequence[int], float], Sequence[int]]
"""(values, scale) to noisy values."""
Counts = Callable[[Rows, ContributionBound, int, int], Sequence[int]]


def fits(drawn: Sequence[int] | NDArray[np.int64], noise: Noise) -> bool:
    """Whether `drawn` may come from `noise`, by chi-squared; rare values are one bin."""
    values = np.asarray(drawn)
    expected = noise.pmf * len(values)
    common = expected >= _LEAST_EXPECTED
    k = np.arange(-noise.reach, noise.reach + 1)[common]
    observed = (values[:, None] == k).sum(axis=0)
    rest_expected = max(len(values) - float(expected[common].sum()), 1e-9)
    rest = (len(values) - int(observed.sum()) - rest_expected) ** 2 / max(rest_expected, 1.0)
    statistic = float(((observed - expected[common]) ** 2 / expected[common]).sum()) + rest
    # Laurent and Massart 2000, Lemma 1: a chi-squared tail bound without tables.
    x = -math.log(FALSE_ALARM)
    freedom = len(k)
    return statistic <= freedom + 2 * math.sqrt(freedom * x) + 2 * x


def is_fresh_noise(add: AddNoise, scale: float, stated: Noise) -> bool:
    """The stated distribution, around any value; of its own in every cell and every call."""
    zeros = add([0] * DRAWS, scale)
    if len(zeros) != DRAWS or not fits(zeros, stated):
        return False
    far = np.asarray(add([10**6] * DRAWS, scale)) - 10**6
    if not fits(far, stated):
        return False
    values = np.asarray(zeros, dtype=np.float64)
    together = abs(float(np.corrcoef(values[:-1], values[1:])[0, 1]))
    alone = together <= math.sqrt(-2 * math.log(FALSE_ALARM) / DRAWS)
    return alone and list(add([0] * 64, 50.0)) != list(add([0] * 64, 50.0))


def keeps_sensitivity(counts: Counts) -> bool:
    """Over every small table of one newcomer, piled up or spread out, beside others and alone.

    The released vector has the same length with and without the newcomer, and moves by no more
    than the bound states.
    """
    cells, atoms, bound = 3, 2, ContributionBound(2, 3)
    places = list(itertools.product(range(cells), range(atoms)))
    others = [(1, 0, 0), (1, 0, 1), (2, 2, 1)]
    for crowd in ([], others):
        before = counts(_rows(crowd), bound, cells, atoms)
        for repeats in itertools.product((0, 1, 5), repeat=len(places)):
            new = [(9, c, a) for (c, a), n in zip(places, repeats, strict=True) for _ in range(n)]
            after = counts(_rows([*crowd, *new]), bound, cells, atoms)
            if len(after) != len(before):
                return False
            moved = sum((x - y) ** 2 for x, y in zip(after, before, strict=True))
            if moved > bound.l2_squared:
                return False
    return True


def _rows(found: Sequence[tuple[int, int, int]]) -> Rows:
    person, cell, atom = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return Rows(person, cell, atom, np.ones(len(found), dtype=np.bool_))
