"""What one release costs a person who may have records at every site.

Bounds are kept site by site, but the unit is the person. With Delta_ic what one person moves cell c
of site i's table, and sigma_c the noise on the released cell,

    rho_fed = max over persons  1/2 sum_c (sum_i Delta_ic)^2 / sigma_c^2.

How large that is depends on what happens to the sites' tables:

* KEYED_BY_SITE: each site's cells are released, each with noise of its own. The losses add up:
  sum_i rho_i. The same holds where noise is added locally and the noisy tables are summed.
* SECURE_SUM: only the sum is released, with one noise. A person's rows at n sites may lie in the
  same cell, so their L2 norms add up before they are squared: (sum_i D_i)^2 / 2 sigma^2, which is
  n^2 times one site's, not n times.
* HOME_SITE: every person is counted by one public home site alone (by residence), so a person's
  rows at the others do not count: max_i rho_i.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from privacy.mechanisms.rounding import root_up, up


class Combination(StrEnum):
    """What becomes of the sites' tables."""

    KEYED_BY_SITE = "keyed_by_site"
    SECURE_SUM = "secure_sum"
    HOME_SITE = "home_site"


def federation_l2_squared(
    combination: Combination, site_l2_squared: Sequence[int | Fraction]
) -> float:
    """Squared L2 sensitivity that, with one site's noise scale, gives the federation's rho.

    site_l2_squared: of each site of the roster (`ContributionBound.l2_squared`), all of which add
    noise of the same scale (KEYED_BY_SITE, HOME_SITE) or share one (SECURE_SUM). Rounded up.
    """
    if not site_l2_squared or min(site_l2_squared) < 0:
        raise ValueError("a roster has at least one site, and no sensitivity is negative")
    if combination is Combination.KEYED_BY_SITE:
        return up(sum((Fraction(s) for s in site_l2_squared), Fraction(0)))
    if combination is Combination.HOME_SITE:
        return up(Fraction(max(site_l2_squared)))
    if len(set(site_l2_squared)) == 1:
        return up(Fraction(len(site_l2_squared) ** 2 * Fraction(site_l2_squared[0])))
    return up(sum((Fraction(root_up(s)) for s in site_l2_squared), Fraction(0)) ** 2)


def federation_rho(rho_site: float, sites: int, combination: Combination) -> float:
    """The same where every site has the same bound: rho_site is one site's own cost.

    >>> [federation_rho(0.01, 3, c) for c in Combination]
    [0.03, 0.09, 0.01]
    """
    factor = federation_l2_squared(combination, [1] * sites)
    return up(Fraction(rho_site) * Fraction(factor))
