"""How far one person moves a table, at each grain."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.accounting import Combination
from privacy.bounds import ContributionBound
from privacy.plan import Dimension, Figure, Level, Linkage, Table
from privacy.plan.table import coarser_grains, roll_ups
from tests.privacy.plan.examples import AREA, QUARTER, counted, linked


def test_coarser_cells_hold_more_of_one_persons_rows():
    table = counted()
    assert table.site_l2_squared((1, 1)) == 8  # two a quarter, four a year
    assert table.site_l2_squared((2, 0)) == 16  # all four in the year
    assert counted(counts_persons=True, bound=ContributionBound(1, 4)).site_l2_squared((0, 0)) == 4


def test_bounds_multiply_over_area_only_where_they_hold_in_its_cells():
    assert counted(bounded_at=None).site_l2_squared((1, 1)) == 16


@pytest.mark.parametrize(
    ("combination", "factor"),
    [
        (Combination.HOME_SITE, 1),
        (Combination.KEYED_BY_SITE, 16),  # four sites pay, and four noises add up
        (Combination.SECURE_SUM, 16 * 4 / 3),  # one noise, at (sum of norms)^2, one share known
    ],
)
def test_effective_sensitivity_by_combination(combination, factor):
    table = counted(combination=combination)
    assert table.effective_l2_squared((1, 1)) == pytest.approx(8 * factor)


def test_linked_noise_is_the_variance_of_both_parties_laplace_draws():
    table, rho = linked(), 0.02
    epsilon = math.sqrt(2 * rho / 3)
    assert table.effective_l2_squared((2,)) / (2 * rho) == pytest.approx(2 * 2 * (2 / epsilon) ** 2)


@given(st.integers(2, 5), st.data())
def test_a_sum_of_atoms_when_only_atoms_are_measured(atoms, data):
    some = data.draw(st.integers(1, atoms))
    table = counted(
        atoms=atoms,
        figures=(Figure("some", (1, 1), 100, atoms=some),),
        measured=((1, 1),),
    )
    one = table.effective_l2_squared((1, 1)) / 2
    assert table.variances(np.array([1.0]))[0] == pytest.approx(some * one)


def test_what_nothing_tells_of_has_infinite_variance():
    table = counted(measured=((1, 1),))
    assert math.isinf(table.variances(np.array([1.0]))[0])


@given(st.floats(0.01, 1), st.floats(0.01, 1))
def test_slopes_are_the_derivatives_of_the_variances(a, b):
    table, at, step = counted(), np.array([a, b]), 1e-6
    for grain in range(2):
        moved = at.copy()
        moved[grain] += step
        difference = (table.variances(moved) - table.variances(at)) / step
        assert np.allclose(table.slopes(at)[:, grain], difference, rtol=1e-3)


def test_roll_ups_and_coarser_grains():
    assert roll_ups((AREA, QUARTER), (2, 1)) == [(1, 1), (2, 0), (0, 0)]
    found = coarser_grains((AREA, QUARTER), (1, 1))
    assert found[0] == (1, 1)
    assert set(found) == {(1, 1), (1, 0), (0, 1), (0, 0)}


@pytest.mark.parametrize(
    "changes",
    [
        {"figures": ()},
        {"measured": ()},
        {"charged": 0},
        {"combination": Combination.SECURE_SUM, "missing": 4},
        {"atoms": 2, "linkage": Linkage(1, 1, 1)},
        {"linkage": Linkage(1, 1, 1), "combination": Combination.SECURE_SUM},
        {"figures": (Figure("f", (0, 0), 1, atoms=2),)},
    ],
)
def test_a_table_that_cannot_be_is_refused(changes):
    with pytest.raises(ValueError, match=r"."):
        counted(**changes)


def test_cells_of_a_linked_table_are_those_of_all_its_services_and_classes():
    assert linked().cells == 15 * 3 * 3
    flat = Table("t", (Dimension("x", (Level("x", 7),)),), ContributionBound(1, 1),
                 (Figure("f", (0,), 1),), ((0,),))  # fmt: skip
    assert flat.cells == 7
