"""The attack never claims more than is true, and finds what is really broken."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.audit.one_run import attack, lower_bound, p_value
from privacy.mechanisms import add_discrete_laplace


@given(st.integers(1, 200), st.floats(0, 5))
def test_without_delta_it_is_a_binomial_tail(guesses, epsilon):
    q = 1 / (1 + math.exp(-epsilon))
    right = guesses // 2
    tail = sum(
        math.comb(guesses, k) * q**k * (1 - q) ** (guesses - k) for k in range(right, guesses + 1)
    )
    assert p_value(1000, guesses, right, epsilon, 0.0) == pytest.approx(min(1.0, tail), abs=1e-9)


@given(st.integers(10, 100), st.data())
def test_more_right_guesses_or_less_delta_rule_more_out(guesses, data):
    right = data.draw(st.integers(guesses // 2, guesses))
    more = data.draw(st.integers(right, guesses))
    bound = lower_bound(1000, guesses, right, 0.0, 0.95)
    assert lower_bound(1000, guesses, more, 0.0, 0.95) >= bound
    assert lower_bound(1000, guesses, right, 1e-3, 0.95) <= bound
    assert lower_bound(1000, guesses, right, 0.0, 0.999) <= bound


def test_guesses_at_random_rule_nothing_out():
    assert lower_bound(1000, 100, 50, 1e-6, 0.95) == 0.0
    assert lower_bound(1000, 100, 100, 1e-6, 0.95) > 3


def test_an_honest_mechanism_stays_below_its_claim():
    """At a confidence of 1 - 1e-6, which is this test's rate of false alarms."""
    scale = 2.0
    right = attack(lambda values: add_discrete_laplace(values, scale), 3000, 300)
    found = lower_bound(3000, 300, right, 0.0, 1 - 1e-6)
    assert found <= 1 / scale


def test_a_tenth_of_the_noise_is_found_out():
    """Claimed as scale 2, so epsilon 0.5; drawn with a tenth of it."""
    right = attack(lambda values: add_discrete_laplace(values, 0.2), 3000, 300)
    assert lower_bound(3000, 300, right, 1e-6, 0.999) > 0.5


def test_no_noise_at_all_is_found_out():
    right = attack(list, 1000, 100)
    assert right == 100
    assert lower_bound(1000, 100, right, 1e-6, 0.999) > 2
