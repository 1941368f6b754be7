"""What a shard says is possible: nobody is in two places, nothing happens to the dead."""

from dataclasses import fields, replace

import numpy as np
import pytest

from synthetic import codes
from synthetic.events import DAY, NEVER, NO_DAY, Events
from synthetic.model import simulate
from synthetic.model.health import BURN_IN_DAYS, draw_health
from synthetic.model.psychiatry import BUP
from synthetic.model.shard import SHARD_PERSONS, live, stream
from synthetic.population import draw_residents
from tests.synthetic.model.shards import shard

INPATIENT, SOMATIC, REHABILITATION = 1, 4, 5
LONG_STAY = 21
HOME_NURSING = 15
GP = 1


@pytest.fixture(scope="module")
def events() -> Events:
    return simulate(shard(30_000, years=range(2022, 2024)))


def _moved_to_nursing_home(events: Events) -> np.ndarray:
    """First day there of each old person, NO_DAY if never. The disabled keep their GP."""
    care, people = events.care, events.people
    old = people.born < np.datetime64("1945-01-01")
    home = care.take((care.code == LONG_STAY) & old[care.person])
    moved = np.full(len(people), NO_DAY)
    np.minimum.at(moved, home.person, home.first_day)
    return moved


def _same(left: Events, right: Events) -> bool:
    return all(
        np.array_equal(
            getattr(getattr(left, table.name), column.name),
            getattr(getattr(right, table.name), column.name),
            equal_nan=getattr(getattr(left, table.name), column.name).dtype.kind == "f",
        )
        for table in fields(Events)
        for column in fields(getattr(left, table.name))
    )


def test_the_same_shard_gives_the_same_arrays():
    assert _same(simulate(shard(3_000)), simulate(shard(3_000)))


def test_another_seed_or_shard_gives_others():
    first = simulate(shard(3_000))
    assert not _same(first, simulate(shard(3_000, seed=8)))
    assert not _same(first, simulate(shard(3_000, index=1)))


def test_columns_have_the_types_of_the_interface_however_few_the_events():
    many, none = simulate(shard(3_000)), simulate(shard(1))
    for table in fields(Events):
        full, empty = getattr(many, table.name), getattr(none, table.name)
        for column in fields(full):
            some, few = getattr(full, column.name), getattr(empty, column.name)
            assert some.dtype == few.dtype, f"{table.name}.{column.name}"
            assert some.shape[1:] == few.shape[1:]
            assert len(some) == len(full)


@pytest.mark.parametrize("seed", range(25))
def test_tiny_populations(seed: int):
    events = simulate(shard(2, seed=seed))
    assert events.people.number.tolist() == [0, 1]


def test_numbers_go_on_from_shard_to_shard():
    events = simulate(shard(100, index=3))
    assert events.people.number.tolist() == list(range(300, 400))
    assert SHARD_PERSONS == 65_536


def test_tables_are_in_order(events: Events):
    for person, time in (
        (events.stays.person, events.stays.start),
        (events.claims.person, events.claims.day),
        (events.care.person, events.care.first_day),
        (events.functions.person, events.functions.day),
        (events.referrals.person, events.referrals.received),
    ):
        step = np.diff(person.astype(np.int64))
        assert np.all((step > 0) | ((step == 0) & (np.diff(time.astype(np.int64)) >= 0)))


def test_nobody_is_an_inpatient_twice_at_once(events: Events):
    s = events.stays
    s = s.take((s.care_level == INPATIENT) & (s.sector >= SOMATIC))
    same = s.person[1:] == s.person[:-1]
    assert same.any()
    assert np.all(s.start[1:][same] >= s.end[:-1][same])


def test_an_outpatient_is_not_in_a_ward(events: Events):
    s = events.stays
    ward = s.take(s.care_level == INPATIENT)
    out = s.take(s.care_level != INPATIENT)
    span = 2**40
    key = ward.person.astype(np.int64) * span + ward.start
    place = np.searchsorted(key, out.person.astype(np.int64) * span + out.start, "right") - 1
    before = np.maximum(place, 0)
    inside = (place >= 0) & (ward.person[before] == out.person) & (ward.end[before] > out.start)
    assert not inside.any()


def test_a_stay_ends_in_the_window_and_may_begin_before_it(events: Events):
    s = events.stays
    assert np.all(s.end > s.start)
    assert s.end.min() >= 0
    assert s.end.max() < shard(years=range(2022, 2024)).window.seconds
    assert (s.start < 0).any()


def test_nothing_happens_before_birth_or_after_death(events: Events):
    people, first = events.people, np.datetime64("2022-01-01")
    born = (people.born - first).astype(np.int64)
    dies_on = np.where(people.dies_at == NEVER, NO_DAY, people.dies_at // DAY)
    assert (people.born > first).any()
    assert (people.dies_at < NEVER).any()
    s = events.stays
    assert np.all(s.end <= people.dies_at[s.person])
    assert np.all(s.start >= born[s.person] * DAY)
    for person, day in (
        (events.claims.person, events.claims.day),
        (events.care.person, events.care.first_day),
        (events.functions.person, events.functions.day),
        (events.referrals.person, events.referrals.received),
    ):
        assert np.all(day <= dies_on[person])
        assert np.all(day >= born[person])
    ended = events.care.take(events.care.last_day < NO_DAY)
    assert np.all(ended.last_day <= dies_on[ended.person])
    assert np.all(ended.last_day >= ended.first_day)


def test_whoever_is_here_has_lived_until_then_and_has_one_past():
    """Who dies in the year before is drawn anew: nothing of the life given up is left."""
    of = shard(40_000, years=range(2022, 2025))
    lives = live(of)
    health, course = lives.health, lives.course
    residents = draw_residents(stream(of, 0), of.persons, of.window)
    first_drawn = draw_health(stream(of, 1), residents, of.parameters, of.window)
    anew = first_drawn.own_frailty != health.own_frailty
    here_from = np.maximum(residents.moves_in.astype(np.int64), 0) * DAY
    assert 0.002 < anew.mean() < 0.01
    assert (anew & (residents.moves_in > 0)).any()
    assert health.own_frailty[anew].mean() < -0.1
    assert np.all(course.died >= here_from)
    for stays in (course.episodes, course.kad):
        order = np.lexsort((stays.start, stays.person))
        person, start, end = stays.person[order], stays.start[order], stays.end[order]
        assert np.all(start >= (here_from - (BURN_IN_DAYS + 1) * DAY)[person])
        assert anew[person].any()
        same = person[1:] == person[:-1]
        assert np.all(start[1:][same] >= end[:-1][same])
    state = health.state(lives.calendar.middle(1))
    assert np.array_equal(state.frailty, lives.states[1].frailty)
    assert np.array_equal(state.conditions, lives.states[1].conditions)


def test_the_first_year_is_like_those_that_follow():
    """Of the old who are there as each year begins: deaths, and who was in hospital lately."""
    years = 4
    of = shard(60_000, years=range(2021, 2021 + years))
    counts = np.zeros((years, 3))
    for seed in range(3):
        lives = live(replace(of, seed=seed))
        residents, e, died = lives.health.residents, lives.course.episodes, lives.course.died
        for year in range(years):
            begins, ends = lives.calendar.edges[year + 1 : year + 3]
            old = lives.health.born_at < begins - 75 * 365.25 * DAY
            old &= (died >= begins) & (residents.moves_in * float(DAY) < begins)
            recent = e.person[(e.end < begins) & (e.end >= begins - 90 * DAY)]
            left = np.zeros(len(old), dtype=bool)
            left[recent] = True
            counts[year] += old.sum(), (old & (died < ends)).sum(), (old & left).sum()
    persons, *events = counts.T
    for happened in events:
        share, later = happened[0] / persons[0], happened[1:].sum() / persons[1:].sum()
        error = np.sqrt(later / persons[0] + later / persons[1:].sum())
        assert abs(share - later) < 3 * error, (happened / persons).tolist()


def test_a_death_in_hospital_is_the_end_of_the_stay(events: Events):
    s = events.stays
    dead = s.take(s.state == 2)
    assert len(dead) > 50
    assert np.array_equal(dead.end, events.people.dies_at[dead.person])


def test_a_transfer_is_two_contacts_at_two_hospitals(events: Events):
    s = events.stays
    s = s.take((s.care_level == INPATIENT) & (s.sector >= SOMATIC))
    second = np.flatnonzero(s.came_from == 3)
    assert len(second) > 20
    # The first part of one that began in the window stands just before it.
    second = second[s.start[second] > 3 * DAY]
    first = second - 1
    assert np.array_equal(s.person[first], s.person[second])
    assert np.all(s.went_to[first] == 3)
    assert np.all(s.hospital[first] != s.hospital[second])
    gap = s.start[second] - s.end[first]
    assert gap.min() >= 20 * 60
    assert gap.max() <= 3 * 3600


def test_ready_means_in_the_stay(events: Events):
    s = events.stays
    ready = s.take(s.ready_at >= 0)
    assert np.all((ready.ready_at >= ready.start) & (ready.ready_at <= ready.end))
    assert np.all(ready.state == 1)
    assert np.all(ready.care_level == INPATIENT)


def test_codes_point_into_their_tuples(events: Events):
    s = events.stays
    for column, tuple_ in (
        (s.main_diagnosis, codes.ICD10),
        (s.other_diagnoses, codes.ICD10),
        (s.procedures, codes.NCSP),
        (s.drg, codes.DRG),
        (events.claims.diagnosis, codes.ICPC2),
    ):
        assert column.min() >= -1
        assert column.max() < len(tuple_)
    assert s.main_diagnosis.min() >= 0
    assert np.all(s.other_diagnoses != s.main_diagnosis[:, None])


def test_acute_stays_of_the_old_cost_what_such_stays_cost(events: Events):
    s, people = events.stays, events.people
    old = people.born[s.person] < np.datetime64("1948-01-01")
    acute = s.take(old & (s.urgency == 1) & (s.care_level == INPATIENT))
    cost = codes.DRG_WEIGHT[acute.drg] * 52_248
    assert cost.min() >= 40_000
    assert cost.max() <= 210_000


def test_the_gp_is_not_seen_from_a_nursing_home(events: Events):
    claims, moved = events.claims, _moved_to_nursing_home(events)
    gp = claims.take(claims.service_type == GP)
    living = gp.day > moved[gp.person]
    assert (moved < NO_DAY).sum() > 50
    assert not living.any()


def test_services_of_the_home_end_in_the_nursing_home(events: Events):
    care, moved = events.care, _moved_to_nursing_home(events)
    nursing = care.take(care.code == HOME_NURSING)
    assert np.all(nursing.last_day <= moved[nursing.person])


def test_function_scores_are_the_registers(events: Events):
    scores = events.functions.scores
    assert scores.shape[1] == 20
    assert set(np.unique(scores)) <= {1, 2, 3, 4, 5, 9}


@pytest.mark.parametrize("hospitals", [1, 2, 4, 7])
def test_any_number_of_hospitals(hospitals: int):
    stays = simulate(shard(6_000, hospitals=hospitals)).stays
    assert set(np.unique(stays.hospital)) == set(range(hospitals))
    if hospitals == 1:
        assert not (stays.came_from == 3).any()


def test_referrals_still_belong_to_their_stays_when_in_order(events: Events):
    stays, referrals = events.stays, events.referrals
    referred = stays.take(stays.referral >= 0)
    assert np.all(referred.sector == BUP)
    assert np.array_equal(referrals.person[referred.referral], referred.person)
    assert np.all(referrals.first_contact[referred.referral] <= referred.start // DAY)


@pytest.mark.parametrize(
    "wrong",
    [{"persons": 0}, {"hospitals": 0}, {"total_persons": 10}, {"first_number": -1}],
)
def test_an_impossible_shard_is_refused(wrong: dict[str, int]):
    with pytest.raises(ValueError, match=r"must|needs"):
        simulate(replace(shard(100), **wrong))
