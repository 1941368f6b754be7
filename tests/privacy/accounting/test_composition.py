"""One account for both kinds of mechanism, checked against two libraries."""

import math
from fractions import Fraction

import dp_accounting
import pytest
from dp_accounting import rdp
from dp_accounting.pld import privacy_loss_distribution as pld
from hypothesis import given, settings
from hypothesis import strategies as st
from opendp.combinators import make_composition
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance

from privacy.accounting import Loss, Way, composed, repeated, reported
from privacy.mechanisms import epsilon_from_rho, gaussian_rho

DELTA = 1e-6
SCALES = st.lists(st.floats(2, 60), min_size=1, max_size=8)


def opendp_gaussian(scale):
    domain = vector_domain(atom_domain(T="i64"))
    return make_gaussian(domain, l2_distance(T=float), scale=scale)


@settings(max_examples=25, deadline=None)
@given(SCALES, st.integers(1, 20))
def test_opendp_composes_to_the_same_rho(scales, l2_squared):
    ours = composed([Loss.gaussian(gaussian_rho(scale, l2_squared)) for scale in scales]).rho
    theirs = make_composition([opendp_gaussian(scale) for scale in scales])
    assert ours == pytest.approx(theirs.map(math.sqrt(l2_squared)), rel=1e-9)
    assert ours >= sum(Fraction(l2_squared) / (2 * Fraction(s) ** 2) for s in scales)


@settings(max_examples=15, deadline=None)
@given(SCALES)
def test_a_second_library_agrees_on_epsilon(scales):
    """Renyi accounting (dp-accounting) lies near OpenDP's conversion of the summed rho; the exact
    privacy-loss distribution of the Gaussian below both.
    """
    ours = reported([Loss.gaussian(gaussian_rho(scale, 1)) for scale in scales], DELTA).epsilon
    accountant = rdp.RdpAccountant(orders=[1 + 10 ** (x / 25) for x in range(-50, 100)])
    exact = None
    for scale in scales:
        accountant.compose(dp_accounting.GaussianDpEvent(scale))
        one = pld.from_gaussian_mechanism(scale)
        exact = one if exact is None else exact.compose(one)
    assert ours == pytest.approx(accountant.get_epsilon(DELTA), rel=0.01)
    assert exact is not None
    assert exact.get_epsilon_for_delta(DELTA) <= ours * (1 + 1e-3)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 12), st.floats(1.5, 20))
def test_a_narrow_discrete_gaussian_agrees_too(times, scale):
    losses = [Loss.gaussian(gaussian_rho(scale, 1))] * times
    one = pld.from_discrete_gaussian_mechanism(scale, sensitivity=1)
    exact = one.self_compose(times).get_epsilon_for_delta(DELTA)
    found = reported(losses, DELTA).epsilon
    assert exact <= found * (1 + 1e-3)
    assert found <= exact * 1.3 + 0.05


def test_linkage_and_counts_share_one_account():
    losses = [Loss.gaussian(0.03), *[Loss.approximate(0.1, 1e-9)] * 5]
    total = composed(losses)
    assert total.rho == pytest.approx(0.03 + 5 * 0.005)
    assert total.delta == pytest.approx(5e-9)
    assert reported(losses, DELTA).epsilon <= epsilon_from_rho(total.rho, DELTA - total.delta)


def test_pure_losses_alone_are_tighter_by_their_distributions():
    found = reported([Loss.approximate(0.1, 1e-9)] * 10, DELTA)
    assert found.way is Way.PLD
    assert found.epsilon <= 1.0 + 1e-3  # basic composition
    assert found.epsilon < reported([repeated(Loss(0.005, 1e-9), 10)], DELTA).epsilon


def test_many_small_pure_losses_are_tighter_than_basic_composition():
    found = reported([Loss.approximate(0.05, 1e-10)] * 200, DELTA)
    assert found.epsilon < 0.5 * 200 * 0.05


@pytest.mark.parametrize("epsilon", [0.3, 1.0])
def test_a_distribution_never_undercuts_the_truth(epsilon):
    """Composing k times (epsilon, 0) has a known optimum at delta 0: k epsilon."""
    found = reported([Loss.approximate(epsilon, 0.0)] * 3, 1e-12)
    optimal = max(
        e
        for e in (3 * epsilon, epsilon)
        if _randomised_response_delta(e - 1e-6, epsilon, 3) > 1e-12
    )
    assert found.epsilon >= optimal - 1e-3


def _randomised_response_delta(target, epsilon, times):
    """Exact delta of `times` randomised responses (Kairouz, Oh and Viswanath 2015)."""
    p = math.exp(epsilon) / (1 + math.exp(epsilon))
    return sum(
        math.comb(times, k)
        * max(
            0.0,
            p**k * (1 - p) ** (times - k) - math.exp(target) * p ** (times - k) * (1 - p) ** k,
        )
        for k in range(times + 1)
    )


def test_deltas_that_use_everything_up_leave_no_epsilon():
    with pytest.raises(ValueError, match="nothing"):
        reported([Loss.approximate(0.1, 1e-6)], 1e-6)


@pytest.mark.parametrize(("rho", "delta"), [(-1, 0), (math.nan, 0), (0, 1), (0, -0.1)])
def test_a_loss_that_makes_no_sense_is_refused(rho, delta):
    with pytest.raises(ValueError, match="rho"):
        Loss(rho, delta)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_sums_are_exact_and_rounded_up_once(rhos):
    exact = sum((Fraction(rho) for rho in rhos), Fraction(0))
    ours = Fraction(composed([Loss(rho) for rho in rhos]).rho)
    assert exact <= ours <= exact * (1 + Fraction(2) ** -52)
