"""Noise for linkage: how many dummies a party mixes in, so that a match count hides one person.

    given epsilon, sensitivity D (how far one person moves the counts, L1 over all cells), shift t:
        eta in 0 .. 2t,   P(eta) proportional to q^|eta - t|,   q = exp(-epsilon / D)
    of 2t dummies eta match; the reader subtracts t (one party) or 2t (both).

Privacy map. Where one person moves a cell by at most c, its count is
(epsilon c / D, delta_cell)-DP with

    delta_cell = q^(t - c + 1) (1 - q^c) / (1 + q - 2 q^(t + 1))

the probability that eta falls among the c outermost values of its support, which the neighbouring
count cannot reach. Sketch: inside the common support the log ratio is |eta - t| - |eta - t +- c| in
units of epsilon / D. Over all cells one person touches, epsilons add to at most epsilon; deltas are
added up by the caller.

Error. Unbiased after subtracting t for each party; the exact distribution of eta - t is
`privacy.estimates.noise.truncated_discrete_laplace`.

Sampler. eta - t is OpenDP's discrete Laplace of scale D / epsilon, drawn again until it lies within
-t .. t: exactly the distribution above, with no arithmetic of ours. How often it is drawn again
depends on no data.
"""

import math
from fractions import Fraction

from privacy.mechanisms.laplace import add_discrete_laplace
from privacy.mechanisms.rounding import up

_LARGEST_SHIFT = 10**6
_SLACK = 1 + 1e-9


def dummy_scale(epsilon: float, sensitivity: int) -> float:
    """Scale D / epsilon of the noise, rounded up."""
    if epsilon <= 0 or sensitivity < 1:
        raise ValueError("epsilon is above zero and the sensitivity at least one")
    return up(Fraction(sensitivity) / Fraction(epsilon))


def dummy_epsilon(scale: float, sensitivity: int) -> float:
    """What noise of `scale` costs, the part that is pure: sensitivity / scale, rounded up."""
    return up(Fraction(sensitivity) / Fraction(scale))


def dummy_cell_delta(scale: float, cell_sensitivity: int, shift: int) -> float:
    """delta of one cell that one person moves by at most `cell_sensitivity`, rounded up."""
    if not 1 <= cell_sensitivity <= shift:
        raise ValueError("the shift is at least the sensitivity of a cell, and that at least one")
    log_q = -1 / scale
    tail = math.exp((shift - cell_sensitivity + 1) * log_q) * -math.expm1(cell_sensitivity * log_q)
    # 1 + q - 2 q^(t+1), by expm1: at small epsilon it is a difference of nearly equal numbers
    support = math.expm1(log_q) - 2 * math.expm1((shift + 1) * log_q)
    return tail / support * _SLACK


def dummy_shift(scale: float, cell_sensitivity: int, delta: float) -> int:
    """Least shift t whose cell delta is at most `delta`. Raises ValueError where none is."""
    if not 0 < delta < 1:
        raise ValueError("delta lies between 0 and 1")
    low, high = cell_sensitivity - 1, cell_sensitivity
    while dummy_cell_delta(scale, cell_sensitivity, high) > delta:
        low, high = high, 2 * high
        if high > _LARGEST_SHIFT:
            raise ValueError("more than a million dummies would be needed; ask for less precision")
    while high - low > 1:
        middle = (low + high) // 2
        if dummy_cell_delta(scale, cell_sensitivity, middle) > delta:
            low = middle
        else:
            high = middle
    return high


def draw_dummies(count: int, scale: float, shift: int) -> list[int]:
    """`count` independent numbers of dummies that match, each in 0 .. 2 * shift."""
    drawn: list[int] = []
    while len(drawn) < count:
        noise = add_discrete_laplace([0] * (count - len(drawn)), scale)
        drawn += [shift + z for z in noise if -shift <= z <= shift]
    return drawn
