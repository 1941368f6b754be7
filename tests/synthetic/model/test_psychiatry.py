"""BUP and adult ADHD: what is drawn is possible, follows from severity, and grows as stated."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from synthetic import codes
from synthetic.events import DAY, NEVER, NO_DAY, People, Referrals, Stays, Window
from synthetic.model import psychiatry
from synthetic.model.psychiatry import (
    BUP,
    GROUP_CODES,
    GROUPS,
    VOP,
    PsychiatryParameters,
    draw_psychiatry,
    without_effects,
)
from synthetic.population import ALWAYS

YEARS = range(2022, 2024)
WINDOW = Window(np.datetime64("2022-01-01"), 365 + 365 + 31 + 28)
ALNA, STOVNER, SONDRE_NORDSTRAND = 11, 10, 14


def _people(
    persons: int, *, seed: int = 1, first: str = "2022-01-01", dying: float = 0.0
) -> People:
    """Persons of 0 to 29 years, evenly over ages and bydeler; some born in the window."""
    rng = np.random.default_rng(seed)
    dies = rng.random(persons) < dying
    return People(
        number=np.arange(persons),
        born=np.datetime64(first) - rng.integers(-300, 30 * 365, persons).astype("m8[D]"),
        is_female=rng.random(persons) < 0.5,
        bydel=rng.integers(0, 15, persons).astype(np.int8),
        dies_at=np.where(dies, rng.integers(0, WINDOW.seconds, persons), NEVER),
        moves_in=np.full(persons, ALWAYS),
        moves_out=np.full(persons, NO_DAY),
        lives_alone=np.zeros(persons, bool),
        frailty=np.zeros(persons, np.float32),
        conditions=np.zeros(persons, np.uint32),
    )


def _draw(
    people: People,
    parameters: PsychiatryParameters | None = None,
    *,
    window: Window = WINDOW,
    years: range = YEARS,
    seed: int = 7,
) -> tuple[Stays, Referrals]:
    rng = np.random.Generator(np.random.SFC64(seed))
    return draw_psychiatry(rng, people, window, years, 4, parameters)


@pytest.fixture(scope="module")
def drawn() -> tuple[People, Stays, Referrals]:
    people = _people(100_000, dying=0.2)
    return people, *_draw(people)


def test_the_same_seed_gives_the_same_events_and_another_others():
    people = _people(5_000)
    first, again, other = _draw(people), _draw(people), _draw(people, seed=8)

    for one, two in zip(first, again, strict=True):
        for field in fields(one):
            assert np.array_equal(getattr(one, field.name), getattr(two, field.name)), field.name
    assert len(first[0]) != len(other[0])


def test_contacts_lie_in_the_window_in_working_hours_and_in_the_person_s_life(drawn):
    people, stays, _ = drawn
    born = (people.born - WINDOW.first_day).astype(np.int64)[stays.person]
    weekday = (WINDOW.first_day + stays.start // DAY).astype("datetime64[D]").astype(int) + 3

    assert (stays.start >= 0).all()
    assert (stays.end < WINDOW.seconds).all()
    assert (stays.end > stays.start).all()
    assert (stays.end <= people.dies_at[stays.person]).all()
    assert (stays.start // DAY >= born).all()
    assert (weekday % 7 < 5).all()
    hour = stays.start % DAY // 3600
    assert hour.min() >= 8
    assert hour.max() < 15


def test_bup_is_for_children_and_adult_adhd_begins_from_18_to_25(drawn):
    people, stays, referrals = drawn
    age = (stays.start / DAY - (people.born - WINDOW.first_day).astype(int)[stays.person]) / 365.25
    is_bup, is_vop = stays.sector == BUP, stays.sector == VOP

    assert (is_bup | is_vop).all()
    # The last contact before an eighteenth birthday may be moved past a weekend.
    assert age[is_bup].max() < 18 + 4 / 365
    assert age[is_vop].min() >= 18 - 1 / 365
    assert set(stays.specialty[is_bup]) == {310}
    assert set(stays.specialty[is_vop]) == {320}
    referred = people.born[referrals.person]
    years = (WINDOW.first_day + referrals.received - referred).astype(int) / 365.2425
    assert years.min() >= 0
    assert years.max() < 18 + 1 / 365


def test_referrals_lie_in_the_window_and_before_death_and_their_days_follow_each_other(drawn):
    people, _, referrals = drawn
    dies = people.dies_at[referrals.person] // DAY
    answered = referrals.assessed < NO_DAY
    seen = referrals.first_contact < NO_DAY

    assert ((referrals.received >= 0) & (referrals.received < WINDOW.days)).all()
    assert (referrals.received <= dies).all()
    assert (referrals.assessed[answered] > referrals.received[answered]).all()
    assert (referrals.assessed[answered] < np.minimum(dies, WINDOW.days)[answered]).all()
    assert (referrals.first_contact[seen] > referrals.assessed[seen]).all()
    assert referrals.is_accepted[seen].all()
    assert not referrals.is_accepted[~answered].any()
    assert 0 < (~answered).sum() < 0.1 * len(referrals)


def test_a_contact_s_referral_is_the_person_s_own_accepted_one_and_came_before(drawn):
    _, stays, referrals = drawn
    own = stays.referral >= 0
    of = referrals.take(stays.referral[own])

    assert 0 < own.sum() < len(stays)  # courses from before the window have none
    assert np.array_equal(of.person, stays.person[own])
    assert np.array_equal(of.hospital, stays.hospital[own])
    assert of.is_accepted.all()
    assert (stays.start[own] // DAY >= of.first_contact).all()
    # Everyone who is seen in the window has a contact on that day.
    seen = np.flatnonzero(referrals.first_contact < WINDOW.days)
    days = set(zip(stays.referral.tolist(), (stays.start // DAY).tolist(), strict=True))
    missing = [r for r in seen if (r, referrals.first_contact[r]) not in days]
    assert len(missing) < 0.01 * len(seen)  # those who die that same day


def test_rows_are_ordered_by_person_and_time(drawn):
    _, stays, referrals = drawn

    for table, time in ((stays, stays.start), (referrals, referrals.received)):
        order = np.lexsort((time, table.person))
        assert np.array_equal(table.person[order], table.person)
        assert np.array_equal(time[order], time)


def test_psychiatry_stays_with_the_sectors_of_2025():
    people = _people(60_000)
    later = Window(np.datetime64("2026-01-01"), 424)
    stays, _ = _draw(people, window=later, years=range(2026, 2027))
    hospital = {
        bydel: set(stays.hospital[people.bydel[stays.person] == bydel]) for bydel in (2, ALNA)
    }

    assert hospital == {2: {0}, ALNA: {3}}  # Sagene OUS, Alna Ahus


def test_a_rejection_comes_of_severity_against_the_sector_s_threshold():
    people = _people(150_000)
    mild = PsychiatryParameters()
    strict = replace(mild, strictness_by_sector=(1.2, *mild.strictness_by_sector[1:]))
    before, after = _draw(people, mild)[1], _draw(people, strict)[1]
    is_ous = psychiatry.sector(people.bydel[before.person]) == 0

    # The same referrals with the same severity: a higher bar only turns acceptance to rejection.
    assert np.array_equal(before.received, after.received)
    assert not (after.is_accepted & ~before.is_accepted).any()
    assert after.is_accepted[is_ous].mean() < before.is_accepted[is_ous].mean() - 0.2
    assert np.array_equal(after.is_accepted[~is_ous], before.is_accepted[~is_ous])


def test_needy_children_are_referred_more_often_and_rejected_less():
    people = _people(200_000)
    _, referrals = _draw(people)
    per_child = np.bincount(referrals.person, minlength=len(people))
    answered = referrals.assessed < NO_DAY
    once = answered & (per_child[referrals.person] == 1)
    more = answered & (per_child[referrals.person] > 1)

    assert referrals.is_accepted[more].mean() > referrals.is_accepted[once].mean() + 0.02


def test_severe_referrals_wait_less():
    people = _people(100_000)
    waits = []
    for severity in (-0.5, 1.5):
        p = replace(PsychiatryParameters(), severity_by_bydel=(severity,) * 15, threshold=-9.0)
        _, referrals = _draw(people, p)
        seen = referrals.first_contact < NO_DAY
        waits.append(np.median((referrals.first_contact - referrals.assessed)[seen]))

    assert waits[1] < 0.7 * waits[0]


def _patients(stays: Stays, sector: int) -> dict[str, int]:
    """Unique patients by diagnosis group."""
    found: dict[str, int] = {}
    for group, own in zip(GROUPS, GROUP_CODES, strict=True):
        index = [codes.icd10(code) for code in own]
        chosen = (stays.sector == sector) & np.isin(stays.main_diagnosis, index)
        found[group] = len(np.unique(stays.person[chosen]))
    return found


def test_growth_is_that_published_from_2018_to_2022():
    counts = []
    for year in (2018, 2022):
        people = _people(250_000, first=f"{year}-01-01", seed=year)
        window = Window(np.datetime64(f"{year}-01-01"), 365)
        stays, _ = _draw(people, window=window, years=range(year, year + 1), seed=year)
        counts.append((_patients(stays, BUP), _patients(stays, VOP)))
    (before, adult_before), (after, adult_after) = counts

    def is_near(one: int, other: int, published: float) -> bool:
        return abs(math.log(other / one / published)) < 3 * math.sqrt(1 / one + 1 / other)

    for group, published in (
        ("ADHD", 1044 / 610), ("Symptomdiagnoser", 4514 / 3417), ("Annet", 1772 / 1714),
        ("Spiseforstyrrelser", 186 / 98), ("Angst", 512 / 402),
    ):  # fmt: skip
        assert is_near(before[group], after[group], published), group
    assert is_near(adult_before["ADHD"], adult_after["ADHD"], 2.3534)
    # Not one growth for all.
    assert not is_near(before["ADHD"], after["ADHD"], 4514 / 3417)
    assert not is_near(before["Symptomdiagnoser"], after["Symptomdiagnoser"], 1.0)


def test_growth_ends_where_the_parameters_say():
    people = _people(60_000, first="2035-01-01")
    window = Window(np.datetime64("2035-01-01"), 365)
    later = _draw(people, window=window, years=range(2035, 2036))[1]
    stop = replace(PsychiatryParameters(), growth_until=2022)
    flat = _draw(people, stop, window=window, years=range(2035, 2036))[1]

    assert len(later) / len(flat) == pytest.approx(np.exp(5 * stop.referral_growth), rel=0.06)


def test_without_effects_no_bydel_age_sex_or_year_differs():
    neutral = without_effects(PsychiatryParameters())
    people = _people(300_000)
    _, referrals = _draw(people, neutral)
    answered = referrals.assessed < NO_DAY
    by_bydel = np.bincount(people.bydel[referrals.person], minlength=15)
    rejected = np.array(
        [1 - referrals.is_accepted[answered & (people.bydel[referrals.person] == b)].mean()
         for b in range(15)]
    )  # fmt: skip

    expected = len(referrals) / 15
    assert np.abs(by_bydel / expected - 1).max() < 4 / np.sqrt(expected)
    assert rejected.max() - rejected.min() < 0.06
    # With the effects: three rejections in a hundred in Stovner, a third in Søndre Nordstrand.
    _, caused = _draw(people)
    of = people.bydel[caused.person]
    done = caused.assessed < NO_DAY
    assert (~caused.is_accepted[done & (of == STOVNER)]).mean() < 0.06
    assert (~caused.is_accepted[done & (of == SONDRE_NORDSTRAND)]).mean() > 0.28


def test_without_effects_keeps_intercepts():
    p = PsychiatryParameters()
    neutral = without_effects(p)

    for name in ("referral", "threshold", "group_base", "adult_adhd", "treatment_years"):
        assert getattr(neutral, name) == getattr(p, name)


def test_output_for_a_person_needs_no_other_hospital_count():
    people = _people(4_000)
    rng = np.random.Generator(np.random.SFC64(7))
    stays, _ = draw_psychiatry(rng, people, WINDOW, YEARS, 1)

    assert set(stays.hospital) == {0}
    assert len(stays) == len(_draw(people)[0])
