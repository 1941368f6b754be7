"""Intervals for a noisy count hold it as often as they say, whatever it is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimates.intervals import (
    CountInterval,
    NoisyCount,
    around,
    count_interval,
    gaussian_half_width,
)
from privacy.estimates.noise import (
    NO_NOISE,
    discrete_gaussian,
    discrete_laplace,
    truncated_discrete_laplace,
)
from tests.privacy.estimates.chance import covers_enough, draws

RUNS = 20_000
NOISES = {
    "gaussian": discrete_gaussian(3.0),
    "two atoms": discrete_gaussian(12.0, 2),
    "three shares": discrete_gaussian(1.5, 3),
    "laplace": discrete_laplace(2.0),
    "dummies": truncated_discrete_laplace(2.0, 14),
}


def held(noise, width_of, count, seed=3):
    """How many of RUNS intervals of value - width .. value + width, cut at zero, hold `count`."""
    noisy = count + draws(noise, RUNS, np.random.default_rng(seed))
    width = width_of(noise)
    ends = [
        (around(int(value), width), times)
        for value, times in zip(*np.unique(noisy, return_counts=True), strict=True)
    ]
    return sum(times for end, times in ends if end.low <= count <= end.high)


@pytest.mark.parametrize("count", [0, 1, 7, 4000])
@pytest.mark.parametrize("name", NOISES)
def test_coverage(name, count):
    noise = NOISES[name]
    assert covers_enough(held(noise, lambda n: n.half_width(0.95), count), RUNS, 0.95)


def half_the_sigma(noise):
    return noise.half_width(0.95) // 2


def one_atom_too_few(noise):
    return gaussian_half_width(12.0, 1, 0.95)


@pytest.mark.parametrize("broken", [half_the_sigma, one_atom_too_few])
def test_an_interval_that_is_too_narrow_is_caught(broken):
    assert not covers_enough(held(NOISES["two atoms"], broken, 7), RUNS, 0.95)


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**6))
def test_an_interval_is_never_empty_nor_below_zero(value, width):
    interval = around(value, width)
    assert 0 <= interval.low <= interval.high
    assert interval.high == max(0, value + width)
    assert value < 0 or interval.low <= value <= interval.high


def test_cutting_loses_no_count():
    """Every count that the uncut interval holds is held by the cut one."""
    for value in range(-12, 13):
        interval = around(value, 5)
        for count in range(20):
            assert not abs(count - value) <= 5 or interval.low <= count <= interval.high


def test_a_public_count_is_its_own_interval():
    assert count_interval(NoisyCount(17, NO_NOISE), 0.99) == CountInterval(17, 17)
    with pytest.raises(ValueError, match="interval"):
        CountInterval(3, 2)


@pytest.mark.parametrize(("scale", "terms"), [(0.3, 1), (1.0, 2), (2.1, 2), (25.0, 1), (25.0, 3)])
def test_the_shorthand_is_the_table_s(scale, terms):
    width = discrete_gaussian(scale, terms).half_width(0.95)
    assert gaussian_half_width(scale, terms, 0.95) == width


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_very_wide_noise_is_taken_for_normal_only_where_it_is(confidence):
    """Just above and below the border, tabulated and not, the widths are the same function."""
    for scale in (1.001e5, 1.37e5):
        table = discrete_gaussian(scale).half_width(confidence)
        assert gaussian_half_width(scale, 1, confidence) == table
    assert gaussian_half_width(1e6, 40, 0.95) == math.ceil(1.959963985 * 1e6 * math.sqrt(40) - 0.5)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_confidence_is_a_probability(scale, confidence):
    with pytest.raises(ValueError, match="confidence"):
        gaussian_half_width(scale, 1, confidence)


def test_a_sum_has_terms():
    with pytest.raises(ValueError, match="term"):
        gaussian_half_width(1e6, 0, 0.95)
