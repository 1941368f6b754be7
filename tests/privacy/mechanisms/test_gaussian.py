"""The noise is the noise that is charged for."""

import math

import numpy as np
import pytest

from privacy.mechanisms import add_discrete_gaussian, epsilon_from_rho, gaussian_rho

DRAWS = 60_000
FALSE_ALARM = 1e-9
"""Rate at which a statistical test here fails although all is well."""


def fits_discrete_gaussian(noise, scale):
    """Chi-squared test of `noise` against the discrete Gaussian of `scale`. True if it fits."""
    noise = np.asarray(noise)
    reach = math.ceil(3 * scale)
    k = np.arange(-reach, reach + 1)
    weights = np.exp(-(np.arange(-20 * reach, 20 * reach + 1) ** 2) / (2 * scale**2)).sum()
    expected = np.exp(-(k**2) / (2 * scale**2)) / weights
    observed = np.array([(noise == value).sum() for value in k])
    expected = np.append(expected, 1 - expected.sum()) * len(noise)
    observed = np.append(observed, len(noise) - observed.sum())
    statistic = ((observed - expected) ** 2 / expected).sum()
    # Laurent and Massart 2000, Lemma 1: a chi-squared tail bound without tables.
    x = -math.log(FALSE_ALARM)
    freedom = len(expected) - 1
    return statistic <= freedom + 2 * math.sqrt(freedom * x) + 2 * x


@pytest.mark.parametrize("scale", [0.7, 2.0, 13.5])
def test_noise_has_the_stated_distribution(scale):
    assert fits_discrete_gaussian(add_discrete_gaussian([0] * DRAWS, scale), scale)


def halved(values, scale):
    return add_discrete_gaussian(values, scale / 2)


def continuous_rounded_down(values, scale):
    generator = np.random.default_rng()
    return [
        v + math.floor(z)
        for v, z in zip(values, generator.normal(0, scale, len(values)), strict=True)
    ]


def clamped(values, scale):
    return [max(0, value) for value in add_discrete_gaussian(values, scale)]


def reused(values, scale):
    return add_discrete_gaussian([0], scale) * len(values)


@pytest.mark.parametrize("broken", [halved, continuous_rounded_down, clamped, reused])
def test_broken_noise_is_caught(broken):
    assert not fits_discrete_gaussian(broken([0] * DRAWS, 4.0), 4.0)


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
