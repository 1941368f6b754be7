"""Linkage dummies: the stated distribution, and the stated (epsilon, delta) by brute force."""

import math

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
        lambda: dummy_shift(1.0, 1, 0.0),
        lambda: dummy_shift(1e7, 1, 1e-9),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(ValueError, match=r"."):
        call()


def test_dummies_cannot_be_repeated():
    assert draw_dummies(64, 20.0, 200) != draw_dummies(64, 20.0, 200)
    assert draw_dummies(0, 20.0, 200) == []
