"""Contacts claimed from KUHR: GP, legevakt, physiotherapy, and GP follow-up after a discharge."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import ICPC2, indices
from synthetic.events import DAY, NEVER, Claims
from synthetic.model.catchment import sector
from synthetic.model.contacts import nth_condition
from synthetic.model.discharge import FOLLOWED_DAYS
from synthetic.model.draws import rare
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
_PLACES = 15  # bits that choose a code: 32 768 places, so that shares are right to 0.1 %


# A claim on its way is one integer, so that sorting the integers sorts the claims: person, day,
# service, contact and diagnosis from the highest bits to the lowest.
_SERVICE_AT, _CONTACT_AT, _DAY_AT, _PERSON_AT = 13, 10, 15, 31
_Packed = NDArray[np.int64]


def _packed(
    person: NDArray[np.int32],
    day: NDArray[np.int32],
    service: int,
    contact: NDArray[np.int8],
    diagnosis: NDArray[np.int16],
) -> _Packed:
    """day: from 0 on."""
    packed = person.astype(np.int64) << _PERSON_AT
    packed |= day.astype(np.int64) << _DAY_AT
    packed |= (contact.astype(np.int16) << _CONTACT_AT) | diagnosis
    packed |= service << _SERVICE_AT
    return packed


def _unpacked(packed: _Packed) -> Claims:
    low = packed.astype(np.int16)  # the bits below the day's
    return Claims(
        person=(packed >> _PERSON_AT).astype(np.int32),
        day=(packed >> _DAY_AT).astype(np.int32) & (2 ** (_PERSON_AT - _DAY_AT) - 1),
        service_type=(low >> _SERVICE_AT).astype(np.int8) & np.int8(3),
        contact_type=(low >> _CONTACT_AT).astype(np.int8) & np.int8(7),
        diagnosis=low & np.int16(2**_CONTACT_AT - 1),
    )


def draw_claims(rng: np.random.Generator, lives: Lives) -> Claims:
    """Claims of the window, ordered by person and day.

    No GP is seen in hospital, KAD or a municipal institution. In the month after a discharge from
    hospital the GP is met through the follow-up equation alone: so what the register shows is what
    the hazards knew.
    """
    possible = _Possible(lives)
    gp_rates = _gp_rates(lives)
    claims = [
        _gp(rng, possible, gp_rates),
        _simple(rng, possible, gp_rates),
        _legevakt(rng, possible),
        _physiotherapy(rng, possible),
        *_around_hospital(rng, possible),
    ]
    return _unpacked(np.sort(np.concatenate(claims)))


class _Possible:
    """When a person of a shard may meet anybody of primary care."""

    def __init__(self, lives: Lives) -> None:
        self.lives = lives
        self._away = _away(lives.course)
        self._away_or_followed = _away(lives.course, FOLLOWED_DAYS * DAY)
        residents, days = lives.health.residents, lives.window.days
        dies_on = (np.minimum(lives.course.died, lives.window.seconds) // DAY).astype(np.int32)
        born_on = (-(-(lives.health.born_at - DAY // 2) // DAY)).astype(np.int32)
        self._first_day = np.maximum(np.maximum(born_on, residents.moves_in), 0)
        self._last_day = np.minimum(np.minimum(dies_on, residents.moves_out - 1), days - 1)

    def alive(self, person: NDArray[np.int32], day: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Inside the window, resident, and in life at noon or on the day of death."""
        return (day >= self._first_day[person]) & (day <= self._last_day[person])

    def at_home(
        self,
        person: NDArray[np.int32],
        day: NDArray[np.int32],
        *,
        is_followed_up: bool = True,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The contacts of those alive and at home; not `is_followed_up`: and not in the month after
        a discharge.
        """
        kept = np.flatnonzero(self.alive(person, day))
        person, day = person[kept], day[kept]
        times = self._away if is_followed_up else self._away_or_followed
        is_free = ~times.cover(person, day * np.int64(DAY) + DAY // 2)
        return person[is_free], day[is_free]


def _away(course: Course, afterwards: int = 0) -> Intervals:
    """When each person is in hospital, KAD, a short-term stay or a nursing home.

    afterwards: seconds that count with a stay in hospital.
    """
    e, kad = course.episodes, course.kad
    short = e.take(e.short_stay_days > 0)
    resident = np.flatnonzero(np.isfinite(course.long_stay_at))
    for_good = np.full(len(resident), float(NEVER))
    return Intervals(
        np.concatenate([e.person, kad.person, short.person, resident]),
        np.concatenate([e.start, kad.start, short.end, course.long_stay_at[resident]]),
        np.concatenate(
            [e.end + afterwards, kad.end, short.end + short.short_stay_days * DAY, for_good]
        ),
    )


def _days(
    rng: np.random.Generator,
    lives: Lives,
    rates: Sequence[NDArray[np.floating]],
    *,
    are_rare: bool = False,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Poisson contacts: person and day; rates: a person-year, one array a year of the window.

    are_rare: far less than one a person in all.
    """
    edges = lives.calendar.edges
    people, days = [], []
    for year, rate in enumerate(rates, start=1):
        length = edges[year + 1] - edges[year]
        mean = rate * np.float32(length / YEAR_SECONDS)
        if are_rare:
            person = rare(rng, mean).astype(np.int32)
        else:
            person = np.repeat(np.arange(len(mean), dtype=np.int32), rng.poisson(mean))
        people.append(person)
        first, count = int(edges[year] // DAY), int(length // DAY)
        days.append(rng.integers(first, first + count, len(person), dtype=np.int32))
    return np.concatenate(people), np.concatenate(days)


def _habit(rng: np.random.Generator, health: Health) -> NDArray[np.float32]:
    spread = np.float32(health.parameters.gp_spread)
    return np.exp(spread * rng.standard_normal(len(health), dtype=np.float32) - spread**2 / 2)


def _gp_rates(lives: Lives) -> list[NDArray[np.float32]]:
    """Consultations a person-year of somebody of usual habits, one array a year of the window."""
    health, p = lives.health, lives.health.parameters
    usual = np.exp(np.float32(p.gp_female) * health.residents.is_female)
    usual *= np.exp(np.array(p.gp_sector, dtype=np.float32))[sector(health.residents.bydel)]
    rates = []
    for state in lives.states[1:]:
        effect = np.float32(p.gp_frailty) * np.clip(state.frailty, -2, 3)
        effect += np.float32(p.gp_condition) * state.number_of_conditions
        rates.append(by_age(p.gp)[state.whole_age] * usual * np.exp(effect))
    return rates


def _gp(
    rng: np.random.Generator, possible: _Possible, rates: Sequence[NDArray[np.float32]]
) -> _Packed:
    lives = possible.lives
    habit = _habit(rng, lives.health)
    person, day = _days(rng, lives, [rate * habit for rate in rates])
    day = to_weekday(lives.window, day)
    person, day = possible.at_home(person, day, is_followed_up=False)
    state = lives.states[1]
    at_home = np.where(state.age >= 80, np.float32(0.05), np.float32(0.003))
    visited = rng.random(len(person), dtype=np.float32) < at_home[person]
    contact = np.where(visited, np.int8(HOME_VISIT), np.int8(CONSULTATION))
    return _packed(person, day, GP, contact, _reason(rng, state, person))


def _simple(
    rng: np.random.Generator, possible: _Possible, rates: Sequence[NDArray[np.float32]]
) -> _Packed:
    """Prescriptions, telephone calls, and now and then a meeting with others."""
    lives = possible.lives
    habit = np.float32(lives.health.parameters.gp_simple) * _habit(rng, lives.health)
    person, day = _days(rng, lives, [rate * habit for rate in rates])
    person, day = possible.at_home(person, to_weekday(lives.window, day))
    contact = _share_out(rng, len(person), (0.03, 0.08), (INTERDISCIPLINARY, ANOTHER, SIMPLE))
    return _packed(person, day, GP, contact, _reason(rng, lives.states[1], person))


def _legevakt(rng: np.random.Generator, possible: _Possible) -> _Packed:
    health, p = possible.lives.health, possible.lives.health.parameters
    practice = np.exp(np.array(p.legevakt_sector, dtype=np.float32))
    practice = practice[sector(health.residents.bydel)]
    rates = [
        practice
        * by_age(p.legevakt)[state.whole_age]
        * np.exp(np.float32(p.legevakt_frailty) * np.clip(state.frailty, -2, 3))
        for state in possible.lives.states[1:]
    ]
    person, day = possible.at_home(*_days(rng, possible.lives, rates, are_rare=True))
    contact = _share_out(rng, len(person), (0.06, 0.18), (HOME_VISIT, SIMPLE, CONSULTATION))
    return _packed(person, day, LEGEVAKT, contact, _any_of(rng, _URGENT, len(person)))


def _physiotherapy(rng: np.random.Generator, possible: _Possible) -> _Packed:
    """Courses of a dozen treatments, more common with age."""
    lives = possible.lives
    share, states = lives.health.parameters.physiotherapy, lives.states
    chance = np.minimum(share * states[1].age / 60, 2 * share)
    rates = [np.where(rng.random(len(chance)) < chance, 12.0, 0.0) for _ in states[1:]]
    person, day = _days(rng, lives, rates, are_rare=True)
    person, day = possible.at_home(person, to_weekday(lives.window, day))
    codes = indices(("L03", "L84", "L92", "L91", "K90"), ICPC2)
    contact = np.full(len(person), CONSULTATION, dtype=np.int8)
    return _packed(person, day, PHYSIOTHERAPY, contact, _any_of(rng, codes, len(person)))


def _share_out(
    rng: np.random.Generator, count: int, edges: tuple[float, float], kinds: tuple[int, int, int]
) -> NDArray[np.int8]:
    """One of three kinds each; edges: the share of the first, and of the first two."""
    lot = rng.random(count, dtype=np.float32)
    number = (lot >= np.float32(edges[0])).astype(np.int8) + (lot >= np.float32(edges[1]))
    return np.array(kinds, dtype=np.int8)[number]


def _any_of(rng: np.random.Generator, codes: NDArray[np.int16], count: int) -> NDArray[np.int16]:
    return codes[rng.integers(0, len(codes), count, dtype=np.int16)]


def _reason(rng: np.random.Generator, state: State, person: NDArray[np.int32]) -> NDArray[np.int16]:
    """A chronic condition half the time, for those who have one; else what is common at the age.

    One random number each: its highest bit whether a condition, the rest which code.
    """
    draw = rng.integers(0, 2**16, len(person), dtype=np.uint16)
    place = draw & np.uint16(2**_PLACES - 1)
    is_ill, is_young = state.conditions > 0, state.age < _ADULT
    reason = _COMMON[_scaled(place, len(_COMMON))]
    young = np.flatnonzero(is_young[person])
    reason[young] = _OF_CHILDREN[_scaled(place[young], len(_OF_CHILDREN))]
    chronic = np.flatnonzero(is_ill[person] & (draw >> _PLACES).astype(np.bool_))
    lot = place[chronic] * np.float32(2.0**-_PLACES)
    reason[chronic] = _CODE_OF_CONDITION[nth_condition(state.conditions[person[chronic]], lot)]
    return reason


def _scaled(place: NDArray[np.uint16], count: int) -> NDArray[np.uint32]:
    """A place among 2^_PLACES as one among `count`."""
    return (place * np.uint32(count)) >> np.uint32(_PLACES)


def _around_hospital(rng: np.random.Generator, possible: _Possible) -> list[_Packed]:
    """Who sends a person to hospital, and the GP's follow-up that the hazards have counted on."""
    lives = possible.lives
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
        lives_then = possible.alive(who, when)
        who, when = who[lives_then], when[lives_then]
        contact = np.full(len(who), CONSULTATION, dtype=np.int8)
        sent.append(_packed(who, when, service, contact, _any_of(rng, _URGENT, len(who))))

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
    lives_then = possible.alive(who, day)
    who, day = who[lives_then], day[lives_then]
    contact = np.where(rng.random(len(who)) < 0.06, HOME_VISIT, CONSULTATION).astype(np.int8)
    diagnosis = _any_of(rng, _FROM_HOSPITAL, len(who))
    return [*sent, _packed(who, day, GP, contact, diagnosis)]
