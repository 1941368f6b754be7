"""Dummies cost what they are said to, over every way a person's tokens can lie."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.mechanisms import dummy_cell_delta
from privacy.plan import Linkage
from privacy.plan.linked import dummies


def partitions(whole, most):
    if whole == 0:
        yield ()
    for part in range(min(whole, most), 0, -1):
        yield from ((part, *rest) for rest in partitions(whole - part, part))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.floats(1, 60), st.integers(6, 300))
def test_all_tokens_in_one_cell_have_the_largest_delta(kept, scale, shift):
    worst = dummy_cell_delta(scale, kept, shift)
    for cells in partitions(kept, kept):
        assert math.fsum(dummy_cell_delta(scale, c, shift) for c in cells) <= worst * (1 + 1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.integers(1, 8), st.floats(1e-4, 0.3), st.floats(1e-10, 1e-7))
def test_a_release_costs_no_more_than_its_rho_and_delta(kept, services, rho, delta):
    found = dummies(Linkage(kept, services, 3), rho, delta)
    assert services * found.loss.rho <= rho
    assert found.loss.rho * services >= 0.999 * rho
    assert found.delta <= delta
    assert found.loss.delta == found.delta


def test_variance_is_near_that_of_two_laplace_draws():
    found = dummies(Linkage(1, 4, 3), 0.2 * 0.0882, 1e-9)
    assert math.sqrt(found.variance) == pytest.approx(2 / math.sqrt(2 * 0.2 * 0.0882 / 4), rel=0.01)
    assert found.each == 2 * found.shift
