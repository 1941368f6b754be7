"""Noise and its privacy map. The only module that touches OpenDP; nobody here writes a sampler.

Discrete Gaussian mechanism (Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential
Privacy"): for an integer vector x with L2 sensitivity D, releasing x + Z with Z_i independent
discrete Gaussian of scale s satisfies rho-zCDP with rho = D^2 / (2 s^2).

Integers are i64: OpenDP's plain `int` is 32 bits wide and would saturate.
"""

# pyright: basic
# (OpenDP's own annotations are too loose for the strict mode of this folder.)

import math
from collections.abc import Sequence

from opendp.combinators import make_zCDP_to_approxDP
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance
from opendp.mod import Measurement, enable_features

enable_features("contrib")

_OPENDP_REACH = 1e3


def _gaussian(scale: float) -> Measurement:
    domain = vector_domain(atom_domain(T="i64"))
    return make_gaussian(domain, l2_distance(T=float), scale=scale)


def add_discrete_gaussian(values: Sequence[int], scale: float) -> list[int]:
    """Add independent discrete Gaussian noise of parameter `scale` to each of `values`.

    The noise comes from the operating system's entropy and cannot be seeded.
    """
    return list(_gaussian(scale)(list(values)))


def gaussian_rho(scale: float, l2_squared: int) -> float:
    """zCDP cost of `add_discrete_gaussian`; one person moves the vector by <= sqrt(l2_squared).

    OpenDP's own map, with the distance rounded up, so that the figure is never too small.
    """
    return _gaussian(scale).map(d_in=_root_up(l2_squared))


def epsilon_from_rho(rho: float, delta: float) -> float:
    """Smallest epsilon OpenDP proves: rho-zCDP implies (epsilon, delta)-DP.

    Far beyond anything private OpenDP's search overflows; there the closed form of Bun and Steinke
    (2016, Proposition 1.3) stands in. It is larger, so the figure is still never too small.
    """
    if rho == 0:
        return 0.0
    if rho > _OPENDP_REACH:
        return rho + 2 * math.sqrt(rho * math.log(1 / delta))
    unit = make_zCDP_to_approxDP(_gaussian(1.0))
    return unit.map(_root_up(2 * rho)).epsilon(delta=delta)


def _root_up(square: float) -> float:
    root = math.sqrt(square)
    return root if root * root >= square else math.nextafter(root, math.inf)
