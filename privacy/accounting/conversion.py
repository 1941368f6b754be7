"""Between rho, in which costs add up, and (epsilon, delta), in which people read them.

rho adds up: two releases of rho_1 and rho_2 cost rho_1 + rho_2 (Bun and Steinke 2016). Half of a
policy's delta is spent on the conversion to epsilon, half is kept for mechanisms that are only
approximately private.
"""

from fractions import Fraction
from functools import lru_cache

from privacy.accounting.federation import Combination, federation_l2_squared, federation_rho
from privacy.mechanisms import epsilon_from_rho, gaussian_rho
from privacy.policy import Policy

_RELATIVE_STEP = 1e-12


def conversion_part(delta: float) -> float:
    """The part of a person-year's delta that the conversion from rho to epsilon may use."""
    return delta / 2


def conversion_delta(policy: Policy) -> float:
    """The same, of a policy's delta."""
    return conversion_part(policy.delta)


def mechanism_delta(policy: Policy) -> float:
    """The part of the policy's delta that mechanisms may use up, in one data-year."""
    return policy.delta - conversion_delta(policy)


@lru_cache(maxsize=256)
def rho_of(epsilon: float, delta: float) -> float:
    """Largest rho whose epsilon at `delta` is at most `epsilon`. Never rounded up.

    >>> 0.07 < rho_of(2.0, 1e-6) < 0.09
    True
    """
    low, high = 0.0, 1.0
    while epsilon_from_rho(high, delta) <= epsilon:
        low, high = high, 2 * high
    while high - low > _RELATIVE_STEP * high:
        middle = (low + high) / 2
        if epsilon_from_rho(middle, delta) <= epsilon:
            low = middle
        else:
            high = middle
    return low


def scale_for_rho(rho: float, l2_squared: float | Fraction) -> float:
    """Smallest noise scale with which moving a vector by sqrt(l2_squared) costs at most `rho`."""
    scale = (float(l2_squared) / (2 * rho)) ** 0.5
    while gaussian_rho(scale, Fraction(l2_squared)) > rho:
        scale *= 1 + 1e-12
    return scale


def scale_for(
    epsilon: float, delta: float, l2_squared: int | Fraction, sites: int, combination: Combination
) -> float:
    """Smallest noise scale with which the whole roster costs at most `epsilon` at `delta`.

    l2_squared: of one site, the same at all. SECURE_SUM: the scale of the unmasked sum.
    """
    scale = scale_for_rho(
        rho_of(epsilon, delta), federation_l2_squared(combination, [l2_squared] * sites)
    )
    while federation_rho(gaussian_rho(scale, l2_squared), sites, combination) > rho_of(
        epsilon, delta
    ):
        scale *= 1 + 1e-12
    return scale
