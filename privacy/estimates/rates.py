"""Shares, rates, ratios and changes of noisy counts, with intervals.

What an interval covers is said by `Randomness`:

* NOISE: the figure of the very persons counted, as it would stand without noise.
* NOISE_AND_CHANCE: the underlying share or rate, of which the persons counted are one outcome:
  binomial for shares, Poisson for rates, ratios and changes. Wider, and what a comparison between
  places or years wants.

Neither covers what bounding, coding or delivery leave out. Where the noise leaves a figure nothing
to stand on, the interval is all it could be (0..1 for a share) and there is no value: the method
never divides by a count that may be zero without saying so.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist

import numpy as np

from privacy.estimates._scipy import poisson_cumulative
from privacy.estimates.intervals import NoisyCount, count_interval
from privacy.estimates.inversion import exact_ends, normal_ends
from privacy.estimates.noise import Noise

_FAR = 6.0
"""A sum of both counts of this many standard deviations of its noise is far from zero."""
_NEARLY_NORMAL = 1e-4
"""`Noise.normal_error` of both counts together up to which Fieller's quadratic may stand in for the
exact test. Its coverage is then below the nominal by at most twice that."""


class Randomness(Enum):
    """What an interval is about. The module's own words say more."""

    NOISE = "noise"
    NOISE_AND_CHANCE = "noise and chance"


@dataclass(frozen=True)
class Estimate:
    """A figure with the ends of its interval, low <= value <= high.

    value: None where there is none to give, be it that the interval is all the figure could be or,
    of a ratio, that the denominator may be zero. high may be infinite. size: what the half width is
    large or small beside: the value before it was cut, but for a change the ratio, so that no
    change is not infinitely uncertain.
    """

    value: float | None
    low: float
    high: float
    size: float | None

    def __post_init__(self) -> None:
        if not self.low <= (self.low if self.value is None else self.value) <= self.high:
            raise ValueError("an estimate lies within its interval")


def share(
    part: NoisyCount,
    rest: NoisyCount,
    confidence: float,
    covers: Randomness = Randomness.NOISE,
) -> Estimate:
    """part / (part + rest), of two disjoint counts with independent noise, in 0..1.

    A share of a whole that was itself measured as the sum of two atoms is such a share: give the
    atoms, not the whole, whose noise hangs together with the part's.

    NOISE: coverage at least `confidence` by the exact test (`inversion`), by Fieller's theorem
    where the whole is far from zero and both noises nearly normal. NOISE_AND_CHANCE: Wilson's score
    interval with the noise's variance added and a continuity correction, which is approximate.
    """
    ends = _share_ends(part, rest, confidence, covers)
    return _as_share(part.value, part.value + rest.value, ends)


def share_of_estimates(
    part: float,
    rest: float,
    variances: tuple[float, float],
    covariance: float,
    confidence: float,
) -> Estimate:
    """part / (part + rest), of two disjoint estimates with normal errors of known variance.

    For what `consistency` gives, whose errors hang together. Fieller's theorem: exact where the
    errors are normal, however near zero the whole is. Covers noise alone.
    """
    quantile = NormalDist().inv_cdf((1 + confidence) / 2)
    ends = normal_ends(part, rest, variances, quantile, covariance=covariance)
    return _as_share(part, part + rest, ends)


def ratio(
    numerator: NoisyCount,
    denominator: NoisyCount,
    confidence: float,
    covers: Randomness = Randomness.NOISE,
) -> Estimate:
    """numerator / denominator, of two counts with independent noise, in 0..infinity.

    The odds of `share`, and covered as it is. No value where the denominator is zero or below.
    """
    of_both = share(numerator, denominator, confidence, covers)
    value = None if of_both.value is None or of_both.value == 1 else _odds(of_both.value)
    return Estimate(value, _odds(of_both.low), _odds(of_both.high), value)


def mean(amount: NoisyCount, count: NoisyCount, most: int, confidence: float) -> Estimate:
    """amount / count, of a sum of whole steps and of the rows it sums, in 0..`most` steps.

    amount: the noisy sum, in steps, with its own wider noise. most: steps that one row counts at
    most, which is public, so that no mean is larger. The ratio of two counts with independent noise
    (`ratio`), NOISE alone: which rows there are, and how they vary, is not in it. No value where
    the noise leaves room for no rows at all, and nothing is known but 0..`most`.
    """
    found = ratio(amount, count, confidence)
    if found.value is None or found.low > most:
        return Estimate(None, 0.0, float(most), None)
    value = min(found.value, float(most))
    return Estimate(value, found.low, min(found.high, float(most)), value)


def change(
    now: NoisyCount,
    before: NoisyCount,
    confidence: float,
    covers: Randomness = Randomness.NOISE,
) -> Estimate:
    """now / before - 1, in -1..infinity: 0.1 is ten per cent more."""
    found = ratio(now, before, confidence, covers)
    value = None if found.value is None else found.value - 1
    return Estimate(value, found.low - 1, found.high - 1, found.value)


def rate(
    count: NoisyCount,
    population: int,
    confidence: float,
    covers: Randomness = Randomness.NOISE,
    per: int = 1000,
) -> Estimate:
    """Cases per `per` of a population that is public and exact.

    value: the noisy count's own, cut at zero. NOISE_AND_CHANCE: equal-tailed limits of a Poisson
    mean seen through the noise, exact as Garwood's are without it (Garwood 1936, Biometrika 28).
    Without a population there is no rate.
    """
    if population < 0:
        raise ValueError("a population is not negative")
    if population == 0:
        return Estimate(None, 0.0, math.inf, None)
    if covers is Randomness.NOISE:
        interval = count_interval(count, confidence)
        low, high = float(interval.low), float(interval.high)
    else:
        low, high = _poisson_limits(count, (1 - confidence) / 2)
    times = per / population
    value = min(max(count.value, low), high)
    return Estimate(value * times, low * times, high * times, count.value * times)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf


def _as_share(part: float, whole: float, ends: tuple[float, float] | None) -> Estimate:
    nothing = Estimate(None, 0.0, 1.0, None)
    if ends is None or whole <= 0:
        return nothing
    value = min(max(part / whole, 0.0), 1.0)
    # Ruled out itself, where noise has taken a count so far below zero that no share fits.
    return Estimate(value, *ends, value) if ends[0] <= value <= ends[1] else nothing


def _share_ends(
    part: NoisyCount, rest: NoisyCount, confidence: float, covers: Randomness
) -> tuple[float, float] | None:
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    whole = part.value + rest.value
    noises = part.noise, rest.noise
    quantile = NormalDist().inv_cdf((1 + confidence) / 2)
    if covers is Randomness.NOISE_AND_CHANCE:
        of_part, of_rest = (_at_least_normal(noise, confidence, quantile) for noise in noises)
        variances, size = (of_part, of_rest), max(whole, 0)
        return normal_ends(part.value, rest.value, variances, quantile, size=size, step=0.5)
    of_part, of_rest = (noise.variance for noise in noises)
    normal = sum(noise.normal_error for noise in noises) <= _NEARLY_NORMAL
    if normal and whole > _FAR * math.sqrt(of_part + of_rest):
        return normal_ends(part.value, rest.value, (of_part, of_rest), quantile, step=0.5)
    return exact_ends(part.value, rest.value, *noises, 1 - confidence)


def _at_least_normal(noise: Noise, confidence: float, quantile: float) -> float:
    """The variance, or that of the normal noise that would reach as far, where that is more."""
    return max(noise.variance, (max(0, noise.half_width(confidence) - 0.5) / quantile) ** 2)


def _poisson_limits(count: NoisyCount, tail: float) -> tuple[float, float]:
    """Means at which a value as high, and one as low, comes with probability `tail`."""
    noise = count.noise
    steps = np.arange(-noise.reach, noise.reach + 1, dtype=np.float64)

    def at_most(value: int, mean: float) -> float:
        return float(noise.pmf @ poisson_cumulative(value - steps, mean))

    beyond = 2.0 * max(count.value, 0) + 2.0 * noise.reach + 16.0
    while at_most(count.value, beyond) > tail:
        beyond *= 2
    # Both probabilities fall as the mean grows; at the lower limit, 1 - tail of values are lower.
    low = _falls_to(lambda mean: at_most(count.value - 1, mean), 1 - tail, beyond)[0]
    return low, _falls_to(lambda mean: at_most(count.value, mean), tail, beyond)[1]


def _falls_to(of: Callable[[float], float], level: float, high: float) -> tuple[float, float]:
    """Ends of the stretch of length `high` / 2^48 in which `of`, which falls, passes `level`."""
    low = 0.0
    if of(low) <= level:
        return low, low
    for _ in range(48):
        middle = (low + high) / 2
        low, high = (middle, high) if of(middle) > level else (low, middle)
    return low, high
