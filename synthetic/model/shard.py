"""One shard of the population from birth to the register's events."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.events import DAY, Events, People, Stays, Window
from synthetic.model.adult_psychiatry import draw_adult_psychiatry
from synthetic.model.care import draw_care
from synthetic.model.contacts import INPATIENT, inpatient_stays, outpatient_stays
from synthetic.model.draws import Draws
from synthetic.model.health import calendar
from synthetic.model.hospital import Episodes, simulate_course
from synthetic.model.lives import Lives
from synthetic.model.parameters import Parameters
from synthetic.model.persons import draw_persons
from synthetic.model.primary_care import draw_claims
from synthetic.model.psychiatry import draw_psychiatry
from synthetic.model.residence import cut, is_resident, referred
from synthetic.model.time import Intervals, by_person
from synthetic.population import draw_residents

SHARD_PERSONS: Final = 65_536


@dataclass(frozen=True)
class Shard:
    """Some of the persons of a population; its events depend on nothing outside it.

    index: which shard; first_number: the first person's number in the whole population of
    `total_persons`. years: the whole years asked for; window: they and the months of follow-up.
    hospitals: how many; four are Oslo's trusts in the order of `catchment`.
    """

    index: int
    first_number: int
    persons: int
    total_persons: int
    seed: int
    window: Window
    years: range
    hospitals: int
    parameters: Parameters


class _Stream(IntEnum):
    """Streams of random numbers: a part that draws more does not disturb the others."""

    RESIDENTS = 0
    HEALTH = 1
    NEEDS = 2
    COURSE = 3
    CODES = 4
    OUTPATIENT = 5
    CLAIMS = 6
    CARE = 7
    PSYCHIATRY = 8
    SURVIVORS = 9
    ADULT_PSYCHIATRY = 10


def stream(shard: Shard, which: int) -> np.random.Generator:
    """SFC64, seeded by (seed, shard, stream)."""
    return np.random.Generator(
        np.random.SFC64(np.random.SeedSequence([shard.seed, shard.index, which]))
    )


def live(shard: Shard) -> Lives:
    """Draw the persons and simulate hospital and death; what scenarios differ in happens here."""
    _check(shard)
    residents = draw_residents(stream(shard, _Stream.RESIDENTS), shard.persons, shard.window)
    time = calendar(shard.window)
    persons = draw_persons(
        (stream(shard, _Stream.HEALTH), stream(shard, _Stream.NEEDS)),
        residents,
        shard.parameters,
        window=shard.window,
        calendar=time,
    )
    course = simulate_course(
        persons,
        hospitals=shard.hospitals,
        draws=Draws(stream(shard, _Stream.COURSE), shard.persons),
        survivors=stream(shard, _Stream.SURVIVORS),
    )
    states = persons.states.by_year
    return Lives(shard.window, time, persons.health, states, persons.needs, course)


def simulate(shard: Shard) -> Events:
    """Everything that happens to the persons of a shard in its window. Raises ValueError.

    Stays are those that end in the window, also when they have begun before it; care services
    those that touch it. The same shard gives the same arrays.
    """
    lives = live(shard)
    health, course, window = lives.health, lives.course, shard.window
    people = _people(shard, lives)

    # Time before the window is no register's: most of it is left out before anything is coded.
    episodes = course.episodes.take(course.episodes.end >= 0)
    codes_stream = stream(shard, _Stream.CODES)
    inpatient = inpatient_stays(codes_stream, health, episodes, shard.parameters.causes)
    in_time = (inpatient.end >= 0) & (inpatient.end < window.seconds)
    in_time &= is_resident(people, inpatient.person, inpatient.start // DAY)
    free = _Free(course.episodes, people, window)
    outpatient = outpatient_stays(
        stream(shard, _Stream.OUTPATIENT), lives, shard.hospitals, free.between
    )
    psychiatry, referrals = draw_psychiatry(
        stream(shard, _Stream.PSYCHIATRY),
        people,
        window,
        shard.years,
        shard.hospitals,
        shard.parameters.psychiatry,
    )
    psychiatry = psychiatry.take(free.between(psychiatry.person, psychiatry.start, psychiatry.end))
    is_here = is_resident(people, referrals.person, referrals.received)
    psychiatry, referrals = referred(psychiatry, referrals, is_here)
    adults = draw_adult_psychiatry(
        stream(shard, _Stream.ADULT_PSYCHIATRY),
        people,
        window,
        shard.hospitals,
        shard.parameters.adult_psychiatry,
    )
    adults = adults.take(free.between(adults.person, adults.start, adults.end))
    ward = adults.take(adults.care_level == INPATIENT)
    in_ward = Intervals(ward.person, ward.start, ward.end)
    outpatient = outpatient.take(
        ~in_ward.cover(outpatient.person, outpatient.start, outpatient.end)
    )
    stays = Stays.join([inpatient.take(in_time), outpatient, psychiatry, adults])

    claims = draw_claims(stream(shard, _Stream.CLAIMS), lives)
    care, functions = draw_care(stream(shard, _Stream.CARE), lives)
    return Events(
        people=people,
        stays=stays.take(by_person(stays.person, stays.start)),
        claims=claims,
        care=cut(care, people),
        functions=functions.take(is_resident(people, functions.person, functions.day)),
        referrals=referrals,
    )


class _Free:
    """When a person may come to a hospital outside its wards: lives here, and is not in a ward."""

    def __init__(self, episodes: Episodes, people: People, window: Window) -> None:
        self._in_hospital = Intervals(episodes.person, episodes.start, episodes.end)
        self._from = people.moves_in.astype(np.int64) * DAY
        self._until = np.minimum(people.dies_at, people.moves_out.astype(np.int64) * DAY)
        self._end = window.seconds

    def between(
        self, person: NDArray[np.int32], start: NDArray[np.int64], end: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether each contact, from `start` to `end`, is possible and over in the window."""
        possible = (end >= 0) & (end < self._end)
        possible &= (start >= self._from[person]) & (end <= self._until[person])
        return possible & ~self._in_hospital.cover(person, start, end)


def _check(shard: Shard) -> None:
    if shard.persons < 1 or shard.first_number < 0:
        raise ValueError("a shard needs at least one person, numbered from 0 on")
    if shard.first_number + shard.persons > shard.total_persons:
        raise ValueError("a shard must lie inside the population")
    if shard.hospitals < 1:
        raise ValueError("there must be one hospital at least")
    if shard.window.days < 1:
        raise ValueError("the window must have days")


def _people(shard: Shard, lives: Lives) -> People:
    residents, state = lives.health.residents, lives.states[1]
    return People(
        number=shard.first_number + np.arange(shard.persons, dtype=np.int64),
        born=residents.born,
        is_female=residents.is_female,
        bydel=residents.bydel,
        dies_at=lives.course.died,
        moves_in=residents.moves_in,
        moves_out=residents.moves_out,
        lives_alone=residents.lives_alone,
        frailty=state.frailty,
        conditions=state.conditions | lives.course.acquired_before,
    )
