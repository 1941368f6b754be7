"""Contacts claimed from KUHR: GP, legevakt, physiotherapy, and GP follow-up after a discharge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import ICPC2, indices
from synthetic.events import DAY, NEVER, Claims
from synthetic.model.catchment import sector
from synthetic.model.contacts import nth_condition
from synthetic.model.discharge import FOLLOWED_DAYS
from synthetic.model.health import YEAR_SECONDS, Health, State, by_age
from synthetic.model.hospital import Course
from synthetic.model.lives import Lives
from synthetic.model.time import Intervals, to_weekday

GP, LEGEVAKT, PHYSIOTHERAPY = 1, 2, 3
ANOTHER, SIMPLE, CONSULTATION, HOME_VISIT, INTERDISCIPLINARY = 1, 2, 3, 4, 5

# One ICPC-2 code a condition, in the order of codes.CONDITIONS.
_CODE_OF_CONDITION: Final = indices(
    ("K77", "R95", "T90", "P70", "K90", "A79", "U99", "K78", "P76",
     "L95", "K74", "L89", "K86"), ICPC2,
)  # fmt: skip
_COMMON: Final = indices(
    ("A04", "A97", "L03", "L15", "L84", "L92", "R05", "R74", "S74", "S87", "S97", "U71", "P06",
     "P01", "P03", "D01", "D12", "D73", "N01", "N17", "H71", "H81", "F92", "T93", "T86", "A29"),
    ICPC2,
)  # fmt: skip
_OF_CHILDREN: Final = indices(
    ("R05", "R74", "R78", "H71", "A03", "S74", "D73", "S87", "R02", "S18", "R96"), ICPC2
)
_URGENT: Final = indices(
    ("A03", "R02", "R81", "U71", "S18", "L75", "L91", "D01", "N17", "K75", "A80", "P74", "R80"),
    ICPC2,
)
_FROM_HOSPITAL: Final = indices(("K77", "R95", "R81", "K90", "L75", "U71", "A97", "A49"), ICPC2)
_ADULT = 16
_SHARE_OF_CONDITIONS = 0.5


@dataclass(frozen=True)
class _Contacts:
    """Claims on their way; arrays of shape (n,)."""

    person: NDArray[np.int32]
    day: NDArray[np.int32]
    service_type: int
    contact_type: NDArray[np.int8]
    diagnosis: NDArray[np.int16]


def draw_claims(rng: np.random.Generator, lives: Lives) -> Claims:
    """Claims of the window, ordered by person and day.

    No GP is seen in hospital, KAD or a municipal institution. In the month after a discharge from
    hospital the GP is met through the follow-up equation alone: so what the register shows is what
    the hazards knew.
    """
    health, window, course = lives.health, lives.window, lives.course
    away = _away(course)
    parts = [
        _gp(rng, lives),
        _simple(rng, lives),
        _legevakt(rng, lives),
        _physiotherapy(rng, lives),
    ]
    kept = []
    for part in parts:
        noon = part.day.astype(np.int64) * DAY + DAY // 2
        is_possible = ~away.cover(part.person, noon) & (noon >= health.born_at[part.person])
        kept.append(_take(part, is_possible))
    kept += _around_hospital(rng, lives)
    person = np.concatenate([part.person for part in kept])
    day = np.concatenate([part.day for part in kept])
    service = np.repeat(
        np.array([part.service_type for part in kept], dtype=np.int8),
        [len(part.person) for part in kept],
    )
    contact = np.concatenate([part.contact_type for part in kept])
    diagnosis = np.concatenate([part.diagnosis for part in kept])
    dies_on = course.died[person] // DAY
    in_window = np.flatnonzero((day >= 0) & (day < window.days) & (day <= dies_on))
    key = person[in_window].astype(np.int64) * 2**16 + day[in_window]
    order = in_window[np.argsort(key, kind="stable")]
    return Claims(person[order], day[order], service[order], contact[order], diagnosis[order])


def _take(part: _Contacts, index: NDArray[np.bool_]) -> _Contacts:
    return _Contacts(
        part.person[index],
        part.day[index],
        part.service_type,
        part.contact_type[index],
        part.diagnosis[index],
    )


def _away(course: Course) -> Intervals:
    """When each person is in hospital, KAD, a short-term stay or a nursing home."""
    e, kad = course.episodes, course.kad
    short = e.take(e.short_stay_days > 0)
    resident = np.flatnonzero(np.isfinite(course.long_stay_at))
    for_good = np.full(len(resident), float(NEVER))
    return Intervals(
        np.concatenate([e.person, kad.person, short.person, resident]),
        np.concatenate([e.start, kad.start, short.end, course.long_stay_at[resident]]),
        np.concatenate([e.end, kad.end, short.end + short.short_stay_days * DAY, for_good]),
    )


def _followed_month(course: Course) -> Intervals:
    e = course.episodes
    return Intervals(e.person, e.end, e.end + FOLLOWED_DAYS * DAY)


def _days(
    rng: np.random.Generator, lives: Lives, rates: Sequence[NDArray[np.floating]]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Poisson contacts: person and day; rates: a person-year, one array a year of the window."""
    health, calendar = lives.health, lives.calendar
    people, days = [], []
    for year, rate in enumerate(rates, start=1):
        length = calendar.edges[year + 1] - calendar.edges[year]
        number = rng.poisson(rate * (length / YEAR_SECONDS))
        person = np.repeat(np.arange(len(health), dtype=np.int32), number)
        people.append(person)
        first, count = int(calendar.edges[year] // DAY), int(length // DAY)
        days.append(rng.integers(first, first + count, len(person), dtype=np.int32))
    return np.concatenate(people), np.concatenate(days)


def _habit(rng: np.random.Generator, health: Health) -> NDArray[np.float32]:
    spread = np.float32(health.parameters.gp_spread)
    return np.exp(spread * rng.standard_normal(len(health), dtype=np.float32) - spread**2 / 2)


def _gp_rates(rng: np.random.Generator, lives: Lives) -> list[NDArray[np.floating]]:
    health, p = lives.health, lives.health.parameters
    habit = _habit(rng, health) * np.exp(np.float32(p.gp_female) * health.residents.is_female)
    habit *= np.exp(np.array(p.gp_sector, dtype=np.float32))[sector(health.residents.bydel)]
    rates = []
    for state in lives.states[1:]:
        effect = np.float32(p.gp_frailty) * np.clip(state.frailty, -2, 3)
        effect += np.float32(p.gp_condition) * state.number_of_conditions
        rates.append(by_age(p.gp)[state.whole_age] * habit * np.exp(effect))
    return rates


def _gp(rng: np.random.Generator, lives: Lives) -> _Contacts:
    person, day = _days(rng, lives, _gp_rates(rng, lives))
    day = to_weekday(lives.window, day)
    is_free = ~_followed_month(lives.course).cover(person, day.astype(np.int64) * DAY + DAY // 2)
    person, day = person[is_free], day[is_free]
    state = lives.states[1]
    age = state.age[person]
    lot = rng.random(len(person))
    visited = lot < np.where(age >= 80, 0.05, 0.003)
    contact = np.where(visited, HOME_VISIT, CONSULTATION).astype(np.int8)
    return _Contacts(person, day, GP, contact, _reason(rng, state, person))


def _simple(rng: np.random.Generator, lives: Lives) -> _Contacts:
    """Prescriptions, telephone calls, and now and then a meeting with others."""
    factor = lives.health.parameters.gp_simple
    person, day = _days(rng, lives, [rate * factor for rate in _gp_rates(rng, lives)])
    lot = rng.random(len(person))
    contact = np.select([lot < 0.03, lot < 0.08], [INTERDISCIPLINARY, ANOTHER], SIMPLE)
    diagnosis = _reason(rng, lives.states[1], person)
    return _Contacts(person, to_weekday(lives.window, day), GP, contact.astype(np.int8), diagnosis)


def _legevakt(rng: np.random.Generator, lives: Lives) -> _Contacts:
    health, p = lives.health, lives.health.parameters
    practice = np.exp(np.array(p.legevakt_sector, dtype=np.float32))
    practice = practice[sector(health.residents.bydel)]
    rates = [
        practice
        * by_age(p.legevakt)[state.whole_age]
        * np.exp(np.float32(p.legevakt_frailty) * np.clip(state.frailty, -2, 3))
        for state in lives.states[1:]
    ]
    person, day = _days(rng, lives, rates)
    lot = rng.random(len(person))
    contact = np.select([lot < 0.06, lot < 0.18], [HOME_VISIT, SIMPLE], CONSULTATION)
    diagnosis = _URGENT[rng.integers(0, len(_URGENT), len(person))]
    return _Contacts(person, day, LEGEVAKT, contact.astype(np.int8), diagnosis)


def _physiotherapy(rng: np.random.Generator, lives: Lives) -> _Contacts:
    """Courses of a dozen treatments, more common with age."""
    share, states = lives.health.parameters.physiotherapy, lives.states
    chance = np.minimum(share * states[1].age / 60, 2 * share)
    rates = [np.where(rng.random(len(chance)) < chance, 12.0, 0.0) for _ in states[1:]]
    person, day = _days(rng, lives, rates)
    codes = indices(("L03", "L84", "L92", "L91", "K90"), ICPC2)
    diagnosis = codes[rng.integers(0, len(codes), len(person))]
    contact = np.full(len(person), CONSULTATION, dtype=np.int8)
    return _Contacts(person, to_weekday(lives.window, day), PHYSIOTHERAPY, contact, diagnosis)


def _reason(rng: np.random.Generator, state: State, person: NDArray[np.int32]) -> NDArray[np.int16]:
    """A chronic condition half the time, for those who have one; else what is common at the age."""
    count = len(person)
    common = _COMMON[rng.integers(0, len(_COMMON), count)]
    young = _OF_CHILDREN[rng.integers(0, len(_OF_CHILDREN), count)]
    bit = nth_condition(state.conditions[person], rng.random(count))
    reason = np.where(state.age[person] < _ADULT, young, common)
    is_chronic = (bit >= 0) & (rng.random(count) < _SHARE_OF_CONDITIONS)
    return np.where(is_chronic, _CODE_OF_CONDITION[bit], reason).astype(np.int16)


def _around_hospital(rng: np.random.Generator, lives: Lives) -> list[_Contacts]:
    """Who sends a person to hospital, and the GP's follow-up that the hazards have counted on."""
    window, course = lives.window, lives.course
    p, e = lives.health.parameters, course.episodes
    acute = np.flatnonzero(~e.is_planned & (e.start >= 0))
    lot = rng.random(len(acute))
    day = (e.start[acute] // DAY).astype(np.int32)
    from_home = e.came_from[acute] == 1
    by_legevakt = (lot < p.legevakt_before_acute) & from_home
    by_gp = ~by_legevakt & (lot < p.legevakt_before_acute + p.gp_before_acute) & from_home
    sent = []
    for is_sent, service in ((by_legevakt, LEGEVAKT), (by_gp, GP)):
        who = e.person[acute[is_sent]]
        # A GP who sends a person in does so on a working day: others are left out.
        when = day[is_sent]
        if service == GP:
            works = to_weekday(window, when) == when
            who, when = who[works], when[works]
        contact = np.full(len(who), CONSULTATION, dtype=np.int8)
        diagnosis = _URGENT[rng.integers(0, len(_URGENT), len(who))]
        sent.append(_Contacts(who, when, service, contact, diagnosis))

    # A visit takes place unless the person is admitted again or dies before it.
    order = np.lexsort((e.start, e.person))
    following = np.full(len(e), np.inf)
    same = e.person[order[1:]] == e.person[order[:-1]]
    following[order[:-1]] = np.where(same, e.start[order[1:]], np.inf)
    takes_place = np.isfinite(e.follow_at) & (e.follow_at < following)
    takes_place &= e.follow_at < course.died[e.person]
    takes_place &= e.follow_at < course.long_stay_at[e.person]
    visits = np.flatnonzero(takes_place)
    who, day = e.person[visits], (e.follow_at[visits] // DAY).astype(np.int32)
    contact = np.where(rng.random(len(who)) < 0.06, HOME_VISIT, CONSULTATION).astype(np.int8)
    diagnosis = _FROM_HOSPITAL[rng.integers(0, len(_FROM_HOSPITAL), len(who))]
    return [*sent, _Contacts(who, day, GP, contact, diagnosis)]
