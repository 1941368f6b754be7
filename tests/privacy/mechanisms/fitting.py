"""A chi-squared test of drawn noise against a distribution on the integers."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 60_000
FALSE_ALARM = 1e-9
"""Rate at which a statistical test here fails although all is well."""
_LEAST_EXPECTED = 10


def fits(noise: Sequence[int] | NDArray[np.int64], pmf: Callable[[int], float], reach: int) -> bool:
    """Whether `noise` may come from `pmf`. Values beyond +-reach, or rare ones, are one bin."""
    values = np.asarray(noise)
    expected, observed = [], []
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
