"""The noise is the noise that is charged for."""

import math

import pytest
from opendp.combinators import make_zCDP_to_approxDP

from privacy.audit.checks import DRAWS, fits
from privacy.audit.variants import (
    gaussian_clamped,
    gaussian_from_floats,
    gaussian_halved,
    gaussian_reused,
)
from privacy.estimates.noise import discrete_gaussian
from privacy.mechanisms import add_discrete_gaussian, epsilon_from_rho, gaussian_rho
from privacy.mechanisms.gaussian import gaussian_measurement


@pytest.mark.parametrize("scale", [0.7, 2.0, 13.5])
def test_noise_has_the_stated_distribution(scale):
    assert fits(add_discrete_gaussian([0] * DRAWS, scale), discrete_gaussian(scale))


@pytest.mark.parametrize(
    "broken",
    [gaussian_halved, gaussian_from_floats, gaussian_clamped, gaussian_reused],
)
def test_broken_noise_is_caught(broken):
    assert not fits(broken([0] * DRAWS, 4.0), discrete_gaussian(4.0))


def test_noise_cannot_be_repeated():
    first = add_discrete_gaussian([0] * 64, 50.0)
    assert add_discrete_gaussian([0] * 64, 50.0) != first


def test_large_counts_are_not_cut_to_32_bits():
    large = 2**40
    (value,) = add_discrete_gaussian([large], 2.0)
    assert abs(value - large) < 100


@pytest.mark.parametrize(("scale", "l2_squared"), [(1.0, 1), (12.3, 8), (0.2, 9), (500.0, 37)])
def test_cost_is_never_below_the_theorem(scale, l2_squared):
    theorem = l2_squared / (2 * scale**2)
    assert theorem <= gaussian_rho(scale, l2_squared) <= theorem * (1 + 1e-9)


def test_epsilon_matches_the_design_table():
    """DESIGN: epsilon 2 at delta 1e-6 is rho .088, epsilon 4 is .311."""
    assert epsilon_from_rho(0.0882, 1e-6) == pytest.approx(2, abs=0.02)
    assert epsilon_from_rho(0.3111, 1e-6) == pytest.approx(4, abs=0.02)
    assert epsilon_from_rho(0, 1e-6) == 0


def test_epsilon_grows_with_rho_also_where_opendp_overflows():
    found = [epsilon_from_rho(rho, 5e-7) for rho in (1e-3, 0.1, 10, 999, 1001, 1e5, 1e9)]
    assert found == sorted(found)
    assert all(math.isfinite(epsilon) for epsilon in found)


@pytest.mark.parametrize("rho", [1e-3, 0.5, 40.0, 1000.0])
def test_epsilon_is_what_opendp_proves_as_far_as_it_reaches(rho):
    theirs = make_zCDP_to_approxDP(gaussian_measurement(1.0)).map(math.sqrt(2 * rho))
    assert epsilon_from_rho(rho, 1e-6) == pytest.approx(theirs.epsilon(delta=1e-6), rel=1e-9)
    assert epsilon_from_rho(rho, 1e-6) < closed_form(rho)


@pytest.mark.parametrize("rho", [math.nextafter(1000, 2000), 1e6])
def test_epsilon_is_the_closed_form_beyond(rho):
    assert epsilon_from_rho(rho, 1e-6) == pytest.approx(closed_form(rho), rel=1e-12)


def closed_form(rho):
    return rho + 2 * math.sqrt(rho * math.log(1e6))
