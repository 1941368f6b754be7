"""Discrete Gaussian noise on a vector of integers, under zero-concentrated differential privacy.

    given x in Z^d, scale s:
        release x + Z,   Z_1 ... Z_d independent,   P(Z = z) proportional to exp(-z^2 / 2 s^2)

Privacy map. If one person moves x by at most D in L2 norm, the release is rho-zCDP with
rho = D^2 / 2 s^2 (Canonne, Kamath and Steinke 2020, The Discrete Gaussian for Differential Privacy,
Theorem 14). Sketch: by the Poisson summation formula the normaliser of the shifted distribution is
largest at an integer shift, so each coordinate's Renyi divergence of order a is at most
a Delta_j^2 / 2 s^2, as for the continuous Gaussian; independent coordinates add up.

Error. Unbiased; the variance is at most s^2, and so near it from s = 1 on that the difference is
below 1e-6 (Corollary 9 there). The exact distribution: `privacy.estimates.noise`.

Sampler: OpenDP's, exact in rational arithmetic. Integers are i64: OpenDP's plain `int` is 32 bits
wide and would saturate.
"""

# pyright: basic
# (OpenDP's own annotations are too loose for the strict mode of this folder.)

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from opendp.combinators import make_zCDP_to_approxDP
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance
from opendp.mod import Measurement, enable_features

from privacy.mechanisms.rounding import root_up

enable_features("contrib")

_OPENDP_REACH = 1e3


def gaussian_measurement(scale: float) -> Measurement:
    """OpenDP's own, on vectors of 64-bit integers."""
    domain = vector_domain(atom_domain(T="i64"))
    return make_gaussian(domain, l2_distance(T=float), scale=scale)


def add_discrete_gaussian(values: Sequence[int], scale: float) -> list[int]:
    """Add independent discrete Gaussian noise of parameter `scale` to each of `values`.

    values, result: shape (d,), integers that fit 64 bits. One call for a whole table: a call for
    each cell costs ten times as much.
    """
    return list(gaussian_measurement(scale)(list(values)))


def gaussian_rho(scale: float, l2_squared: int | Fraction) -> float:
    """zCDP cost of `add_discrete_gaussian`; one person moves the vector by <= sqrt(l2_squared).

    OpenDP's own map, with the distance rounded up, so that the figure is never too small.
    """
    return gaussian_measurement(scale).map(d_in=root_up(l2_squared))


@lru_cache(maxsize=4096)
def epsilon_from_rho(rho: float, delta: float) -> float:
    """Smallest epsilon OpenDP proves: rho-zCDP implies (epsilon, delta)-DP.

    Far beyond anything private OpenDP's search overflows; there the closed form of Bun and Steinke
    (2016, Proposition 1.3) stands in. It is larger, so the figure is still never too small.
    """
    if rho == 0:
        return 0.0
    if rho > _OPENDP_REACH:
        return rho + 2 * math.sqrt(rho * math.log(1 / delta))
    unit = make_zCDP_to_approxDP(gaussian_measurement(1.0))
    return unit.map(root_up(2 * Fraction(rho))).epsilon(delta=delta)
