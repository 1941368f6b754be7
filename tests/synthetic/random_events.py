"""Events drawn without any model: every column within its domain, and nothing more to be learnt."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from synthetic import codes
from synthetic.events import (
    DAY,
    NEVER,
    NO_DAY,
    CareServices,
    Claims,
    Events,
    Functions,
    People,
    Referrals,
    Stays,
    Window,
)
from synthetic.population import ALWAYS

if TYPE_CHECKING:
    from synthetic.model import Shard

WINDOW = Window(np.datetime64("2023-01-01"), 365 + 366 + 31 + 28)


def random_events(
    persons: int = 2_000, *, seed: int = 1, hospitals: int = 4, stays_each: int = 3, window=WINDOW
) -> Events:
    rng = np.random.default_rng(seed)
    stays = _stays(rng, persons, persons * stays_each, hospitals, window)
    claims = _claims(rng, persons, window)
    care = _care(rng, persons, window)
    last = np.zeros(persons, dtype=np.int64)  # what a person meets comes before death
    np.maximum.at(last, stays.person, stays.start)
    np.maximum.at(last, claims.person, claims.day.astype(np.int64) * DAY)
    np.maximum.at(last, care.person, care.first_day.astype(np.int64) * DAY)
    people = People(
        number=np.arange(persons, dtype=np.int64),
        born=window.first_day - rng.integers(-300, 36_000, persons),
        is_female=rng.random(persons) < 0.5,
        bydel=rng.integers(0, len(codes.BYDELER), persons).astype(np.int8),
        dies_at=np.where(rng.random(persons) < 0.2, last + 2 * DAY, NEVER),
        moves_in=np.full(persons, ALWAYS),
        moves_out=np.full(persons, NO_DAY),
        lives_alone=rng.random(persons) < 0.3,
        frailty=rng.random(persons).astype(np.float32),
        conditions=rng.integers(0, 1 << len(codes.CONDITIONS), persons).astype(np.uint32),
    )
    return Events(
        people=people,
        stays=stays,
        claims=claims,
        care=care,
        functions=Functions(
            person=np.sort(rng.integers(0, persons, persons // 5)).astype(np.int32),
            day=rng.integers(-100, window.days, persons // 5).astype(np.int32),
            scores=rng.choice([1, 2, 3, 4, 5, 9], (persons // 5, 20)).astype(np.int8),
        ),
        referrals=_referrals(rng, persons, hospitals, window),
    )


def simulate(shard: "Shard") -> Events:
    """In place of the model: quick, and the same for the same seed and shard."""
    seed = shard.seed * 1_000 + shard.index
    events = random_events(shard.persons, seed=seed, hospitals=shard.hospitals, window=shard.window)
    people = replace(events.people, number=events.people.number + shard.first_number)
    return replace(events, people=people)


def _stays(rng, persons: int, count: int, hospitals: int, window: Window) -> Stays:
    person = rng.integers(0, persons, count)
    start = rng.integers(-10 * DAY, window.seconds, count)
    order = np.lexsort((start, person))
    care_level = rng.choice([1, 2, 3, 8], count, p=[0.4, 0.2, 0.38, 0.02])
    length = np.where(care_level == 1, rng.exponential(4 * DAY, count), 3_600).astype(np.int64)
    ready = (care_level == 1) & (rng.random(count) < 0.3)
    start = start[order]

    def small(values) -> np.ndarray:
        return np.asarray(values, dtype=np.int8)

    return Stays(
        person=person[order].astype(np.int32),
        hospital=small(rng.integers(0, hospitals, count)),
        start=start,
        end=start + length,
        sector=small(rng.choice([1, 2, 3, 4, 5], count, p=[0.05, 0.1, 0.1, 0.7, 0.05])),
        care_level=small(care_level),
        urgency=small(rng.choice([1, 4, 5], count)),
        state_in=small(np.ones(count)),
        state=small(rng.choice([1, 2], count, p=[0.98, 0.02])),
        came_from=small(rng.choice([1, 3, 11], count)),
        went_to=small(rng.choice([1, 3, 11], count)),
        specialty=rng.choice([10, 110, 310], count).astype(np.int16),
        main_diagnosis=rng.integers(0, len(codes.ICD10), count).astype(np.int16),
        other_diagnoses=rng.integers(-1, len(codes.ICD10), (count, 4)).astype(np.int16),
        procedures=rng.integers(-1, len(codes.NCSP), (count, 2)).astype(np.int16),
        drg=rng.integers(-1, len(codes.DRG), count).astype(np.int16),
        ready_at=np.where(ready, start + length // 2, -1),
        referral=np.full(count, -1, dtype=np.int32),
    )


def _claims(rng, persons: int, window: Window) -> Claims:
    count = persons * 7
    person = np.sort(rng.integers(0, persons, count)).astype(np.int32)
    return Claims(
        person=person,
        day=rng.integers(0, window.days, count).astype(np.int32),
        service_type=rng.choice([1, 2, 3], count, p=[0.8, 0.15, 0.05]).astype(np.int8),
        contact_type=rng.integers(1, 6, count).astype(np.int8),
        diagnosis=rng.integers(0, len(codes.ICPC2), count).astype(np.int16),
    )


def _care(rng, persons: int, window: Window) -> CareServices:
    count = persons // 4
    first = rng.integers(-900, window.days, count)
    ends = rng.random(count) < 0.6
    hours = np.where(rng.random(count) < 0.5, rng.integers(1, 160, count) / 4, np.nan)
    return CareServices(
        person=np.sort(rng.integers(0, persons, count)).astype(np.int32),
        code=rng.choice([1, 6, 15, 18, 21, codes.KPR_KAD], count).astype(np.int16),
        first_day=first.astype(np.int32),
        last_day=np.where(ends, first + rng.integers(0, 600, count), NO_DAY).astype(np.int32),
        hours_per_week=hours.astype(np.float32),
    )


def _referrals(rng, persons: int, hospitals: int, window: Window) -> Referrals:
    count = persons // 2
    received = rng.integers(-30, window.days, count)
    is_assessed = rng.random(count) < 0.95
    is_seen = is_assessed & (rng.random(count) < 0.7)
    return Referrals(
        person=np.sort(rng.integers(0, persons, count)).astype(np.int32),
        hospital=rng.integers(0, hospitals, count).astype(np.int8),
        specialty=np.full(count, 310, dtype=np.int16),
        received=received.astype(np.int32),
        assessed=np.where(is_assessed, received + 7, NO_DAY).astype(np.int32),
        is_accepted=rng.random(count) < 0.8,
        first_contact=np.where(is_seen, received + 60, NO_DAY).astype(np.int32),
    )
