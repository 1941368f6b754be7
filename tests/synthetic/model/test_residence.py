"""Registers know of nobody who does not live in Oslo."""

import numpy as np
import pytest

from synthetic.events import DAY, NO_DAY, Events
from synthetic.model import simulate
from tests.synthetic.model.shards import shard

YEARS = range(2021, 2024)


@pytest.fixture(scope="module")
def events() -> Events:
    return simulate(shard(20_000, years=YEARS))


def test_some_move_in_and_some_move_out(events: Events):
    assert (events.people.moves_in > 0).mean() > 0.01
    assert (events.people.moves_out != NO_DAY).mean() > 0.01


@pytest.mark.parametrize("table", ["stays", "claims", "functions", "referrals"])
def test_nothing_happens_before_arrival_or_after_leaving(events: Events, table: str):
    rows, people = getattr(events, table), events.people
    names = {"stays": "start", "claims": "day", "functions": "day", "referrals": "received"}
    day = getattr(rows, names[table])
    day = day // DAY if table == "stays" else day
    assert len(day)
    assert np.all(day >= people.moves_in[rows.person])
    assert np.all(day < people.moves_out[rows.person])


def test_services_begin_and_end_with_the_residence(events: Events):
    care, people = events.care, events.people
    assert np.all(care.first_day >= people.moves_in[care.person])
    left = people.moves_out[care.person] != NO_DAY
    assert left.any()
    assert np.all(care.last_day[left] < people.moves_out[care.person][left])


def test_a_stay_points_to_the_referral_of_the_same_person(events: Events):
    stays, referrals = events.stays, events.referrals
    referred = stays.referral >= 0
    assert referred.any()
    assert np.array_equal(referrals.person[stays.referral[referred]], stays.person[referred])
