"""Adults in VOP and TSB: what is drawn is possible, and readmission has a cause."""

from dataclasses import fields, replace

import numpy as np
import pytest

from synthetic import codes
from synthetic.events import DAY, NEVER, NO_DAY, People, Stays, Window
from synthetic.model.adult_psychiatry import (
    GROUP_CODES,
    GROUPS,
    TSB,
    VOP,
    AdultPsychiatryParameters,
    draw_adult_psychiatry,
    without_effects,
)
from synthetic.population import ALWAYS

WINDOW = Window(np.datetime64("2022-01-01"), 2 * 365 + 59)
PERSONS = 60_000


def _people() -> People:
    """Persons of 0 to 89 years, evenly over ages and bydeler."""
    rng = np.random.default_rng(3)
    return People(
        number=np.arange(PERSONS),
        born=np.datetime64("2022-01-01") - rng.integers(0, 90 * 365, PERSONS).astype("m8[D]"),
        is_female=rng.random(PERSONS) < 0.5,
        bydel=rng.integers(0, 15, PERSONS).astype(np.int8),
        dies_at=np.full(PERSONS, NEVER),
        moves_in=np.full(PERSONS, ALWAYS),
        moves_out=np.full(PERSONS, NO_DAY),
        lives_alone=np.zeros(PERSONS, bool),
        frailty=np.zeros(PERSONS, np.float32),
        conditions=np.zeros(PERSONS, np.uint32),
    )


PEOPLE = _people()


def _draw(parameters: AdultPsychiatryParameters | None = None, seed: int = 7) -> Stays:
    rng = np.random.Generator(np.random.SFC64(seed))
    return draw_adult_psychiatry(rng, PEOPLE, WINDOW, 4, parameters or AdultPsychiatryParameters())


@pytest.fixture(scope="module")
def drawn() -> Stays:
    return _draw()


def test_the_same_seed_gives_the_same_stays_and_another_others(drawn: Stays) -> None:
    again = _draw()
    for field in fields(drawn):
        assert np.array_equal(getattr(drawn, field.name), getattr(again, field.name)), field.name
    assert len(_draw(seed=8)) != len(drawn)


def test_stays_end_in_the_window_and_are_of_adults(drawn: Stays) -> None:
    assert (drawn.end > drawn.start).all()
    assert (drawn.end >= 0).all() and (drawn.end < WINDOW.seconds).all()
    age = (WINDOW.first_day - PEOPLE.born[drawn.person]).astype(int) / 365.2425
    assert age.min() >= 18


def test_nobody_is_in_two_wards_or_comes_from_one_to_an_outpatient_contact(drawn: Stays) -> None:
    ward = drawn.take(drawn.care_level == 1)
    same = ward.person[1:] == ward.person[:-1]
    assert (ward.start[1:] > ward.end[:-1])[same].all()
    assert same.sum() > 100
    visits = drawn.take(drawn.care_level == 3)
    for place in np.flatnonzero(np.isin(visits.person, ward.person))[:2_000]:
        own = ward.person == visits.person[place]
        inside = (ward.start[own] <= visits.start[place]) & (visits.start[place] <= ward.end[own])
        assert not inside.any()


def test_outpatients_come_in_office_hours_from_monday_to_friday(drawn: Stays) -> None:
    visits = drawn.take(drawn.care_level != 1)
    weekday = (WINDOW.first_day + visits.start // DAY).astype("datetime64[D]").astype(int) + 3
    assert (weekday % 7 < 5).all()
    hour = visits.start % DAY // 3_600
    assert hour.min() >= 8 and hour.max() < 15


def test_a_group_has_its_own_codes_and_sector_and_a_person_one_code(drawn: Stays) -> None:
    of_group = {codes.icd10(code): group for group, own in enumerate(GROUP_CODES) for code in own}
    group = np.array([of_group[code] for code in drawn.main_diagnosis])
    assert set(group) == set(range(len(GROUPS)))
    is_addiction = group == GROUPS.index("substance_use")
    assert set(drawn.sector[is_addiction]) == {TSB}
    assert set(drawn.sector[~is_addiction]) == {VOP}
    for person in np.unique(drawn.person)[:300]:
        assert len(set(drawn.main_diagnosis[drawn.person == person])) == 1


def _readmitted(stays: Stays) -> float:
    """Share of stays that another follows within 30 days."""
    ward = stays.take(stays.care_level == 1)
    same = ward.person[1:] == ward.person[:-1]
    return float((same & (ward.start[1:] - ward.end[:-1] <= 30 * DAY)).mean())


def test_readmission_has_a_cause(drawn: Stays) -> None:
    """Without the surge after discharge it falls; with a stronger one it rises."""
    parameters = AdultPsychiatryParameters()
    without = _readmitted(_draw(without_effects(parameters)))
    stronger = _readmitted(_draw(replace(parameters, surge=8.0)))
    assert without < 0.75 * _readmitted(drawn)
    assert stronger > 1.3 * _readmitted(drawn)


def test_the_old_are_ill_less_often_than_the_young(drawn: Stays) -> None:
    age = (WINDOW.first_day - PEOPLE.born).astype(int) / 365.2425
    ill = np.isin(np.arange(PERSONS), drawn.person)
    p = AdultPsychiatryParameters()
    assert ill[(age >= 18) & (age < 67)].mean() == pytest.approx(sum(p.ill), rel=0.1)
    old = sum(share * of for share, of in zip(p.ill, p.of_old, strict=True))
    assert ill[age >= 67].mean() == pytest.approx(old, rel=0.2)
