"""Discrete Laplace: the stated distribution, the stated cost."""

import math

import numpy as np
import pytest
from opendp.combinators import make_pureDP_to_zCDP
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_laplace
from opendp.metrics import l1_distance

from privacy.audit.checks import DRAWS, fits
from privacy.estimates.noise import discrete_laplace
from privacy.mechanisms import (
    add_discrete_laplace,
    laplace_epsilon,
    rho_of_pure,
)


def pmf(k, scale):
    q = math.exp(-1 / scale)
    return (1 - q) / (1 + q) * q ** abs(k)


@pytest.mark.parametrize("scale", [0.5, 2.0, 17.3])
def test_noise_has_the_stated_distribution(scale):
    noise, stated = add_discrete_laplace([0] * DRAWS, scale), discrete_laplace(scale)
    assert fits(noise, stated)
    spread = 6 * stated.variance * math.sqrt(20 / DRAWS)
    assert np.var(noise) == pytest.approx(stated.variance, abs=spread)


@pytest.mark.parametrize("wrong", [1.7, 2.3])
def test_another_scale_is_caught(wrong):
    assert not fits(add_discrete_laplace([0] * DRAWS, wrong), discrete_laplace(2.0))


@pytest.mark.parametrize(("scale", "l1"), [(2.0, 1), (0.3, 4), (123.4, 7)])
def test_cost_is_never_below_the_theorem(scale, l1):
    """Largest log ratio of neighbouring outputs, from the distribution itself."""
    ratio = max(math.log(pmf(k, scale) / pmf(k - l1, scale)) for k in range(-20, 21))
    assert ratio <= laplace_epsilon(scale, l1) * (1 + 1e-12)
    assert laplace_epsilon(scale, l1) == pytest.approx(l1 / scale)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 1.0, 3.0])
def test_pure_privacy_as_zcdp_agrees_with_opendp(epsilon):
    assert rho_of_pure(epsilon) >= epsilon**2 / 2
    if epsilon:
        domain = vector_domain(atom_domain(T="i64"))
        theirs = make_pureDP_to_zCDP(make_laplace(domain, l1_distance(T="i64"), scale=1 / epsilon))
        assert rho_of_pure(epsilon) == pytest.approx(theirs.map(1))


def test_large_counts_are_not_cut_to_32_bits():
    (value,) = add_discrete_laplace([2**40], 2.0)
    assert abs(value - 2**40) < 100
