"""Checks that a sound mechanism passes and a broken one does not."""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from privacy.bounds import ContributionBound, Rows

DRAWS = 40_000
FALSE_ALARM = 1e-9
"""Rate at which a statistical check fails although all is well."""
_LEAST_EXPECTED = 10

Noise = Callable[[Sequence[int], float], Sequence[int]]
"""(values, scale) to noisy values."""
Counts = Callable[[Rows, ContributionBound, int, int], Sequence[int]]


def fits(noise: Sequence[int] | NDArray[np.int64], pmf: Callable[[int], float], reach: int) -> bool:
    """Whether `noise` may come from `pmf`, by chi-squared; rare values and those beyond are one."""
    values = np.asarray(noise)
    expected: list[float] = []
    observed: list[int] = []
    for k in range(-reach, reach + 1):
        if pmf(k) * len(values) >= _LEAST_EXPECTED:
            expected.append(pmf(k) * len(values))
            observed.append(int((values == k).sum()))
    expected.append(max(len(values) - sum(expected), 1e-9))
    observed.append(len(values) - sum(observed))
    statistic = sum((o - e) ** 2 / max(e, 1.0) for o, e in zip(observed, expected, strict=True))
    # Laurent and Massart 2000, Lemma 1: a chi-squared tail bound without tables.
    x = -math.log(FALSE_ALARM)
    freedom = len(expected) - 1
    return statistic <= freedom + 2 * math.sqrt(freedom * x) + 2 * x


def gaussian_pmf(scale: float) -> Callable[[int], float]:
    reach = math.ceil(20 * scale) + 1
    weight = math.fsum(math.exp(-k * k / (2 * scale**2)) for k in range(-reach, reach + 1))
    return lambda k: math.exp(-k * k / (2 * scale**2)) / weight


def laplace_pmf(scale: float) -> Callable[[int], float]:
    q = math.exp(-1 / scale)
    return lambda k: (1 - q) / (1 + q) * q ** abs(k)


def truncated_pmf(scale: float, shift: int) -> Callable[[int], float]:
    """Of eta - shift, eta in 0 .. 2 shift."""
    weight = math.fsum(math.exp(-abs(k) / scale) for k in range(-shift, shift + 1))
    return lambda k: math.exp(-abs(k) / scale) / weight if abs(k) <= shift else 0.0


def is_fresh_noise(noise: Noise, scale: float, pmf: Callable[[int], float]) -> bool:
    """The stated distribution, around any value; of its own in every cell and every call."""
    zeros = noise([0] * DRAWS, scale)
    if len(zeros) != DRAWS or not fits(zeros, pmf, math.ceil(8 * scale)):
        return False
    far = np.asarray(noise([10**6] * DRAWS, scale)) - 10**6
    if not fits(far, pmf, math.ceil(8 * scale)):
        return False
    values = np.asarray(zeros, dtype=np.float64)
    together = abs(float(np.corrcoef(values[:-1], values[1:])[0, 1]))
    alone = together <= math.sqrt(-2 * math.log(FALSE_ALARM) / DRAWS)
    return alone and list(noise([0] * 64, 50.0)) != list(noise([0] * 64, 50.0))


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
