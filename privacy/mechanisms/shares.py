"""Noise in shares: each site adds some, and only the sum, unmasked, has enough.

    given n sites, of which h may be missing or known to the reader (h >= 1: each knows its own),
    wanted scale s of the sum:
        each site i releases, under a mask that cancels in the sum,  x_i + Z_i,
        Z_i discrete Gaussian of scale  s_share = s / sqrt(n - h)

Privacy map. A sum of m = n - h independent discrete Gaussians is not one itself, but as good as one
(Kairouz, Liu and Steinke 2021, The Distributed Discrete Gaussian Mechanism for Federated Learning
with Secure Aggregation, Proposition 14): with s_share^2 >= 1/2 and

    tau = 10 * sum_{k=1}^{m-1} exp(-2 pi^2 s_share^2 k / (k + 1))

the sum x + Z_1 + ... + Z_m over d cells, L2 sensitivity D2 and L1 sensitivity D1, is rho-zCDP with

    rho = min( D2^2 / (m s_share^2) + 2 D1 tau / (sqrt(m) s_share) + tau^2 d,
               (D2 / (sqrt(m) s_share) + tau sqrt(d))^2 ) / 2

Sketch: the sum's probabilities lie within a factor exp(tau) of the discrete Gaussian's of the
summed variance (Poisson summation over the convolution), and the triangle inequality for Renyi
divergence carries this over to the shifted pair. Shares of the sites beyond the m only add
independent noise: post-processing. At `MINIMUM_SHARE` and above tau is below 1e-8 for 50 sites; it
is charged all the same.

Error. Unbiased. With all n shares the variance is n s_share^2 = s^2 n / (n - h): the price of not
trusting h of them, against one central draw of scale s.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from privacy.estimates.noise import merging_error
from privacy.mechanisms.gaussian import add_discrete_gaussian
from privacy.mechanisms.rounding import root_up, up

MINIMUM_SHARE = 1.5
"""Below this scale of one share the sum is too unlike a discrete Gaussian: refused."""

_SLACK = 1 + 1e-12
"""Covers the rounding of the dozen float operations below, each of relative error 2^-53."""


def share_scale(scale: float, sites: int, missing: int) -> float:
    """Scale of one share: the sum keeps `scale` when `missing` of `sites` shares do not count.

    Raises ValueError where nobody would be left, where a site is taken not to know its own share,
    or where a share would be smaller than MINIMUM_SHARE.
    """
    honest = _honest(sites, missing)
    share = scale / math.sqrt(honest)
    while Fraction(share) ** 2 * honest < Fraction(scale) ** 2:
        share = math.nextafter(share, math.inf)
    if share < MINIMUM_SHARE:
        raise ValueError(f"a share of scale {share:.3g} is below {MINIMUM_SHARE}")
    return share


def add_share(values: Sequence[int], share: float) -> list[int]:
    """One site's values with its share of the noise; to be masked before they leave."""
    if share < MINIMUM_SHARE:
        raise ValueError(f"a share of scale {share:.3g} is below {MINIMUM_SHARE}")
    return add_discrete_gaussian(values, share)


def share_tau(share: float, sites: int, missing: int) -> float:
    """How far the honest shares' sum may be from a discrete Gaussian (log ratio), rounded up."""
    return merging_error(share, _honest(sites, missing)) * _SLACK


def share_rho(
    share: float, sites: int, missing: int, *, l2_squared: int, l1: int, cells: int
) -> float:
    """zCDP cost of the unmasked sum, rounded up.

    l2_squared, l1: sensitivities of the sum itself, that is, of a person with records at every
    site (`privacy.accounting.federation`). cells: length of the vector.
    """
    if share < MINIMUM_SHARE:
        raise ValueError(f"a share of scale {share:.3g} is below {MINIMUM_SHARE}")
    tau = share_tau(share, sites, missing)
    square = up(Fraction(l2_squared) / (_honest(sites, missing) * Fraction(share) ** 2))
    spread = math.sqrt(_honest(sites, missing)) * share
    first = square + 2 * l1 * tau / spread + tau**2 * cells
    second = (root_up(Fraction(square)) + tau * math.sqrt(cells)) ** 2
    return min(first, second) / 2 * _SLACK


def _honest(sites: int, missing: int) -> int:
    if missing < 1:
        raise ValueError("every site knows its own share: `missing` is at least one")
    if sites - missing < 1:
        raise ValueError("no share is left that could hide anything")
    return sites - missing
