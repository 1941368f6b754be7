"""The tables are the mechanisms' distributions, and sums of them are what convolution says."""

import math
from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.estimates.noise import (
    NO_NOISE,
    Noise,
    discrete_gaussian,
    discrete_laplace,
    merging_error,
    total,
    truncated_discrete_laplace,
)
from privacy.mechanisms import add_discrete_gaussian
from tests.privacy.estimates.chance import FALSE_ALARM

SCALES = st.floats(0.05, 40)
TABLES = {
    "gaussian": discrete_gaussian,
    "laplace": discrete_laplace,
    "truncated": lambda scale, terms: truncated_discrete_laplace(scale, 7, terms),
}
WEIGHTS = {
    "gaussian": lambda scale, k: math.exp(-(k**2) / (2 * scale**2)),
    "laplace": lambda scale, k: math.exp(-abs(k) / scale),
    "truncated": lambda scale, k: math.exp(-abs(k) / scale) if abs(k) <= 7 else 0.0,
}


def by_enumeration(kind, scale, terms, reach):
    """P(sum = k) for every k, over every combination of terms within `reach`."""
    weights = {k: WEIGHTS[kind](scale, k) for k in range(-reach, reach + 1)}
    mass = math.fsum(weights.values())
    found: dict[int, float] = {}
    for combination in product(weights, repeat=terms):
        probability = math.prod(weights[k] / mass for k in combination)
        found[sum(combination)] = found.get(sum(combination), 0.0) + probability
    return found


def at(noise, k):
    return noise.pmf[noise.reach + k] if abs(k) <= noise.reach else 0.0


@pytest.mark.parametrize("terms", [1, 2, 3])
@pytest.mark.parametrize(("kind", "scale"), [
    ("gaussian", 0.3), ("gaussian", 0.5), ("gaussian", 1.1), ("gaussian", 2.4),
    ("laplace", 0.4), ("laplace", 0.9), ("truncated", 0.7), ("truncated", 5.0),
])  # fmt: skip
def test_a_table_is_the_enumerated_distribution(kind, scale, terms):
    expected = by_enumeration(kind, scale, terms, reach=28)
    noise = TABLES[kind](scale, terms)
    apart = sum(abs(at(noise, k) - p) for k, p in expected.items())
    # Enumeration stops at 28, beyond which a Laplace of scale 0.9 still has 3e-14.
    assert apart <= 2 * noise.error + 1e-13


@pytest.mark.parametrize("kind", TABLES)
@given(scale=SCALES, terms=st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_every_table_is_a_distribution_and_variances_add(kind, scale, terms):
    one, several = TABLES[kind](scale, 1), TABLES[kind](scale, terms)
    assert abs(several.pmf.sum() - 1) <= several.error
    assert several.variance == pytest.approx(terms * one.variance, rel=1e-9)
    assert several.error < 1e-10


@given(scale=st.floats(0.3, 40))
@settings(max_examples=30, deadline=None)
def test_variances_are_the_closed_forms(scale):
    q = math.exp(-1 / scale)
    assert discrete_laplace(scale).variance == pytest.approx(2 * q / (1 - q) ** 2, rel=1e-12)
    # CKS: at most scale squared, and very near it from scale 1 on.
    variance = discrete_gaussian(scale).variance
    assert variance <= scale**2 * (1 + 1e-12)
    assert scale < 1 or variance >= scale**2 * (1 - 1e-6)


@given(scale=st.floats(0.5, 4), terms=st.integers(2, 6))
@settings(max_examples=25, deadline=None)
def test_a_merged_sum_is_as_near_the_convolved_one_as_is_claimed(scale, terms):
    convolved = discrete_gaussian(scale).times(terms)
    merged = discrete_gaussian(scale * math.sqrt(terms))
    apart = sum(abs(at(convolved, k) - p) for k, p in enumerate(merged.pmf, -merged.reach)) / 2
    assert apart <= merging_error(scale, terms) + convolved.error + merged.error


def test_sums_are_merged_only_where_that_is_proved_harmless():
    assert merging_error(0.49, 2) == math.inf
    assert merging_error(1.5, 2) > 1e-9
    assert merging_error(2.1, 100) < 1e-15
    for scale in (0.3, 1.0, 1.5, 3.0, 20.0):
        assert discrete_gaussian(scale, 4).error < 1e-12


def test_a_sum_that_only_a_transform_can_take_agrees_with_plain_summation():
    """5000 entries times 5000 is beyond direct summation; one row of it can be summed by hand."""
    noise = discrete_laplace(60.0)
    assert len(noise.pmf) ** 2 > 2**24
    both = noise + noise
    for k in (0, 1, 50, 400):
        by_hand = math.fsum(
            at(noise, j) * at(noise, k - j) for j in range(-noise.reach, noise.reach)
        )
        assert at(both, k) == pytest.approx(by_hand, abs=both.error)
    assert both.variance == pytest.approx(2 * noise.variance, rel=1e-9)
    assert both.error < 1e-10


def test_different_kinds_can_be_summed():
    kinds = [discrete_gaussian(2.0), discrete_laplace(1.5), truncated_discrete_laplace(2.0, 9)]
    assert total(kinds).variance == pytest.approx(sum(kind.variance for kind in kinds), rel=1e-9)
    assert total([]).half_width(0.999) == 0


def chi_squared_fits(sample, noise):
    """Chi-squared test of `sample` against the table; True if it fits."""
    expected = noise.pmf * len(sample)
    inner = expected >= 8
    places = np.clip(sample + noise.reach, 0, 2 * noise.reach)
    observed = np.bincount(places, minlength=len(noise.pmf))
    expected = np.append(expected[inner], expected[~inner].sum())
    observed = np.append(observed[inner], len(sample) - observed[inner].sum())
    statistic = ((observed - expected) ** 2 / np.maximum(expected, 1e-9)).sum()
    # Laurent and Massart 2000, Lemma 1: a chi-squared tail bound without tables.
    x, freedom = -math.log(FALSE_ALARM), len(expected) - 1
    return statistic <= freedom + 2 * math.sqrt(freedom * x) + 2 * x


@pytest.mark.parametrize(("scale", "terms"), [(0.7, 1), (1.2, 3), (9.0, 2)])
def test_what_the_mechanism_draws_follows_the_table(scale, terms):
    sample = np.array(add_discrete_gaussian([0] * 8_000 * terms, scale)).reshape(-1, terms)
    assert chi_squared_fits(sample.sum(axis=1), discrete_gaussian(scale, terms))
    assert not chi_squared_fits(sample.sum(axis=1), discrete_gaussian(scale * 0.9, terms))


@given(st.sampled_from(sorted(TABLES)), SCALES, st.integers(1, 4), st.floats(0.5, 0.999))
@settings(max_examples=60, deadline=None)
def test_the_half_width_is_the_least_that_covers(kind, scale, terms, confidence):
    noise = TABLES[kind](scale, terms)
    width = noise.half_width(confidence)
    inside = math.fsum(at(noise, k) for k in range(-width, width + 1))
    assert inside >= confidence
    less = math.fsum(at(noise, k) for k in range(-width + 1, width))
    assert width == 0 or less < confidence + noise.error


@given(SCALES, st.floats(0.5, 0.99), st.floats(1e-4, 0.009))
@settings(max_examples=30, deadline=None)
def test_more_confidence_is_never_narrower(scale, confidence, more):
    noise = discrete_gaussian(scale)
    assert noise.half_width(confidence) <= noise.half_width(confidence + more)


def test_what_is_no_distribution_of_noise_is_refused():
    for pmf in ([0.5, 0.5], [0.2, 0.5, 0.3], [0.25, 0.25, 0.25], [-0.1, 1.2, -0.1]):
        with pytest.raises(ValueError, match="noise"):
            Noise(np.array(pmf))
    for scale in (0.0, -1.0, math.inf, math.nan):
        for table in (discrete_gaussian, discrete_laplace):
            with pytest.raises(ValueError, match="scale"):
                table(scale)
    with pytest.raises(ValueError, match="term"):
        discrete_gaussian(1.0, 0)
    with pytest.raises(ValueError, match="term"):
        NO_NOISE.times(0)
    with pytest.raises(ValueError, match="reach"):
        truncated_discrete_laplace(1.0, -1)
    with pytest.raises(ValueError, match="wide"):
        discrete_gaussian(1e7)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1 - 1e-16])
def test_confidence_is_a_probability_the_table_can_tell_from_one(confidence):
    with pytest.raises(ValueError, match="confidence"):
        discrete_gaussian(1.0).half_width(confidence)


def test_the_normal_error_bounds_what_a_normal_interval_would_miss():
    """At the half-integers and between them; a half width of sqrt(var) z + 1/2 then covers."""
    for noise in (discrete_gaussian(1.0), discrete_laplace(3.0), discrete_laplace(3.0, 20)):
        for confidence in (0.8, 0.95, 0.99):
            z = NormalDist().inv_cdf((1 + confidence) / 2)
            width = math.floor(z * math.sqrt(noise.variance) + 0.5)
            inside = math.fsum(at(noise, k) for k in range(-width, width + 1))
            assert inside >= confidence - 2 * noise.normal_error
    assert discrete_gaussian(12.0).normal_error < 6e-4 < discrete_laplace(12.0).normal_error
    assert NO_NOISE.normal_error == 1.0
