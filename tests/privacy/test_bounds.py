"""One person more or less moves the counts by no more than the stated sensitivity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.audit.variants import (
    counts_unbounded,
    counts_without_cell_bound,
    counts_without_total,
)
from privacy.bounds import ContributionBound, Rows, bounded_counts

CELLS, ATOMS = 5, 2
BOUND = ContributionBound(per_cell=2, total=4)

one_row = st.tuples(
    st.integers(0, 4),
    st.integers(-2, CELLS + 1),  # some lie outside the public domain, at its edge and beyond
    st.integers(-2, ATOMS + 1),
)
populations = st.lists(one_row, max_size=60)
one_person = st.lists(st.tuples(st.integers(0, CELLS - 1), st.integers(0, 1)), max_size=20)
NEWCOMER = 99


def as_rows(found):
    person, cell, atom = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return Rows(person, cell, atom, np.ones(len(found), dtype=bool))


def squared_distance(count, others, newcomer, bound):
    """Squared L2 distance between the counts with and without one person."""
    without = count(as_rows(others), bound, CELLS, ATOMS)
    added = others + [(NEWCOMER, cell, atom) for cell, atom in newcomer]
    with_person = count(as_rows(added), bound, CELLS, ATOMS)
    return sum((a - b) ** 2 for a, b in zip(with_person, without, strict=True))


@given(populations, one_person)
def test_one_person_stays_within_the_sensitivity(others, newcomer):
    assert squared_distance(bounded_counts, others, newcomer, BOUND) <= BOUND.l2_squared


@given(populations, one_person, st.randoms())
def test_other_persons_rows_and_their_order_do_not_matter(others, newcomer, random):
    alone = bounded_counts(as_rows([(NEWCOMER, c, a) for c, a in newcomer]), BOUND, CELLS, ATOMS)
    rows = others + [(NEWCOMER, c, a) for c, a in newcomer]
    random.shuffle(rows)
    together = np.array(bounded_counts(as_rows(rows), BOUND, CELLS, ATOMS))
    assert (together - bounded_counts(as_rows(others), BOUND, CELLS, ATOMS) == alone).all()


@pytest.mark.parametrize(
    "broken", [counts_unbounded, counts_without_cell_bound, counts_without_total]
)
def test_a_skipped_bound_is_caught(broken):
    everywhere = [(cell, atom) for cell in range(CELLS) for atom in range(ATOMS)] * 4
    piled_up = [(0, 0)] * 10
    worst = max(squared_distance(broken, [], rows, BOUND) for rows in (everywhere, piled_up))
    assert worst > BOUND.l2_squared


@given(st.integers(1, 5), st.integers(0, 8))
def test_the_stated_sensitivity_is_reached(per_cell, extra):
    """Tight: some person really moves the counts that far, so no noise is wasted."""
    bound = ContributionBound(per_cell, per_cell + extra)
    piles = [0] * bound.total
    for row in range(bound.total):
        piles[row // per_cell] += 1
    assert sum(pile**2 for pile in piles) == bound.l2_squared


def test_rows_within_the_bound_are_all_counted():
    rows = [(1, 0, 0), (1, 0, 1), (2, 0, 1), (2, 3, 0)]
    assert bounded_counts(as_rows(rows), BOUND, CELLS, ATOMS) == [1, 2, 0, 0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    "row", [(1, cell, 0) for cell in (-2, -1, CELLS, CELLS + 1)]
    + [(1, 0, atom) for atom in (-2, -1, ATOMS, ATOMS + 1)],
)  # fmt: skip
def test_a_row_outside_the_public_domain_is_not_counted(row):
    assert bounded_counts(as_rows([row, (2, 1, 1)]), BOUND, CELLS, ATOMS) == [0, 0, 0, 1] + [0] * 6


def test_no_rows_give_zeros():
    assert bounded_counts(as_rows([]), BOUND, CELLS, ATOMS) == [0] * (CELLS * ATOMS)


@pytest.mark.parametrize(("per_cell", "total"), [(0, 1), (2, 1), (1, 0)])
def test_a_bound_that_bounds_nothing_is_refused(per_cell, total):
    with pytest.raises(ValueError, match="bound"):
        ContributionBound(per_cell, total)
