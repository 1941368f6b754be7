"""Intervals for a count that noise was added to: what the noise alone leaves open.

With noise Z symmetric about zero, value = count + Z, and w the least integer with
P(|Z| <= w) >= confidence, value - w .. value + w holds the count with that probability, whatever
the count is. The width depends on the mechanism alone, so it tells nothing of the value.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from privacy.estimates.noise import Noise, discrete_gaussian

_WIDE = 1e5


@dataclass(frozen=True)
class NoisyCount:
    """value: a count of persons or events with a draw of `noise` added; below zero at times."""

    value: int
    noise: Noise


@dataclass(frozen=True)
class CountInterval:
    """low..high, ends included; neither is below zero."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise ValueError("an interval for a count needs 0 <= low <= high")


def count_interval(count: NoisyCount, confidence: float) -> CountInterval:
    """Holds the count without noise with at least `confidence`.

    A count is not negative, so the interval is cut at zero. Where noise has taken all of it below,
    0..0 stays: that happens in fewer than 1 - confidence of the cases, and loses none that the
    uncut interval held.
    """
    return around(count.value, count.noise.half_width(confidence))


def around(value: int, width: int) -> CountInterval:
    """value - width .. value + width, cut at zero and never empty."""
    return CountInterval(max(0, value - width), max(0, value + width))


@lru_cache(maxsize=256)
def gaussian_half_width(scale: float, terms: int, confidence: float) -> int:
    """Least w with P(|Z_1 + ... + Z_terms| <= w) >= confidence, Z_i discrete Gaussian of `scale`.

    From a summed scale of 1e5 on by the normal distribution at w + 1/2: the midpoint rule, off by
    at most 0.1 / (summed scale)^2 = 1e-11 in probability, which is counted against it.
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    summed = scale * math.sqrt(terms)
    if terms < 1 or summed <= _WIDE:
        return discrete_gaussian(scale, terms).half_width(confidence)
    sought = confidence + 0.1 / summed**2
    return math.ceil(summed * NormalDist().inv_cdf((1 + sought) / 2) - 0.5)
