"""Shares, ratios, changes and rates: as covered as they say, small counts and empty wholes too.

Where the noise is small enough its draws are gone through one by one and the coverage is exact, up
to the draws left out, which count as not covered. Elsewhere it is simulated (`chance`).
"""

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2

from privacy.estimates.intervals import NoisyCount
from privacy.estimates.inversion import exact_ends, normal_ends
from privacy.estimates.noise import (
    NO_NOISE,
    discrete_gaussian,
    discrete_laplace,
    truncated_discrete_laplace,
)
from privacy.estimates.rates import (
    Estimate,
    Randomness,
    change,
    mean,
    rate,
    ratio,
    share,
    share_of_estimates,
)
from tests.privacy.estimates.chance import covers_enough, draws

CHANCE = Randomness.NOISE_AND_CHANCE
Z = NormalDist().inv_cdf(0.975)
SMALL = discrete_gaussian(0.6)
LAPLACE = discrete_laplace(0.8)
DUMMIES = truncated_discrete_laplace(0.8, 4)
USUAL = discrete_gaussian(12.0)
WIDE = discrete_gaussian(40.0)


def exact_coverage(counts, noises, method):
    """P(the interval of `method` holds a / (a + b)), over all draws but the rarest."""
    count_a, count_b = counts
    steps = [range(-noise.reach, noise.reach + 1) for noise in noises]
    covered = 0.0
    for z_a, z_b in itertools.product(*steps):
        probability = noises[0].pmf[z_a + noises[0].reach] * noises[1].pmf[z_b + noises[1].reach]
        if probability > 1e-5:
            low, high = method(count_a + z_a, count_b + z_b)
            covered += probability * (low <= count_a / (count_a + count_b) <= high)
    return covered


@pytest.mark.parametrize("counts", [(0, 1), (1, 0), (2, 3), (0, 12), (40, 7), (1, 400)])
@pytest.mark.parametrize("noises", [(SMALL, SMALL), (LAPLACE, SMALL), (DUMMIES, DUMMIES)])
def test_a_share_is_covered_exactly_as_often_as_said(counts, noises):
    def method(a, b):
        found = share(NoisyCount(a, noises[0]), NoisyCount(b, noises[1]), 0.9)
        return found.low, found.high

    assert exact_coverage(counts, noises, method) >= 0.9 - 1e-3


def simulated(method, truth, noises, runs, chance, seed=5):
    """(intervals that hold `truth`, runs); noisy counts that come twice are worked out once.

    chance: from a generator and the number of runs, the counts before noise, (2, runs).
    """
    rng = np.random.default_rng(seed)
    counts = chance(rng, runs)
    noisy = np.array(counts) + [draws(noise, runs, rng) for noise in noises]
    held = 0
    for (a, b), times in zip(*np.unique(noisy.T, axis=0, return_counts=True), strict=True):
        low, high = method(int(a), int(b))
        held += int(times) * (low <= truth <= high)
    return held, runs


def fixed(a, b):
    return lambda rng, runs: np.repeat([[a], [b]], runs, axis=1)


@pytest.mark.parametrize("runs", [250, pytest.param(8000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("a", "b"), [(3, 9), (10, 0), (0, 40), (300, 900)])
def test_a_share_is_covered_at_the_usual_noise(a, b, runs):
    """(3, 9) and (10, 0) are wholes within their own noise of zero."""

    def method(x, y):
        found = share(NoisyCount(x, USUAL), NoisyCount(y, USUAL), 0.95)
        return found.low, found.high

    assert covers_enough(
        *simulated(method, a / (a + b), (USUAL, USUAL), runs, chance=fixed(a, b)), 0.95
    )


@pytest.mark.parametrize(("now", "before"), [(900, 600), (2000, 800), (100_000, 90_000)])
def test_a_change_is_covered_where_fieller_stands_in(now, before):
    def method(x, y):
        found = change(NoisyCount(x, WIDE), NoisyCount(y, WIDE), 0.95)
        return found.low, found.high

    chance = fixed(now, before)
    held, runs = simulated(method, now / before - 1, (WIDE, WIDE), 8000, chance=chance)
    assert covers_enough(held, runs, 0.95)
    assert held / runs < 0.965  # nor much wider than need be


def test_a_change_from_next_to_nothing_is_covered_and_often_unbounded():
    def method(x, y):
        found = change(NoisyCount(x, USUAL), NoisyCount(y, USUAL), 0.95)
        unbounded.append(math.isinf(found.high) or found.high > 1e5)
        return found.low, found.high

    unbounded: list[bool] = []
    assert covers_enough(*simulated(method, 9.0, (USUAL, USUAL), 250, chance=fixed(60, 6)), 0.95)
    assert sum(unbounded) > 125


def ignoring_the_denominator_s_noise(x, y):
    """As if the year before were public."""
    if y <= 0:
        return -1.0, math.inf
    half = Z * math.sqrt(WIDE.variance) / y
    return x / y - 1 - half, x / y - 1 + half


def with_half_the_sigma(x, y):
    halved = discrete_gaussian(20.0)
    found = change(NoisyCount(x, halved), NoisyCount(y, halved), 0.95)
    return found.low, found.high


def by_the_delta_method(x, y):
    """The normal interval that every textbook has, both noises in it, and y taken as it is."""
    y = y or 1
    half = Z * math.sqrt((1 + (x / y) ** 2) * WIDE.variance) / abs(y)
    return x / y - 1 - half, x / y - 1 + half


@pytest.mark.parametrize(("broken", "now", "before"), [
    (ignoring_the_denominator_s_noise, 900, 600),
    (with_half_the_sigma, 900, 600),
    (by_the_delta_method, 200, 20),
])  # fmt: skip
def test_an_interval_that_leaves_something_out_is_caught(broken, now, before):
    chance = fixed(now, before)
    held, runs = simulated(broken, now / before - 1, (WIDE, WIDE), 200, chance=chance)
    assert not covers_enough(held, runs, 0.95)


BINOMIAL = [(5, 0.3), (20, 0.01), (20, 0.5), (100, 0.1), (1000, 0.03), (20_000, 0.5)]


@pytest.mark.parametrize("noise", [discrete_gaussian(0.5), discrete_laplace(3.0), USUAL], ids=str)
@pytest.mark.parametrize(("size", "theta"), BINOMIAL)
def test_a_share_with_chance_is_covered(size, theta, noise):
    def binomial(rng, runs):
        part = rng.binomial(size, theta, runs)
        return part, size - part

    def method(x, y):
        found = share(NoisyCount(x, noise), NoisyCount(y, noise), 0.95, CHANCE)
        return found.low, found.high

    held, runs = simulated(method, theta, (noise, noise), 2500, chance=binomial)
    assert covers_enough(held, runs, 0.95)


@pytest.mark.parametrize(("now", "before"), [(4.0, 3.0), (60.0, 40.0), (900.0, 950.0)])
def test_a_change_with_chance_is_covered(now, before):
    def poisson(rng, runs):
        return rng.poisson(now, runs), rng.poisson(before, runs)

    def method(x, y):
        found = change(NoisyCount(x, USUAL), NoisyCount(y, USUAL), 0.95, CHANCE)
        return found.low, found.high

    held, runs = simulated(method, now / before - 1, (USUAL, USUAL), 2500, chance=poisson)
    assert covers_enough(held, runs, 0.95)


def test_leaving_chance_out_is_caught():
    def poisson(rng, runs):
        return rng.poisson(900, runs), rng.poisson(950, runs)

    def method(x, y):
        found = change(NoisyCount(x, WIDE), NoisyCount(y, WIDE), 0.95)
        return found.low, found.high

    held, runs = simulated(method, 900 / 950 - 1, (WIDE, WIDE), 8000, chance=poisson)
    assert not covers_enough(held, runs, 0.95)


@pytest.mark.parametrize("covers", Randomness)
@pytest.mark.parametrize("noise", [discrete_gaussian(3.0), discrete_laplace(2.0)], ids=["g", "l"])
@pytest.mark.parametrize("mean", [0.0, 0.4, 6.0, 250.0])
def test_a_rate_is_covered(mean, noise, covers):
    population, runs = 4000, 4000
    rng = np.random.default_rng(8)
    counts = rng.poisson(mean, runs) if covers is CHANCE else np.full(runs, round(mean))
    truth = 1000 * (mean if covers is CHANCE else round(mean)) / population
    held = 0
    noisy = counts + draws(noise, runs, rng)
    for value, times in zip(*np.unique(noisy, return_counts=True), strict=True):
        found = rate(NoisyCount(int(value), noise), population, 0.95, covers)
        held += int(times) * (found.low <= truth + 1e-12 and truth <= found.high + 1e-12)
    assert covers_enough(held, runs, 0.95)


@pytest.mark.parametrize("count", [0, 1, 5, 60])
def test_without_noise_a_rate_s_limits_are_garwood_s(count):
    found = rate(NoisyCount(count, NO_NOISE), 1000, 0.95, CHANCE)
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2, rel=1e-9)


@given(st.integers(0, 200), st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_without_noise_a_share_with_chance_is_wilson_s(part, rest):
    if part + rest == 0:
        return
    found = share(NoisyCount(part, NO_NOISE), NoisyCount(rest, NO_NOISE), 0.95, CHANCE)
    wilson = binomtest(part, part + rest).proportion_ci(0.95, "wilsoncc")
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high), abs=1e-9)


def fieller(x, y, of_x, of_y):
    """The ends of x / y as Fieller 1954 has them; None where they are not two."""
    a, b, c = y**2 - Z**2 * of_y, -2 * x * y, x**2 - Z**2 * of_x
    if a <= 0 or b**2 < 4 * a * c:
        return None
    root = math.sqrt(b**2 - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


@given(st.integers(50, 5000), st.integers(500, 5000), st.floats(1, 900), st.floats(1, 900))
def test_the_quadratic_in_shares_is_fieller_s_in_ratios(x, y, of_x, of_y):
    expected, found = fieller(x, y, of_x, of_y), normal_ends(x, y, (of_x, of_y), Z)
    assert expected is not None and found is not None
    low, high = (end / (1 - end) for end in found)
    assert low == pytest.approx(max(0.0, expected[0]), rel=1e-7, abs=1e-9)
    assert high == pytest.approx(expected[1], rel=1e-7)


def accepted(part, rest, noise, alpha, shares, nearer=1e-9):
    """Which of `shares` the test does not reject, by its definition and the whole joint table.

    nearer: counts by which T is taken to be nearer zero than it is.
    """
    z = np.arange(-noise.reach, noise.reach + 1)
    joint = np.outer(noise.pmf, noise.pmf)
    found = []
    for theta in shares:
        reached = abs((1 - theta) * part - theta * rest)
        under_the_null = np.abs((1 - theta) * z[:, None] - theta * z[None, :])
        if joint[under_the_null >= reached - nearer].sum() > alpha:
            found.append(theta)
    return found


@given(st.integers(-4, 40), st.integers(-4, 40), st.floats(0.4, 1.4), st.floats(0.02, 0.4))
@settings(max_examples=40, deadline=None)
def test_the_ends_are_those_of_the_test_s_own_set(part, rest, scale, alpha):
    noise = discrete_gaussian(scale)
    shares = np.linspace(0, 1, 201)
    inside = accepted(part, rest, noise, alpha, shares)
    ends = exact_ends(part, rest, noise, noise, alpha)
    if ends is None:
        assert inside == []
        return
    low, high = ends
    assert all(low <= theta <= high for theta in inside)
    assert accepted(part, rest, noise, alpha, [low, high], nearer=1e-4) == [low, high]


def test_the_exact_test_and_fieller_agree_where_the_border_is():
    for a, b in ((400, 900), (2000, 300), (700, 5)):
        exact = exact_ends(a, b, WIDE, WIDE, 0.05)
        normal = normal_ends(a, b, (WIDE.variance, WIDE.variance), Z, step=0.5)
        assert exact is not None and normal is not None
        assert normal[0] <= exact[0] + 1e-6 and exact[1] <= normal[1] + 1e-6
        assert normal[1] - normal[0] < 1.02 * (exact[1] - exact[0])


def test_where_nothing_can_be_said_nothing_is():
    count, none = NoisyCount(20, USUAL), NoisyCount(-9, USUAL)
    for covers in Randomness:
        assert share(none, none, 0.95, covers) == Estimate(None, 0.0, 1.0, None)
        assert ratio(none, none, 0.95, covers) == Estimate(None, 0.0, math.inf, None)
        assert change(count, none, 0.95, covers).high == math.inf
        assert rate(count, 0, 0.95, covers) == Estimate(None, 0.0, math.inf, None)
    assert share(NoisyCount(-80, USUAL), NoisyCount(130, USUAL), 0.95).value is None
    assert ratio(NoisyCount(30, USUAL), NoisyCount(0, USUAL), 0.95).value is None
    many = ratio(NoisyCount(900, USUAL), NoisyCount(0, USUAL), 0.95)
    assert many.value is None and many.low > 30 and many.high == math.inf


@given(st.integers(-60, 500), st.integers(-60, 500), st.sampled_from(Randomness))
@settings(max_examples=40, deadline=None)
def test_figures_of_the_same_two_counts_agree(a, b, covers):
    now, before = NoisyCount(a, USUAL), NoisyCount(b, USUAL)
    of_both, other = share(now, before, 0.95, covers), share(before, now, 0.95, covers)
    assert 0 <= of_both.low <= of_both.high <= 1
    assert (of_both.low, of_both.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-6)
    times, more = ratio(now, before, 0.95, covers), change(now, before, 0.95, covers)
    assert (more.low, more.high) == (times.low - 1, times.high - 1)
    if of_both.value is not None and b > 0:
        assert times.value == pytest.approx(max(a, 0) / b)
        assert times.low == pytest.approx(of_both.low / (1 - of_both.low))
    wider = share(now, before, 0.99, covers)
    if of_both.value is not None:
        assert wider.low <= of_both.low + 1e-6 and of_both.high <= wider.high + 1e-6


def test_an_exact_share_is_a_point_and_chance_widens():
    part, rest = NoisyCount(3, NO_NOISE), NoisyCount(9, NO_NOISE)
    point = share(part, rest, 0.95)
    assert (point.value, point.low, point.high) == pytest.approx((0.25, 0.25, 0.25), abs=1e-6)
    for figure in (share, ratio, change):
        count, other = NoisyCount(300, USUAL), NoisyCount(900, USUAL)
        noise, both = (figure(count, other, 0.95, covers) for covers in Randomness)
        assert both.low < noise.low and noise.high < both.high


def test_a_share_of_estimates_uses_their_covariance():
    """The whole was public: what one gains the other loses, and only the part's noise is left."""
    found = share_of_estimates(300.0, 700.0, (144.0, 144.0), -144.0, 0.95)
    assert (found.low, found.high) == pytest.approx((0.3 - Z * 0.012, 0.3 + Z * 0.012), rel=1e-9)
    apart = share_of_estimates(300.0, 700.0, (144.0, 144.0), 0.0, 0.95)
    assert apart.low > found.low and apart.high < found.high


def test_a_rate_s_size_tells_noise_below_zero_from_an_exact_zero():
    assert rate(NoisyCount(-40, USUAL), 1000, 0.95) == Estimate(0.0, 0.0, 0.0, -40.0)
    assert rate(NoisyCount(0, NO_NOISE), 1000, 0.95) == Estimate(0.0, 0.0, 0.0, 0.0)
    assert rate(NoisyCount(50, USUAL), 500, 0.95, per=100).value == 10.0


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="population"):
        rate(NoisyCount(1, USUAL), -1, 0.95)
    with pytest.raises(ValueError, match="within"):
        Estimate(2.0, 0.0, 1.0, 2.0)
    for confidence in (0.0, 1.0):
        with pytest.raises(ValueError, match="confidence"):
            share(NoisyCount(1, USUAL), NoisyCount(1, USUAL), confidence)


# Means of amounts: a sum whose noise is as many times wider as the clip has steps.

STEPS = 40
OF_SUM = discrete_gaussian(12.0 * STEPS)


def mean_of(amount, count):
    found = mean(NoisyCount(amount, OF_SUM), NoisyCount(count, USUAL), STEPS, 0.95)
    return found.low, found.high


@pytest.mark.parametrize(("amount", "count"), [(9_000, 900), (0, 400), (1600, 40), (30, 6)])
def test_a_mean_is_covered(amount, count):
    """The third at the clip, the last within the noise of nobody at all."""
    noises, chance = (OF_SUM, USUAL), fixed(amount, count)
    held, runs = simulated(mean_of, amount / count, noises, 300, chance=chance)
    assert covers_enough(held, runs, 0.95)


def test_a_mean_that_takes_its_sum_s_noise_for_a_count_s_is_caught():
    def wrong(amount, count):
        found = mean(NoisyCount(amount, USUAL), NoisyCount(count, USUAL), STEPS, 0.95)
        return found.low, found.high

    held, runs = simulated(wrong, 10.0, (OF_SUM, USUAL), 300, chance=fixed(9_000, 900))
    assert not covers_enough(held, runs, 0.95)


def test_a_mean_is_never_outside_nothing_and_the_clip():
    for amount, count in ((10**6, 50), (-(10**6), 50), (500, -3), (9_000, 900)):
        found = mean(NoisyCount(amount, OF_SUM), NoisyCount(count, USUAL), STEPS, 0.95)
        assert 0 <= found.low <= found.high <= STEPS
        assert found.value is None or found.low <= found.value <= found.high
    assert mean(NoisyCount(500, OF_SUM), NoisyCount(-3, USUAL), STEPS, 0.95).value is None
