"""Linkage dummies: the stated distribution, and the stated (epsilon, delta) by brute force."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.audit.checks import DRAWS, fits
from privacy.audit.variants import dummies_clamped, dummies_halved
from privacy.estimates.noise import truncated_discrete_laplace
from privacy.mechanisms import (
    draw_dummies,
    dummy_cell_delta,
    dummy_epsilon,
    dummy_scale,
    dummy_shift,
)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 3), (2.0, 25), (10.0, 6)])
def test_dummies_have_the_stated_distribution(scale, shift):
    drawn = np.array(draw_dummies(DRAWS, scale, shift))
    assert len(drawn) == DRAWS
    assert drawn.min() >= 0
    assert drawn.max() <= 2 * shift
    assert fits(drawn - shift, truncated_discrete_laplace(scale, shift))


def one_sided(count, scale, shift):
    return [shift + abs(eta - shift) for eta in draw_dummies(count, scale, shift)]


@pytest.mark.parametrize("broken", [dummies_clamped, dummies_halved, one_sided])
def test_broken_dummies_are_caught(broken):
    drawn = np.array(broken(DRAWS, 3.0, 6)) - 6
    assert not fits(drawn, truncated_discrete_laplace(3.0, 6))


def hockey_stick(p, q, epsilon):
    return np.maximum(p - math.exp(epsilon) * q, 0).sum()


@settings(max_examples=60, deadline=None)
@given(st.floats(0.3, 30), st.integers(1, 60), st.integers(1, 6))
def test_the_map_holds_by_brute_force(scale, shift, moved):
    """The true delta at the claimed epsilon, over both directions, is at most the claimed one."""
    if moved > shift:
        return
    before = np.concatenate([truncated_discrete_laplace(scale, shift).pmf, np.zeros(moved)])
    after = np.concatenate([np.zeros(moved), truncated_discrete_laplace(scale, shift).pmf])
    epsilon = dummy_epsilon(scale, moved)
    claimed = dummy_cell_delta(scale, moved, shift)
    true = max(hockey_stick(before, after, epsilon), hockey_stick(after, before, epsilon))
    assert true <= claimed + 1e-15
    assert claimed <= true * (1 + 1e-6) + 1e-12  # and not looser than it is


@pytest.mark.parametrize(
    ("epsilon", "shift", "released_std"), [(0.5, 25, 4.0), (1, 14, 1.9), (2, 7, 0.85)]
)
def test_the_design_table(epsilon, shift, released_std):
    scale = dummy_scale(epsilon, 1)
    assert dummy_shift(scale, 1, 1e-6) == shift
    both = math.sqrt(truncated_discrete_laplace(scale, shift, terms=2).variance)
    assert both == pytest.approx(released_std, abs=0.06)


def test_the_design_s_small_epsilon():
    assert dummy_shift(dummy_scale(0.1, 4), 4, 1e-9) == 711


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 5), st.integers(1, 5), st.floats(1e-12, 1e-3))
def test_the_shift_is_the_least(epsilon, moved, delta):
    scale = dummy_scale(epsilon, moved)
    shift = dummy_shift(scale, moved, delta)
    assert dummy_cell_delta(scale, moved, shift) <= delta
    assert shift == moved or dummy_cell_delta(scale, moved, shift - 1) > delta
    assert dummy_epsilon(scale, moved) == pytest.approx(epsilon)


@pytest.mark.parametrize(
    "call",
    [
        lambda: dummy_scale(0, 1),
        lambda: dummy_scale(1, 0),
        lambda: dummy_cell_delta(1.0, 3, 2),
        lambda: dummy_cell_delta(1.0, 0, 2),
        lambda: dummy_scale(-1, 1),
        lambda: dummy_shift(1.0, 1, 0.0),
        lambda: dummy_shift(1.0, 1, 1.0),
        lambda: dummy_shift(6e4, 1, 1e-9),
        lambda: dummy_shift(1e7, 1, 1e-9),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(ValueError, match=r"."):
        call()


def test_dummies_cannot_be_repeated():
    assert draw_dummies(64, 20.0, 200) != draw_dummies(64, 20.0, 200)
    assert draw_dummies(0, 20.0, 200) == []


@pytest.mark.parametrize(
    ("scale", "moved", "shift"),
    [(0.4, 1, 1), (1.0, 1, 9), (3.0, 3, 3), (17.3, 2, 300), (2e3, 5, 10**4), (1e5, 1, 10**6)],
)
def test_delta_is_the_formula_s_and_never_below(scale, moved, shift):
    with localcontext() as context:
        context.prec = 60
        q = (-1 / Decimal(scale)).exp()
        exact = q ** (shift - moved + 1) * (1 - q**moved) / (1 + q - 2 * q ** (shift + 1))
        assert (
            exact <= Decimal(dummy_cell_delta(scale, moved, shift)) <= exact * (1 + Decimal("2e-9"))
        )


def test_up_to_half_a_million_dummies_may_be_needed():
    shift = dummy_shift(4.5e4, 1, 1e-9)
    assert 2**18 < shift < 2**19
    assert dummy_cell_delta(4.5e4, 1, shift) <= 1e-9 < dummy_cell_delta(4.5e4, 1, shift - 1)


def test_a_cell_that_needs_no_more_than_its_own_shift():
    for moved in (1, 4):
        assert dummy_shift(1.0, moved, 0.999) == moved
    assert dummy_scale(1, 1) == 1.0
    assert dummy_scale(0.3, 4) >= 4 / Fraction(0.3)
    assert dummy_epsilon(3.0, 1) == math.nextafter(1 / 3, 1)


def test_dummies_reach_both_ends_and_are_as_many_as_asked_for():
    drawn = draw_dummies(500, 2.0, 1)
    assert len(drawn) == 500
    assert set(drawn) == {0, 1, 2}
