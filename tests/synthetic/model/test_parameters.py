"""Every coefficient says what it is."""

from dataclasses import asdict, fields

import numpy as np
import pytest

from synthetic.codes import BYDELER, CONDITIONS, DRG, ICD10, NCSP
from synthetic.model import Parameters, without_effects
from synthetic.model.catchment import TRUSTS, Homes, home_hospitals
from synthetic.model.causes import AGES, CAUSES
from synthetic.model.draws import Draws, Purpose
from synthetic.model.health import calendar
from synthetic.model.time import Intervals, to_weekday
from tests.synthetic.model.shards import window_of


@pytest.mark.parametrize("field", fields(Parameters), ids=lambda field: field.name)
def test_a_coefficient_has_meaning_unit_and_source(field):
    for word in ("meaning", "unit", "source"):
        assert field.metadata[word]


def test_tuples_have_a_value_for_each_bydel_sector_or_condition():
    p = Parameters()
    for values in (p.deprivation, p.distance, p.followup_bydel, p.overstay_bydel):
        assert len(values) == len(BYDELER)
    for values in (p.practice_admission, p.practice_surge, p.gp_sector, p.legevakt_sector):
        assert len(values) == TRUSTS
    assert len(p.liabilities) == len(CONDITIONS)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_a_cause_is_whole(cause):
    assert len(cause.rate) == len(AGES)
    assert min(cause.rate) > 0
    for shares, codes in ((cause.codes, ICD10), (cause.drgs, DRG)):
        assert sum(share for _, share in shares) == pytest.approx(1)
        assert {code for code, _ in shares} <= set(codes)
    assert set(cause.procedures) <= set(NCSP)
    assert {name for name, _ in cause.conditions} <= set(CONDITIONS)
    assert cause.acquires in {"", *CONDITIONS}


def test_parameters_can_be_written_down():
    assert asdict(Parameters())["causes"][0]["name"] == "heart_failure"
    assert asdict(without_effects(Parameters()))["causes"][0]["surge"] == 0


def test_numbers_of_a_person_are_uniform_and_its_own():
    draws = Draws(np.random.default_rng(1), 50_000)
    who, turn = np.arange(50_000), np.ones(50_000, dtype=np.uint32)
    lots = draws.at(who, turn)
    first = lots.uniform(Purpose.CAUSE)
    alone = draws.at(who[17:18], turn[17:18])
    assert np.array_equal(first[17:18], alone.uniform(Purpose.CAUSE))
    others = (draws.at(who, turn + 1).uniform(Purpose.CAUSE), lots.uniform(Purpose.CODE))
    for other in (*others, np.roll(first, 1)):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.02
    counts, _ = np.histogram(first, 50, (0, 1))
    assert ((counts - 1_000) ** 2 / 1_000).sum() < 100  # chi square, 49 degrees of freedom
    normal = lots.normal((Purpose.LENGTH, Purpose.LENGTH_ANGLE))
    assert abs(normal.mean()) < 0.02
    assert abs(normal.std() - 1) < 0.02


def test_alna_moves_to_ous_with_the_year_2026():
    alna, window = np.array([11, 11]), window_of(range(2025, 2027))
    homes = Homes(4, window.first_day)
    assert homes.at(alna, np.array([365 * 86_400 - 1, 365 * 86_400])).tolist() == [3, 0]


@pytest.mark.parametrize(
    ("hospitals", "expected"),
    [(1, {0}), (2, {0, 1}), (3, {0, 1, 2}), (4, {0, 1, 2, 3}), (6, set(range(6)))],
)
def test_every_hospital_has_bydeler(hospitals: int, expected: set[int]):
    assert set(home_hospitals(hospitals, np.datetime64("2024-01-01")).tolist()) == expected


def test_the_models_years_are_the_burn_in_and_the_calendars():
    time = calendar(window_of(range(2023, 2025)))
    assert (time.edges / 86_400).tolist() == [-365, 0, 365, 731, 790]
    assert time.year_of(np.array([-1.0, 0.0, 1e12])).tolist() == [0, 1, 3]


def test_a_weekend_becomes_the_monday_after():
    window = window_of(range(2023, 2024))  # 1 January 2023 is a Sunday
    days = to_weekday(window, np.arange(8, dtype=np.int32))
    assert days.tolist() == [1, 1, 2, 3, 4, 5, 8, 8]


def test_intervals_cover_their_own_persons_moments():
    stays = Intervals(np.array([1, 1, 2]), np.array([0, 5, 3]), np.array([9, 6, 4]))
    person, second = np.array([0, 1, 1, 1, 2, 2, 3]), np.array([5, -1, 8, 10, 3, 5, 3])
    assert stays.cover(person, second).tolist() == [False, False, True, False, True, False, False]
    until = np.array([9, 0, 9, 12, 3, 9, 9])
    touched = [False, True, True, False, True, False, False]
    assert stays.cover(person, second, until).tolist() == touched
    nothing = Intervals(np.empty(0, int), np.empty(0, int), np.empty(0, int))
    assert not nothing.cover(person, second).any()
