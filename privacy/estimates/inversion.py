"""Confidence sets for a share of two noisy counts, by inverting a test of each share.

Let A = a + Z_1 and B = b + Z_2 be two noisy counts with independent noise, and theta = a / (a + b).
Then

    T(theta) = (1 - theta) A - theta B = (1 - theta) Z_1 - theta Z_2

whose distribution knows neither a nor b: there is no nuisance parameter, however small the counts.
The confidence set is every theta whose T is not too far out,

    { theta in 0..1 : P(|(1 - theta) Z_1 - theta Z_2| >= |T(theta)|) > 1 - confidence }

With normal noise that is Fieller's theorem (Fieller 1954, "Some problems in interval estimation",
JRSS B 16), a quadratic in theta. The ratio a / b is theta / (1 - theta), so that one set serves
shares, ratios and changes.
"""

import math
from collections.abc import Callable

import numpy as np

from privacy.estimates.noise import Noise

_FINEST = 1e-7
"""The ends are sought to this, as shares, and lie on the outer side."""


def exact_ends(
    part: int, rest: int, of_part: Noise, of_rest: Noise, alpha: float
) -> tuple[float, float] | None:
    """The ends of the set, outwards by about 1e-7; None where it is empty.

    With weights fixed, the (1 - alpha) quantile c(theta) of |T| is a quantile of functions of theta
    with slope at most |z_1 + z_2|, and so has at most the greatest such slope itself; |T(theta)|
    has slope |A + B|. A stretch of theta can then be ruled out from its middle alone, and halving
    finds the ends without the risk of stepping over a part of the set.
    """
    slope = abs(part + rest) + of_part.reach + of_rest.reach
    tails = _tails(of_part, of_rest)

    def may_hold(low: float, high: float) -> bool:
        middle, radius = (low + high) / 2, (high - low) / 2
        distance = abs((1 - middle) * part - middle * rest) - slope * radius
        return distance <= 0 or tails(distance, middle) > alpha

    highest = _last(may_hold, 0.0, 1.0)
    if highest is None:
        return None
    lowest = _last(lambda low, high: may_hold(-high, -low), -1.0, 0.0)
    return (0.0 if lowest is None else abs(lowest)), highest


def _last(may_hold: Callable[[float, float], bool], low: float, high: float) -> float | None:
    """The upper end of the last stretch, no longer than `_FINEST`, that may hold a point."""
    stretches = [(low, high)]
    while stretches:
        low, high = stretches.pop()
        if not may_hold(low, high):
            continue
        if high - low <= _FINEST:
            return high
        middle = (low + high) / 2
        stretches += [(low, middle), (middle, high)]
    return None


def _tails(of_part: Noise, of_rest: Noise) -> Callable[[float, float], float]:
    """(distance, theta) -> P(|(1 - theta) Z_1 - theta Z_2| >= distance > 0), never too small."""
    z = np.arange(-of_part.reach, of_part.reach + 1, dtype=np.float64)
    cumulative = np.concatenate(([0.0], of_rest.cumulative))
    missing = of_part.error + of_rest.error

    def tails(distance: float, theta: float) -> float:
        # A hair less, so that what lies on the boundary counts as beyond it, however it rounds.
        distance -= 1e-9 * (1 + distance)
        highest = np.floor(((1 - theta) * z - distance) / theta)
        place = np.clip(highest + of_rest.reach + 1, 0, len(cumulative) - 1).astype(np.int64)
        return 2 * float(of_part.pmf @ cumulative[place]) + missing

    return tails


def normal_ends(
    part: float,
    rest: float,
    variances: tuple[float, float],
    quantile: float,
    *,
    covariance: float = 0.0,
    size: float = 0.0,
    step: float = 0.0,
) -> tuple[float, float] | None:
    """The ends where T is normal: Fieller's quadratic, cut at 0 and 1; None where it has none.

    variances, covariance: of the noise of `part` and of `rest`. size: number of units that are each
    in the part or not by chance; their binomial variance size theta (1 - theta) is added, which
    with no noise leaves Wilson's score interval. step: continuity correction of T in counts, 1/2
    for integers.
    """
    of_part = variances[0] + covariance
    of_whole = of_part + variances[1] + covariance
    whole = part + rest
    z2 = quantile**2
    square = whole**2 + z2 * (size - of_whole)
    if square <= 0:
        return None

    def root(moved: float, sign: int) -> float:
        # square theta^2 - 2 linear theta + constant <= 0 is (moved - whole theta)^2 <= z2 Var(T)
        linear = moved * whole + z2 * (size / 2 - of_part)
        discriminant = linear**2 - square * (moved**2 - z2 * variances[0])
        return (linear + sign * math.sqrt(discriminant)) / square if discriminant >= 0 else math.nan

    # T falls from part at 0 to -rest at 1. Where |T| is less than the step nothing is ruled out;
    # elsewhere the step is taken off |T|, whose sign at an end says which way that moves the part.
    low = 0.0 if abs(part) < step else root(part - math.copysign(step, part), -1)
    high = 1.0 if abs(rest) < step else root(part + math.copysign(step, rest), 1)
    if math.isnan(low + high) or high < 0 or low > 1:
        return None
    return max(0.0, low), min(1.0, high)
