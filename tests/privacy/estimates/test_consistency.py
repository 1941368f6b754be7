"""Reconciled tables: the best linear unbiased estimate, its variance, and totals that are sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls
from scipy.sparse import csr_array, vstack

from privacy.estimates.consistency import (
    Public,
    Table,
    alone,
    controlled_rounding,
    nonnegative,
    reconcile,
)
from privacy.estimates.noise import discrete_gaussian
from tests.privacy.estimates.chance import covers_enough, draws
from tests.privacy.estimates.oslo import BYDEL, LEVELS, OSLO, SECTOR, measured, table

ALL_TOTALS = vstack([BYDEL, SECTOR, OSLO], format="csr")


@given(st.floats(0.05, 0.95))
@settings(max_examples=30, deadline=None)
def test_two_levels_have_the_variance_of_the_closed_form(part):
    """A sector of k bydeler is measured twice, by itself and as a sum: precisions add."""
    of_bydel, of_sector = 1 / part, 1 / (1 - part)
    found = reconcile(measured({"bydel": part, "sector": 1 - part}))
    sectors = np.array([1 / (1 / (k * of_bydel) + 1 / of_sector) for k in (3, 3, 3, 6)])
    assert found.variances(SECTOR) == pytest.approx(sectors)
    assert found.variances(OSLO) == pytest.approx(sectors.sum())
    # A bydel takes its sector's surprise in equal parts.
    first = of_bydel - of_bydel**2 / (3 * of_bydel + of_sector)
    assert found.variances(BYDEL)[0] == pytest.approx(first)


@st.composite
def tables(draw, most=6):
    """Up to `most` counts, each measured; some overlapping totals of them too."""
    size = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    totals = rng.integers(0, 2, (draw(st.integers(1, 4)), size)).astype(float)
    totals[:, 0] = 1.0
    truth = rng.integers(0, 60, size).astype(float)
    found = []
    for rows in (np.eye(size), totals):
        variances = rng.uniform(0.5, 200, len(rows))
        values = np.round(rows @ truth + rng.normal(0, np.sqrt(variances)))
        found.append(Table(csr_array(rows), values, variances))
    return found, truth


def dense(found):
    rows = np.vstack([each.aggregation.toarray() for each in found])
    root = 1 / np.sqrt(np.concatenate([each.variances for each in found]))
    return rows * root[:, None], np.concatenate([each.values for each in found]) * root


@given(tables())
@settings(max_examples=30, deadline=None)
def test_the_estimate_is_weighted_least_squares(given_tables):
    found, _ = given_tables
    left, right = dense(found)
    estimate = reconcile(found)
    size = left.shape[1]
    assert estimate.counts == pytest.approx(np.linalg.lstsq(left, right)[0], rel=1e-6, abs=1e-6)
    covariance = np.linalg.inv(left.T @ left)
    every = csr_array(np.eye(size))
    assert estimate.covariance(every) == pytest.approx(covariance, rel=1e-6, abs=1e-8)
    totals = found[1].aggregation
    assert estimate.variances(totals) == pytest.approx(
        np.diag(totals @ covariance @ totals.T), rel=1e-6, abs=1e-8
    )
    assert estimate.totals(totals) == pytest.approx(totals @ estimate.counts)


@given(tables())
@settings(max_examples=30, deadline=None)
def test_no_total_is_the_worse_for_it(given_tables):
    """Gauss-Markov: never a larger variance than what any one table gives of the same total."""
    found, _ = given_tables
    estimate = reconcile(found)
    for each in found:
        unaided = np.min([alone(one, each.aggregation) for one in found], axis=0)
        assert (estimate.variances(each.aggregation) <= unaided * (1 + 1e-9)).all()
        assert (alone(each, each.aggregation) <= each.variances * (1 + 1e-9)).all()


def test_a_table_alone_says_nothing_of_what_it_did_not_measure():
    assert np.isinf(alone(table(SECTOR, 2.0), BYDEL)).all()
    assert alone(table(SECTOR, 2.0), OSLO) == pytest.approx([8.0])
    assert alone(table(BYDEL, 2.0), SECTOR) == pytest.approx([6.0, 6.0, 6.0, 12.0])


@given(tables(), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_public_totals_hold_and_cost_nothing(given_tables, pinned):
    found, truth = given_tables
    rows = found[1].aggregation[:pinned]
    public = Public(rows, rows @ truth)
    estimate = reconcile(found, public)
    assert estimate.totals(rows) == pytest.approx(public.values, abs=1e-6)
    assert estimate.variances(rows) == pytest.approx(0, abs=1e-8)
    every = csr_array(np.eye(len(truth)))
    assert (estimate.variances(every) <= reconcile(found).variances(every) + 1e-8).all()
    counts = nonnegative(found, public)
    assert (counts >= 0).all()
    assert rows @ counts == pytest.approx(public.values, abs=1e-4)


def test_the_same_public_total_said_twice_is_one():
    truth = np.arange(15.0)
    rows = vstack([SECTOR, OSLO, OSLO], format="csr")
    tables_ = [table(BYDEL, 4.0, truth + 1)]
    found = reconcile(tables_, Public(rows, rows @ truth))
    assert found.totals(rows) == pytest.approx(rows @ truth)
    contradiction = Public(rows, np.append((rows @ truth)[:-1], 7.0))
    with pytest.raises(ValueError, match="public totals"):
        reconcile(tables_, contradiction)
    with pytest.raises(ValueError, match="public totals"):
        nonnegative(tables_, Public(OSLO, np.array([-3.0])))


@given(tables())
@settings(max_examples=30, deadline=None)
def test_nonnegative_counts_are_the_best_of_those(given_tables):
    found, _ = given_tables
    left, right = dense(found)
    counts, residual = nonnegative(found), nnls(left, right)[1]
    assert (counts >= 0).all()
    assert np.linalg.norm(left @ counts - right) == pytest.approx(residual, rel=1e-6, abs=1e-6)
    unbounded = reconcile(found).counts
    if (unbounded >= 0).all():
        assert counts == pytest.approx(unbounded, abs=1e-6)


def moves_no_total_by_one(rounded, counts):
    return bool((np.abs(ALL_TOTALS @ rounded - ALL_TOTALS @ counts) < 1 - 1e-9).all())


@given(st.lists(st.integers(0, 400).map(lambda tenths: tenths / 10), min_size=15, max_size=15))
@settings(max_examples=30, deadline=None)
def test_rounding_in_a_tree_moves_no_total_by_one(counts):
    values = np.array(counts)
    rounded = controlled_rounding(values, ALL_TOTALS)
    assert rounded.dtype == np.int64
    assert (rounded >= 0).all()
    assert moves_no_total_by_one(rounded, values)


def test_rounding_keeps_integers_and_is_as_near_as_it_can_be():
    whole = np.arange(15.0)
    assert (controlled_rounding(whole, ALL_TOTALS) == whole).all()
    thirds = np.array([1 / 3, 1 / 3, 1 / 3, *[0.9] * 12])
    rounded = controlled_rounding(thirds, ALL_TOTALS)
    assert rounded[:3].sum() == 1  # the sector's sum is an integer, its bydeler are not
    assert controlled_rounding(np.array([2.2, 3.9]), csr_array((0, 2))).tolist() == [2, 4]


def test_rounding_by_itself_is_caught():
    """Each count to its nearest, as is often done, moves the totals."""
    counts = np.full(15, 0.6)
    assert not moves_no_total_by_one(np.round(counts), counts)
    assert moves_no_total_by_one(controlled_rounding(counts, ALL_TOTALS), counts)


def test_totals_that_cannot_all_be_rounded_are_refused():
    """Every two of three halves: an even sum of three odd numbers."""
    pairs = csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]]))
    with pytest.raises(ValueError, match="rounding"):
        controlled_rounding(np.full(3, 0.5), pairs)


def test_tables_that_leave_a_count_open_are_refused():
    with pytest.raises(ValueError, match="determine"):
        reconcile([table(SECTOR, 1.0), table(OSLO, 1.0)])
    public = Public(BYDEL[:14], np.zeros(14))
    assert reconcile([table(OSLO, 2.0)], public).variances(BYDEL[14:]) == pytest.approx([2.0])


def test_a_table_has_a_value_and_a_variance_for_each_row():
    with pytest.raises(ValueError, match="each row"):
        Table(SECTOR, np.zeros(3), np.ones(4))
    with pytest.raises(ValueError, match="pin"):
        Table(SECTOR, np.zeros(4), np.zeros(4))


TRUTH = np.array([40, 3, 0, 12, 7, 1, 0, 25, 90, 4, 4, 0, 18, 2, 60.0])
SPLIT = {"bydel": 0.5, "sector": 0.3, "Oslo": 0.2}


def noise_of(sigma):
    """By level, the noise of its table where all of the budget would give `sigma`."""
    return {level: discrete_gaussian(sigma / np.sqrt(part)) for level, part in SPLIT.items()}


def noisy(sigma, rng, runs):
    """By level, noisy totals of TRUTH, shape (rows, runs)."""
    return {
        level: (LEVELS[level] @ TRUTH)[:, None] + draws(noise, (LEVELS[level].shape[0], runs), rng)
        for level, noise in noise_of(sigma).items()
    }


def estimator(sigma):
    """The matrix that takes the tables' values, one after the other, to all totals.

    `reconcile` is linear in them: column by column, from tables with a single one.
    """
    sizes = [LEVELS[level].shape[0] for level in SPLIT]
    columns = []
    for unit in np.eye(sum(sizes)):
        values = dict(zip(SPLIT, np.split(unit, np.cumsum(sizes)[:-1]), strict=True))
        columns.append(reconcile(measured(SPLIT, sigma**2, values)).totals(ALL_TOTALS))
    return np.column_stack(columns)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 12.0])
def test_intervals_are_carried_through(sigma):
    rng, runs = np.random.default_rng(12), 20_000
    tables_ = noisy(sigma, rng, runs)
    estimates = estimator(sigma) @ np.vstack(list(tables_.values()))
    one = {level: values[:, 0] for level, values in tables_.items()}
    found = reconcile(measured(SPLIT, sigma**2, one))
    assert estimates[:, 0] == pytest.approx(found.totals(ALL_TOTALS))
    ends = found.intervals(ALL_TOTALS, 0.95)
    half = (ends[:, 1] - ends[:, 0]) / 2
    truth = ALL_TOTALS @ TRUTH
    held = (np.abs(estimates - truth[:, None]) <= half[:, None] + 1e-9).sum(axis=1)
    assert all(covers_enough(int(times), runs, 0.95) for times in held)
    # Six standard errors of a sample variance: 2e-9 for each of 20 totals.
    sample = ((estimates - truth[:, None]) ** 2).mean(axis=1)
    assert sample == pytest.approx(found.variances(ALL_TOTALS), rel=6 * np.sqrt(2 / runs))

    as_if_a_second_measurement = 1 / (SPLIT["bydel"] + 15**2 * SPLIT["Oslo"]) * sigma**2
    half = 1.96 * np.sqrt(as_if_a_second_measurement)
    held = (np.abs(estimates[0] - truth[0]) <= half).sum()
    assert not covers_enough(int(held), runs, 0.95)


def test_the_estimate_is_unbiased_and_what_is_cut_at_zero_is_not():
    """Six standard errors of the mean either way: 2e-9 for each of 20 totals."""
    rng, runs = np.random.default_rng(14), 250
    tables_ = noisy(12.0, rng, runs)
    plain = estimator(12.0) @ np.vstack(list(tables_.values()))
    cut = np.empty((len(TRUTH), runs))
    for run in range(runs):
        one = {level: values[:, run] for level, values in tables_.items()}
        cut[:, run] = nonnegative(measured(SPLIT, 144.0, one)) - TRUTH
    found = reconcile(measured(SPLIT, 144.0))
    errors = 6 * np.sqrt(found.variances(ALL_TOTALS) / runs)
    assert (np.abs(plain.mean(axis=1) - ALL_TOTALS @ TRUTH) < errors).all()
    empty = TRUTH == 0
    assert (cut.mean(axis=1) > 6 * cut.std(axis=1) / np.sqrt(runs))[empty].all()
