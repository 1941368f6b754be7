"""The federation's cost is at least what the worst person loses, found by looking at persons."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.accounting import Combination, federation_l2_squared, federation_rho
from privacy.bounds import ContributionBound, Rows, bounded_counts

CELLS = 3


def tables_of_a_person(bound: ContributionBound):
    """Every table one person can add at one site, keeping within `bound`."""
    return [
        np.array(table)
        for table in itertools.product(range(bound.per_cell + 1), repeat=CELLS)
        if sum(table) <= bound.total
    ]


BOUNDS = st.tuples(st.integers(1, 2), st.integers(0, 2)).map(
    lambda b: ContributionBound(b[0], b[0] + b[1])
)


@settings(max_examples=15, deadline=None)
@given(st.lists(BOUNDS, min_size=1, max_size=3))
def test_no_person_loses_more_than_is_charged(bounds):
    squares = [bound.l2_squared for bound in bounds]
    worst = dict.fromkeys(Combination, 0)
    for tables in itertools.product(*(tables_of_a_person(bound) for bound in bounds)):
        alone = [int((table**2).sum()) for table in tables]
        found = {
            Combination.KEYED_BY_SITE: sum(alone),
            Combination.SECURE_SUM: int((np.sum(tables, axis=0) ** 2).sum()),
            Combination.HOME_SITE: max(alone),
        }
        worst = {c: max(worst[c], found[c]) for c in Combination}
    for combination in Combination:
        assert worst[combination] <= federation_l2_squared(combination, squares)
    if len(set(bounds)) == 1:  # equal bounds: what is charged is reached
        for combination in Combination:
            assert worst[combination] == federation_l2_squared(combination, squares)


def test_secure_sum_costs_the_square_of_the_sites():
    assert federation_rho(0.01, 4, Combination.SECURE_SUM) == pytest.approx(0.16)
    assert federation_rho(0.01, 4, Combination.KEYED_BY_SITE) == pytest.approx(0.04)
    assert federation_rho(0.01, 4, Combination.HOME_SITE) == 0.01


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=6), st.sampled_from(Combination))
def test_it_is_never_rounded_down(squares, combination):
    charged = Fraction(federation_l2_squared(combination, squares))
    assert charged >= max(squares)
    if combination is not Combination.HOME_SITE:
        assert charged >= sum(squares)


@pytest.mark.parametrize("squares", [[], [4, -1]])
def test_no_roster_is_no_cost(squares):
    with pytest.raises(ValueError, match="roster"):
        federation_l2_squared(Combination.SECURE_SUM, squares)


def test_a_real_person_in_a_real_table_stays_within():
    """Through the cut itself: a crowd of rows at each of three sites."""
    bound = ContributionBound(2, 3)
    rows = Rows(
        person=np.zeros(40, dtype=np.int64),
        cell=np.arange(40) % CELLS,
        atom=np.zeros(40, dtype=np.int64),
        kept=np.ones(40, dtype=bool),
    )
    table = np.array(bounded_counts(rows, bound, CELLS, 1))
    summed = (3 * table) ** 2
    assert summed.sum() <= federation_l2_squared(Combination.SECURE_SUM, [bound.l2_squared] * 3)
