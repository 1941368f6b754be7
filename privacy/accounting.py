"""What a release costs one person: zCDP inside, (epsilon, delta) where people read it.

rho adds up: two releases of rho_1 and rho_2 cost rho_1 + rho_2 (Bun and Steinke 2016). Half of a
policy's delta is spent on the conversion to epsilon, half is kept for mechanisms that are only
approximately private.
"""

from functools import lru_cache

from privacy.mechanisms import epsilon_from_rho, gaussian_rho
from privacy.policy import Policy

_RELATIVE_STEP = 1e-12


def conversion_delta(policy: Policy) -> float:
    """The part of the policy's delta that the conversion from rho to epsilon may use."""
    return policy.delta / 2


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


def federation_rho(rho_site: float, sites: int) -> float:
    """Cost for a person with records at every site of the roster, cells keyed by site.

    Each site noises its own cells, so one person's losses at `sites` sites add up: sum of rho_i.
    """
    if sites < 1:
        raise ValueError("a roster has at least one site")
    return rho_site * sites


def scale_for(epsilon: float, delta: float, l2_squared: int, sites: int) -> float:
    """Smallest noise scale with which the whole roster costs at most `epsilon` at `delta`."""
    target = rho_of(epsilon, delta)
    scale = (l2_squared * sites / (2 * target)) ** 0.5
    while federation_rho(gaussian_rho(scale, l2_squared), sites) > target:
        scale *= 1 + 1e-12
    return scale


def charged_years(period: int, years_before: int, last_data_year: int) -> tuple[int, ...]:
    """Every data-year whose records can change the answer for `period`.

    From `years_before` earlier (chained stays begin there) to the end of the data: an episode that
    begins within the follow-up window can be continued by stays of any later year.
    """
    return tuple(range(period - years_before, max(period + 1, last_data_year) + 1))
