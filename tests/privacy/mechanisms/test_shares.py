"""The sum of the shares hides as much as one central draw, whoever is missing."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.audit.checks import DRAWS, fits
from privacy.audit.variants import share_by_division, share_relying_on_all
from privacy.estimates.noise import discrete_gaussian
from privacy.mechanisms import (
    MINIMUM_SHARE,
    add_share,
    gaussian_rho,
    share_rho,
    share_scale,
    share_tau,
    shares,
)

ROSTER = st.tuples(st.integers(2, 60), st.integers(1, 20)).filter(lambda r: r[0] > r[1])


@given(ROSTER, st.floats(30, 500))
def test_the_honest_shares_alone_reach_the_wanted_scale(roster, scale):
    sites, missing = roster
    share = share_scale(scale, sites, missing)
    assert Fraction(share) ** 2 * (sites - missing) >= Fraction(scale) ** 2
    assert share <= scale / math.sqrt(sites - missing) * (1 + 1e-12)


@pytest.mark.parametrize(("sites", "missing"), [(5, 1), (10, 3), (50, 10)])
def test_the_price_is_the_share_of_those_not_trusted(sites, missing):
    """Error of the full sum over one central draw: sqrt(n / (n - h)), measured."""
    scale = 20.0
    share = share_scale(scale, sites, missing)
    total = np.sum([add_share([0] * 6000, share) for _ in range(sites)], axis=0)
    ratio = total.std() / math.sqrt(discrete_gaussian(scale).variance)
    expected = math.sqrt(sites / (sites - missing))
    assert ratio == pytest.approx(expected, rel=6.5 / math.sqrt(2 * 6000))


def test_the_sum_without_the_missing_is_a_discrete_gaussian():
    share = share_scale(6.0, 5, 1)
    total = np.sum([add_share([0] * DRAWS, share) for _ in range(4)], axis=0)
    assert fits(total, discrete_gaussian(6.0))


@pytest.mark.parametrize("broken", [share_relying_on_all, share_by_division])
def test_shares_that_are_too_small_are_caught(broken):
    share = broken(30.0, 5, 1)
    total = np.sum([add_share([0] * DRAWS, share) for _ in range(4)], axis=0)
    assert not fits(total, discrete_gaussian(30.0))


@given(ROSTER, st.floats(1.5, 50), st.integers(1, 40), st.integers(1, 500))
def test_the_cost_is_that_of_one_draw_and_a_little(roster, share, l2_squared, cells):
    sites, missing = roster
    honest = sites - missing
    rho = share_rho(share, sites, missing, l2_squared=l2_squared, l1=l2_squared, cells=cells)
    one_draw = gaussian_rho(share * math.sqrt(honest), l2_squared)
    assert rho >= Fraction(l2_squared) / (2 * honest * Fraction(share) ** 2)
    assert rho <= one_draw * (1 + 1e-4) + 1e-7


def exact_sum_pmf(share, honest, reach):
    k = np.arange(-reach, reach + 1)
    one = np.exp(-(k**2) / (2 * share**2))
    one /= one.sum()
    total = one
    for _ in range(honest - 1):
        total = np.convolve(total, one)
    return total


@pytest.mark.parametrize(("share", "honest"), [(1.5, 2), (1.5, 4), (2.0, 3)])
def test_the_map_holds_against_the_exact_divergence(share, honest):
    """Renyi divergence of the exactly convolved sum and its shift, against rho * order."""
    pmf = exact_sum_pmf(share, honest, reach=40)
    shifted = np.roll(pmf, 1)
    inside = (pmf > 1e-250) & (shifted > 1e-250)
    rho = share_rho(share, honest + 1, 1, l2_squared=1, l1=1, cells=1)
    for order in (1.5, 2, 4, 8, 16):
        terms = order * np.log(pmf[inside]) + (1 - order) * np.log(shifted[inside])
        divergence = np.logaddexp.reduce(terms) / (order - 1)
        assert divergence <= rho * order * (1 + 1e-9) + 1e-12


def test_tau_is_small_where_shares_are_allowed_and_grows_below():
    assert share_tau(MINIMUM_SHARE, 51, 1) < 1e-8
    assert share_tau(MINIMUM_SHARE, 51, 1) > 0
    assert share_tau(0.7, 51, 1) > 1e-4
    assert share_tau(2.0, 2, 1) == 0  # one share: a discrete Gaussian itself
    assert share_tau(1.5, 3, 1) == pytest.approx(10 * math.exp(-(math.pi**2) * 2.25))


@pytest.mark.parametrize(
    ("scale", "sites", "missing", "why"),
    [
        (20.0, 3, 0, "knows its own share"),
        (20.0, 3, 3, "no share is left"),
        (20.0, 1, 1, "no share is left"),
        (2.0, 50, 1, "below 1.5"),
    ],
)
def test_what_would_hide_nothing_is_refused(scale, sites, missing, why):
    with pytest.raises(ValueError, match=why):
        share_scale(scale, sites, missing)


def test_a_share_that_is_too_small_is_never_drawn():
    with pytest.raises(ValueError, match="below"):
        add_share([0], 1.49)
    with pytest.raises(ValueError, match="below"):
        share_rho(1.49, 5, 1, l2_squared=1, l1=1, cells=1)
    assert len(add_share([5], 1.5)) == 1


@pytest.mark.parametrize("merging", [0.0, 1e-3, 0.5])
@pytest.mark.parametrize("l1", [1, 50])
@pytest.mark.parametrize("cells", [1, 9])
def test_the_cost_is_the_proposition_s_whatever_tau_is(monkeypatch, merging, l1, cells):
    """Shares that are allowed have next to no tau; so one is put in its place."""
    monkeypatch.setattr(shares, "merging_error", lambda share, honest: merging * (honest == 3))
    assert share_tau(2.0, 5, 2) == pytest.approx(merging, rel=1e-11)
    spread = math.sqrt(3) * 2.0
    by_l1 = 7 / spread**2 + 2 * l1 * merging / spread + merging**2 * cells
    by_l2 = (math.sqrt(7) / spread + merging * math.sqrt(cells)) ** 2
    found = share_rho(2.0, 5, 2, l2_squared=7, l1=l1, cells=cells)
    assert found >= min(by_l1, by_l2) / 2
    assert found == pytest.approx(min(by_l1, by_l2) / 2, rel=1e-11)


def test_the_smallest_share_that_is_allowed_is_allowed():
    assert share_scale(1.5, 2, 1) == 1.5
    assert share_rho(1.5, 2, 1, l2_squared=1, l1=1, cells=1) == pytest.approx(1 / 4.5)
    with pytest.raises(ValueError, match="below"):
        share_scale(math.nextafter(1.5, 0), 2, 1)


@given(ROSTER, st.floats(30, 500))
def test_a_share_is_no_larger_than_it_has_to_be(roster, scale):
    sites, missing = roster
    less = Fraction(math.nextafter(math.nextafter(share_scale(scale, sites, missing), 0), 0))
    assert less**2 * (sites - missing) < Fraction(scale) ** 2
