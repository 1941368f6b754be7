"""Amounts become whole steps, and one person more or less moves their sums by what is stated."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.audit.checks import fits
from privacy.bounds import ContributionBound, Rows, bounded_counts, bounded_sums, persons_cut
from privacy.clipping import MOST_STEPS, Clip
from privacy.estimates.noise import discrete_gaussian
from privacy.gate import Counts, ShareOfSum, noisy_tables
from privacy.mechanisms import gaussian_rho

CELLS, ATOMS = 4, 2
CLIP = Clip(step=1000, steps=200)
BOUND = ContributionBound(2, 4, CLIP)
NEWCOMER = 99
ENDS = (-(2**63), -(2**63) + 1, -1, 0, 499, 500, 200_000, 200_001, 2**63 - 1)

amounts = st.one_of(
    st.sampled_from(ENDS), st.integers(-(2**63), 2**63 - 1), st.integers(0, 400_000)
)
one_row = st.tuples(
    st.integers(0, 4), st.integers(-1, CELLS), st.integers(-1, ATOMS - 1), amounts, st.booleans()
)
populations = st.lists(one_row, max_size=40)
one_person = st.lists(
    st.tuples(st.integers(0, CELLS - 1), st.integers(0, ATOMS - 1), amounts), max_size=12
)


def as_rows(found):
    person, cell, atom, amount, kept = zip(*found, strict=True) if found else ((),) * 5
    person, cell, atom, amount = (
        np.array(of, dtype=np.int64) for of in (person, cell, atom, amount)
    )
    return Rows(person, cell, atom, np.array(kept, dtype=bool), amount)


def tables(found, bound=BOUND):
    of = as_rows(found), bound, CELLS, ATOMS
    return bounded_counts(*of), bounded_sums(*of)


@pytest.mark.parametrize(
    ("amount", "steps"),
    [
        (0, 0), (499, 0), (500, 1), (1499, 1), (1500, 2), (52_248, 52), (199_499, 199),
        (199_500, 200), (200_000, 200), (200_001, 200), (2**63 - 1, 200), (-1, 0), (-(2**63), 0),
    ],
)  # fmt: skip
def test_an_amount_as_whole_steps(amount, steps):
    """By hand: rounded to whole thousands, halves upwards, and cut to 0 .. 200 of them."""
    assert CLIP.whole_steps(np.array([amount])).tolist() == [steps]


@pytest.mark.parametrize(("amount", "cut"), [(-1, True), (0, False), (200_000, False),
                                             (200_001, True)])  # fmt: skip
def test_what_is_cut_is_told_from_what_is_rounded(amount, cut):
    assert CLIP.cuts(np.array([amount])).tolist() == [cut]


@given(st.integers(1, 10**5), st.integers(1, MOST_STEPS), st.lists(amounts, min_size=1))
def test_any_amount_is_within_the_clip_and_off_by_half_a_step_at_most(step, steps, found):
    clip = Clip(step, steps)
    for amount, whole in zip(found, clip.whole_steps(np.array(found)).tolist(), strict=True):
        assert 0 <= whole <= steps
        if 0 <= amount <= clip.at:
            assert abs(whole * step - amount) * 2 <= step


@pytest.mark.parametrize(("step", "steps"), [(0, 1), (1, 0), (-1, 5), (1, MOST_STEPS + 1),
                                             (10**6, 10**6)])  # fmt: skip
def test_a_clip_that_bounds_nothing_or_does_not_fit_is_refused(step, steps):
    with pytest.raises(ValueError, match="clip"):
        Clip(step, steps)


@settings(deadline=None)
@given(populations, one_person)
def test_one_person_stays_within_the_sensitivity(others, newcomer):
    """Counts and sums together, in units of their noise: the square that is charged."""
    added = [(NEWCOMER, *row, True) for row in newcomer]
    without, with_person = tables(others), tables(others + added)
    counts, sums = (
        sum((a - b) ** 2 for a, b in zip(after, before, strict=True))
        for after, before in zip(with_person, without, strict=True)
    )
    assert sums <= BOUND.l2_squared * CLIP.steps**2
    assert counts + Fraction(sums, CLIP.steps**2) <= BOUND.table_l2_squared
    cut = (persons_cut(as_rows(found), BOUND, CELLS, ATOMS) for found in (others + added, others))
    assert next(cut) - next(cut) in (0, 1)


@settings(deadline=None)
@given(populations, one_person, st.randoms())
def test_what_a_person_adds_depends_on_that_person_s_rows_alone(others, newcomer, random):
    added = [(NEWCOMER, *row, True) for row in newcomer]
    rows = others + added
    random.shuffle(rows)
    for alone, together, before in zip(tables(added), tables(rows), tables(others), strict=True):
        assert (np.array(together) - before).tolist() == alone


def test_the_stated_sensitivity_is_reached():
    """Tight: two rows at the clip in each of two cells move the tables as far as is charged."""
    rows = [(NEWCOMER, cell, 0, 10**9, True) for cell in (0, 0, 1, 1)]
    counts, sums = tables(rows)
    square = sum(n**2 for n in counts) + Fraction(sum(s**2 for s in sums), CLIP.steps**2)
    assert square == BOUND.table_l2_squared == 16


def test_the_sums_of_a_small_table_by_hand():
    rows = [
        (1, 0, 0, 52_248, True), (1, 0, 0, 104_496, True),  # 52 and 104 steps
        (2, 0, 1, 999_999, True),  # at the clip, and its person is cut
        (3, 3, 1, -7, True),  # nothing, and its person is cut
        (4, 3, 1, 1_000, False),  # cut by the site's model
        (5, 9, 0, 1_000, True),  # outside the public domain
    ]  # fmt: skip
    counts, sums = tables(rows)
    assert counts == [2, 1, 0, 0, 0, 0, 0, 1]
    assert sums == [156, 200, 0, 0, 0, 0, 0, 0]
    assert persons_cut(as_rows(rows), BOUND, CELLS, ATOMS) == 3


def test_sums_at_the_ends_of_64_bits_do_not_wrap():
    rows = [(person, 0, 0, 2**63 - 1, True) for person in range(1000)]
    assert tables(rows)[1][0] == 200_000


def test_no_rows_give_zeros_and_no_clip_gives_no_sums():
    assert tables([])[1] == [0] * CELLS * ATOMS
    with pytest.raises(ValueError, match="clip"):
        bounded_sums(as_rows([]), ContributionBound(2, 4), CELLS, ATOMS)
    assert len(noisy_tables(Counts(5.0, ContributionBound(2, 4), 3, 2), as_rows([]))) == 6


def test_the_clip_does_not_change_what_is_charged_and_twice_the_counts_are():
    plain = ContributionBound(2, 4)
    for steps in (1, 200, MOST_STEPS):
        assert ContributionBound(2, 4, Clip(1, steps)).charged_l2_squared == 16 + Fraction(1, 4)
    assert plain.charged_l2_squared == 8 + Fraction(1, 4)
    assert gaussian_rho(10.0, BOUND.charged_l2_squared) == pytest.approx(16.25 / 200)


def test_the_noise_of_sums_is_the_stated_one():
    scale, steps = 3.0, 7
    mechanism = Counts(scale, ContributionBound(1, 1, Clip(10, steps)), 20_000, 1)
    drawn = noisy_tables(mechanism, as_rows([]))
    counts, sums = drawn[:20_000], drawn[20_000:]
    assert fits(counts, discrete_gaussian(scale))
    assert fits(sums, discrete_gaussian(scale * steps))
    assert not fits(sums, discrete_gaussian(scale))
    assert abs(float(np.corrcoef(counts, sums)[0, 1])) < 0.05


def test_shares_of_sums_are_charged_for_both_tables_and_noised_as_wide():
    """Three sites, one missing: (3 D)^2 of both tables, over twice the variance of two shares."""
    share = ShareOfSum(40.0, 1, BOUND, CELLS, ATOMS)
    plain = ShareOfSum(40.0, 1, ContributionBound(2, 4), CELLS, ATOMS)
    rho = share.loss(3, 3).rho
    assert rho >= 9 * float(BOUND.charged_l2_squared) / (2 * 2 * 40.0**2)
    assert 1.8 < rho / plain.loss(3, 3).rho < 2
    drawn = noisy_tables(ShareOfSum(2.0, 1, ContributionBound(1, 1, CLIP), 5_000, 1), as_rows([]))
    assert fits(drawn[5_000:], discrete_gaussian(2.0 * CLIP.steps))
