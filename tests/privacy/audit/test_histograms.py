"""No more can be read off any mechanism's outputs than it claims; and off a broken one, it is.

A sound mechanism fails a test here with a probability of at most 1e-6, which is stated in
`tests.privacy.histograms`; the intervals it rests on are exact, as the last test here shows.
"""

import math
from functools import partial

import numpy as np
import pytest
from scipy import stats

from privacy.audit import variants
from privacy.mechanisms import (
    add_discrete_gaussian,
    add_discrete_laplace,
    draw_dummies,
    dummy_cell_delta,
    dummy_epsilon,
    epsilon_from_rho,
    gaussian_rho,
    laplace_epsilon,
    share_rho,
    share_scale,
)
from tests.privacy.histograms import FALSE_ALARM, Claim, at_least, at_most, keeps_claims

SCALE = 2.0
DELTAS = (1e-6, 1e-3, 1e-2)
SHIFT = 6
SITES, SUM_SCALE = 5, 6.0
WEIGHT = 4
"""How far the person moves the sum: with so wide a noise, one row more would hardly show."""


def of_cell(add, is_there, count):
    return add([int(is_there)] * count, SCALE)


def of_two_cells(add, is_there, count):
    """The person's cell, and another one of the same table."""
    noisy = add([int(is_there), 0] * count, SCALE)
    return list(zip(noisy[::2], noisy[1::2], strict=True))


GAUSSIAN = [Claim(epsilon_from_rho(gaussian_rho(SCALE, 1), delta), delta) for delta in DELTAS]
LAPLACE = [Claim(laplace_epsilon(SCALE, 1), 0.0)]


def of_sum(scale_of, missing, is_there, count):
    share = scale_of(SUM_SCALE, SITES, missing)
    shares = [add_discrete_gaussian([0] * count, share) for _ in range(SITES - missing)]
    return (np.sum(shares, axis=0) + WEIGHT * is_there).tolist()


def sum_claims(missing):
    share = share_scale(SUM_SCALE, SITES, missing)
    rho = share_rho(share, SITES, missing, l2_squared=WEIGHT**2, l1=WEIGHT, cells=1)
    return [Claim(epsilon_from_rho(rho, delta), delta) for delta in DELTAS]


def of_matches(draw, is_there, count):
    return [dummies + is_there for dummies in draw(count, SCALE, SHIFT)]


DUMMIES = [Claim(dummy_epsilon(SCALE, 1), dummy_cell_delta(SCALE, 1, SHIFT))]

SOUND = {
    "discrete Gaussian": (partial(of_two_cells, add_discrete_gaussian), GAUSSIAN),
    "discrete Laplace": (partial(of_cell, add_discrete_laplace), LAPLACE),
    "noise shares": (partial(of_sum, share_scale, 3), sum_claims(3)),
    "linkage dummies": (partial(of_matches, draw_dummies), DUMMIES),
}
BROKEN = {
    "half the Gaussian": (partial(of_cell, variants.gaussian_halved), GAUSSIAN),
    "an empty cell stays empty": (partial(of_cell, variants.gaussian_where_somebody_is), GAUSSIAN),
    "every draw twice": (partial(of_two_cells, variants.gaussian_in_pairs), GAUSSIAN),
    "half the Laplace": (partial(of_cell, variants.laplace_halved), LAPLACE),
    "Laplace on one side": (partial(of_cell, variants.laplace_one_sided), LAPLACE),
    "shares that rely on all": (partial(of_sum, variants.share_relying_on_all, 4), sum_claims(4)),
    "shares by division": (partial(of_sum, variants.share_by_division, 2), sum_claims(2)),
    "half the dummies' noise": (partial(of_matches, variants.dummies_halved), DUMMIES),
    "dummies cut at the ends": (partial(of_matches, variants.dummies_clamped), DUMMIES),
}


def test_a_histogram_tells_half_the_noise_from_all_of_it():
    """The same on a tenth of the draws, for every run of the tests."""
    assert keeps_claims(*SOUND["discrete Laplace"], draws=10_000)
    assert not keeps_claims(*BROKEN["half the Laplace"], draws=10_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", SOUND)
def test_what_is_installed_keeps_its_claims(name):
    assert keeps_claims(*SOUND[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found_out(name):
    assert not keeps_claims(*BROKEN[name])


@pytest.mark.parametrize("times", [0, 1, 7, 500, 999, 1000])
def test_the_intervals_are_exact(times):
    """At its end the probability of so many, or so few, is the level."""
    low, high = at_least(times, 1000, 1e-3), at_most(times, 1000, 1e-3)
    assert 0 <= low <= times / 1000 <= high <= 1
    if times > 0:
        assert math.isclose(stats.binom.sf(times - 1, 1000, low), 1e-3, rel_tol=1e-6)
    if times < 1000:
        assert math.isclose(stats.binom.cdf(times, 1000, high), 1e-3, rel_tol=1e-6)


def test_false_alarms_are_as_rare_as_is_stated():
    assert FALSE_ALARM <= 1e-6
