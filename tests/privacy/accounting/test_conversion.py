import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.accounting import (
    Combination,
    conversion_delta,
    federation_rho,
    mechanism_delta,
    rho_of,
    scale_for,
    scale_for_rho,
)
from privacy.mechanisms import epsilon_from_rho, gaussian_rho
from privacy.policy import Policy

DELTA = 5e-7


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 2.0, 4.0, 50.0, 1e4, 1e6])
def test_rho_of_is_the_largest_that_fits(epsilon):
    rho = rho_of(epsilon, DELTA)
    assert epsilon_from_rho(rho, DELTA) <= epsilon
    assert epsilon_from_rho(rho * (1 + 1e-6), DELTA) > epsilon


@pytest.mark.parametrize("combination", Combination)
@settings(max_examples=20, deadline=None)
@given(epsilon=st.floats(0.05, 20), sites=st.integers(1, 50), l2_squared=st.integers(1, 40))
def test_the_scale_keeps_the_whole_roster_within_epsilon(combination, epsilon, sites, l2_squared):
    scale = scale_for(epsilon, DELTA, l2_squared, sites, combination)
    rho = federation_rho(gaussian_rho(scale, l2_squared), sites, combination)
    assert rho <= rho_of(epsilon, DELTA)
    assert rho >= rho_of(epsilon, DELTA) * (1 - 1e-6)  # and wastes nothing


@settings(max_examples=20, deadline=None)
@given(rho=st.floats(1e-6, 10), l2_squared=st.floats(1, 1e4))
def test_the_scale_for_a_rho_is_the_smallest(rho, l2_squared):
    scale = scale_for_rho(rho, l2_squared)
    assert l2_squared / (2 * scale**2) <= rho
    assert l2_squared / (2 * (scale * (1 - 1e-9)) ** 2) > rho * (1 - 1e-12)


def test_half_of_delta_is_kept_for_other_mechanisms():
    policy = Policy(
        epsilon_per_person_year=4,
        max_epsilon_per_release=2,
        delta=1e-6,
        federation_sites=3,
        answers={},
    )
    assert conversion_delta(policy) == 5e-7
    assert conversion_delta(policy) + mechanism_delta(policy) == policy.delta
