"""Checks that a sound mechanism passes and a broken one does not."""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from privacy.bounds import ContributionBound, Rows
from privacy.clipping import Clip
from privacy.estimates.noise import Noise, discrete_gaussian

DRAWS = 40_000
FALSE_ALARM = 1e-9
"""Rate at which a statistical check fails although all is well."""
_LEAST_EXPECTED = 10

AddNoise = Callable[[Sequence[int], float], Sequence[int]]
"""(values, scale) to noisy values."""
Counts = Callable[[Rows, ContributionBound, int, int], Sequence[int]]
Tables = Callable[[Rows, ContributionBound, int, int, float], Sequence[int]]
"""(rows, bound, cells, atoms, scale) to noisy counts and, after them, noisy sums of amounts."""


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


CLIP = Clip(step=10, steps=4)
SUMMED = ContributionBound(2, 3, CLIP)
_AMOUNTS = (-(2**63), -1, 0, 4, 5, 40, 41, 400, 2**63 - 1)
"""Of a newcomer: missing, nothing, either side of half a step, the clip, and beyond, to the ends of
what 64 bits hold."""
_SUM_SCALE = 2.0


def keeps_clipped_sums(tables: Tables) -> bool:
    """Sensitivity of counts and sums together, whatever a newcomer's amounts are; and the noise.

    Squares are taken in units of each table's noise: of a count one, of a sum the clip's steps.
    """
    return _amounts_stay_within(tables) and _noise_is_as_wide_as_the_clip(tables)


def _amounts_stay_within(tables: Tables) -> bool:
    cells, atoms, bound = 2, 2, SUMMED
    exactly = 1e-3  # noise of this scale, times the few steps of the clip, is zero
    slots = cells * atoms
    places = list(itertools.product(range(cells), range(atoms)))
    others = [(1, 0, 0, 40), (1, 0, 1, 12), (2, 1, 1, 2**62), (3, 0, 0, 400)]
    for crowd, other, piles in (
        ([], 40, (0, 4)),
        (others, 40, (0, 1, 4)),
        (others, 2**63 - 1, (0, 4)),
    ):
        before = tables(_rows(crowd), bound, cells, atoms, exactly)
        for amount in _AMOUNTS:
            for repeats in itertools.product(piles, repeat=len(places)):
                new = [
                    (9, cell, atom, amount if place % 2 else other)
                    for place, ((cell, atom), n) in enumerate(zip(places, repeats, strict=True))
                    for _ in range(n)
                ]
                after = tables(_rows([*crowd, *new]), bound, cells, atoms, exactly)
                if len(after) != len(before):
                    return False
                squares = [(x - y) ** 2 for x, y in zip(after, before, strict=True)]
                moved = sum(squares[:slots]) + sum(squares[slots:]) / CLIP.steps**2
                if moved > bound.table_l2_squared:
                    return False
    return True


def _noise_is_as_wide_as_the_clip(tables: Tables) -> bool:
    drawn = tables(_rows([]), SUMMED, DRAWS, 1, _SUM_SCALE)
    return (
        len(drawn) == 2 * DRAWS
        and fits(drawn[:DRAWS], discrete_gaussian(_SUM_SCALE))
        and fits(drawn[DRAWS:], discrete_gaussian(CLIP.steps * _SUM_SCALE))
    )


def _rows(found: Sequence[tuple[int, ...]]) -> Rows:
    """(person, cell, atom) of each, and its amount where there is one."""
    width = max((len(row) for row in found), default=3)
    person, cell, atom, *amount = np.array(found, dtype=np.int64).reshape(-1, width).T
    kept = np.ones(len(found), dtype=np.bool_)
    return Rows(person, cell, atom, kept, amount[0] if amount else None)
