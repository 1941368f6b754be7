"""What a bound cuts away, against cutting row by row."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds import ContributionBound
from privacy.plan import (
    bound_choices,
    clip_choices,
    contributions,
    load_amounts,
    load_contributions,
)

PATTERN = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), min_size=1, max_size=4).map(
    lambda cells: " ".join(f"{n}/{min(n, r)}" for n, r in cells)
)
BOUNDS = [ContributionBound(u, k) for k in range(1, 6) for u in range(1, k + 1)]


def cut(text, bound, draw):
    """Rows and outcomes that are kept of one person by one draw of the hash."""
    rows = []
    for cell, term in enumerate(text.split()):
        n, r = map(int, term.split("/"))
        own = [(draw.random(), cell, i < r) for i in range(n)]
        rows += sorted(own)[: bound.per_cell]
    kept = sorted(rows)[: bound.total] if len(rows) > bound.total else rows
    return len(kept), sum(outcome for _, _, outcome in kept)


def test_the_shares_are_those_of_many_draws():
    people, bound, draw = (
        {"3/1 1/1": 3, "1/0": 5, "2/2 2/0 2/1": 1},
        ContributionBound(2, 3),
        (random.Random(1)),
    )
    rows = outcomes = kept_rows = kept_outcomes = 0
    for text, persons in people.items():
        n, r = (sum(int(t.split("/")[at]) for t in text.split()) for at in (0, 1))
        rows, outcomes = rows + persons * n, outcomes + persons * r
        for _ in range(2000 * persons):
            kept = cut(text, ContributionBound(bound.per_cell, 99), draw)
            all_kept = sum(min(int(t.split("/")[0]), 2) for t in text.split())
            part = min(1, bound.total / all_kept)
            kept_rows, kept_outcomes = kept_rows + kept[0] * part, kept_outcomes + kept[1] * part
    lost = contributions(people.items()).lost(bound)
    assert lost.rows == pytest.approx(1 - kept_rows / 2000 / rows, abs=1e-9)
    assert lost.outcomes == pytest.approx(1 - kept_outcomes / 2000 / outcomes, abs=0.01)


@settings(max_examples=25)
@given(st.dictionaries(PATTERN, st.integers(1, 9), min_size=1, max_size=4))
def test_a_looser_bound_loses_no_more(persons):
    of = contributions(persons.items())
    for tight in BOUNDS:
        for loose in BOUNDS:
            if tight.per_cell <= loose.per_cell and tight.total <= loose.total:
                assert of.lost(loose).rows <= of.lost(tight).rows + 1e-12
    assert of.lost(ContributionBound(20, 20)).rows == pytest.approx(0, abs=1e-12)


def test_readmissions_are_lost_more_often_than_admissions():
    """As in the spike: a few per cent of the rows, some twice to four times that of the outcome."""
    lost = load_contributions()["readmission_30d_skde"].lost(ContributionBound(2, 4))
    assert lost.outcomes is not None
    assert 0.005 < lost.rows < 0.08
    assert 1.5 * lost.rows < lost.outcomes < 0.25
    assert lost.rate_bias < 0


def test_without_an_outcome_the_rows_are_judged():
    lost = contributions([("2/0", 1), ("1/0", 2)]).lost(ContributionBound(1, 1))
    assert lost.outcomes is None
    assert lost.judged == lost.rows == pytest.approx(1 / 4)


def test_noise_grows_and_bias_falls_with_the_bound():
    of = contributions([("3/2", 10), ("1/0", 100)])
    tight, loose = bound_choices(of, 0.05, [ContributionBound(1, 1), ContributionBound(3, 3)])
    assert tight.bias > loose.bias == pytest.approx(0)
    assert loose.noise == pytest.approx(0.15)
    assert tight.together == pytest.approx((tight.bias**2 + tight.noise**2) ** 0.5)


@pytest.mark.parametrize("text", ["", "0/0", "1/2", "2/-1"])
def test_what_is_no_pattern_is_refused(text):
    with pytest.raises(ValueError, match="pattern"):
        contributions([(text, 1)])


def test_a_clip_s_bias_and_noise_by_hand():
    """Ten rows of 10 and one of 100: 200 in all. At 50 a quarter of it is lost, at 100 nothing."""
    tight, loose = clip_choices({10: 10, 100: 1}, 0.06, 100, [50, 100])
    assert (tight.bias, loose.bias) == (pytest.approx(0.25), 0)
    assert (tight.noise, loose.noise) == (pytest.approx(0.06 / 2 / 0.75), pytest.approx(0.06))
    assert tight.together == pytest.approx((0.25**2 + 0.04**2) ** 0.5)


def test_amounts_are_those_of_the_tables_that_sum_them():
    assert set(load_amounts()) == {"acute_stay_cost"}
    assert sum(load_amounts()["acute_stay_cost"].values()) == 6292
