"""From episodes to hospital contacts with codes; outpatient and day contacts beside them."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import CONDITIONS, DRG, ICD10, NCSP, icd10, indices
from synthetic.events import DAY, Stays
from synthetic.model.catchment import Homes
from synthetic.model.causes import Cause
from synthetic.model.health import YEAR_SECONDS, Health, by_age
from synthetic.model.hospital import ACUTE, PLANNED, Episodes
from synthetic.model.lives import Lives
from synthetic.model.time import to_weekday

INPATIENT, DAY_CASE, OUTPATIENT, OUTPATIENT_WHILE_IN = 1, 2, 3, 8
SOMATIC, REHABILITATION = 4, 5
ALIVE, DEAD = 1, 2
HOME, OTHER_HOSPITAL = 1, 3
OTHER_DIAGNOSES, PROCEDURES = 4, 2

# One code a condition, in the order of CONDITIONS: what a coder adds to the main diagnosis.
_CODE_OF_CONDITION: Final = indices(
    ("I500", "J449", "E119", "F03", "I693", "Z858", "N183", "I489", "F329", "M819", "I259", "M069",
     "I10"), ICD10,
)  # fmt: skip
# What the frail are coded with beside their illnesses: delirium, falls, gait, care need.
_CODE_OF_FRAILTY: Final = indices(("F059", "R296", "R26", "Z740", "R54", "R32", "R410"), ICD10)
_LIVES_ALONE: Final = icd10("Z602")
_FRAIL = 1.5
_SHARE_CODED = 0.65

_SUBSETS = 2 ** len(CONDITIONS)


def _bits_in_order() -> NDArray[np.int8]:
    """Row s: the conditions of subset s from the lowest on, then -1."""
    table = np.full((_SUBSETS, len(CONDITIONS)), -1, dtype=np.int8)
    subsets = np.arange(_SUBSETS)
    count = np.zeros(_SUBSETS, dtype=np.int64)
    for bit in range(len(CONDITIONS)):
        chosen = subsets[(subsets >> bit) & 1 == 1]
        table[chosen, count[chosen]] = bit
        count[chosen] += 1
    return table


BITS_IN_ORDER: Final = _bits_in_order()


def nth_condition(conditions: NDArray[np.uint32], lot: NDArray[np.floating]) -> NDArray[np.int8]:
    """One of each person's conditions, all alike likely; -1 for those without."""
    count = np.bitwise_count(conditions).astype(np.int64)
    place = np.minimum((lot * count).astype(np.int64), len(CONDITIONS) - 1)
    return BITS_IN_ORDER[conditions, place]


class _Choice:
    """A table that turns (row, uniform number) into a code: row r is a list of (code, share)."""

    def __init__(self, rows: Sequence[Sequence[tuple[str, float]]], codes: Sequence[str]) -> None:
        self._longest = max(len(row) for row in rows)
        self._edges = np.ones((len(rows), self._longest))
        self._codes = np.full((len(rows), self._longest), -1, dtype=np.int16)
        for number, row in enumerate(rows):
            shares = np.cumsum([share for _, share in row])
            self._edges[number, : len(row)] = shares / shares[-1]
            self._codes[number] = codes.index(row[-1][0])
            self._codes[number, : len(row)] = [codes.index(code) for code, _ in row]

    def pick(self, row: NDArray[np.integer], lot: NDArray[np.floating]) -> NDArray[np.int16]:
        place = (lot[:, None] >= self._edges[row]).sum(axis=1)
        return self._codes[row, np.minimum(place, self._longest - 1)]


def inpatient_stays(
    rng: np.random.Generator, health: Health, episodes: Episodes, causes: Sequence[Cause]
) -> Stays:
    """One row an episode, two where it holds a transfer; in no order."""
    cause = episodes.cause
    main = _Choice([c.codes for c in causes], ICD10).pick(cause, episodes.code_draw)
    group = _Choice([c.drgs for c in causes], DRG).pick(cause, rng.random(len(cause)))
    other = _other_diagnoses(rng, health, episodes, main)
    procedures = _procedures(rng, episodes, causes)
    specialty = np.array([c.specialty for c in causes], dtype=np.int16)[cause]
    is_rehabilitation = np.array([c.name == "rehabilitation" for c in causes])[cause]
    sector = np.where(is_rehabilitation, REHABILITATION, SOMATIC).astype(np.int8)
    urgency = np.where(episodes.is_planned, PLANNED, ACUTE).astype(np.int8)
    alive = np.full(len(cause), ALIVE, dtype=np.int8)
    state = np.where(episodes.is_fatal, DEAD, ALIVE).astype(np.int8)
    whole = Stays(
        person=episodes.person,
        hospital=episodes.hospital,
        start=episodes.start.astype(np.int64),
        end=episodes.end.astype(np.int64),
        sector=sector,
        care_level=np.full(len(cause), INPATIENT, dtype=np.int8),
        urgency=urgency,
        state_in=alive,
        state=state,
        came_from=episodes.came_from,
        went_to=episodes.went_to,
        specialty=specialty,
        main_diagnosis=main,
        other_diagnoses=other,
        procedures=procedures,
        drg=group,
        ready_at=np.nan_to_num(episodes.ready_at, nan=-1).astype(np.int64),
        referral=np.full(len(cause), -1, dtype=np.int32),
    )
    return _split_transfers(whole, episodes)


def _split_transfers(whole: Stays, episodes: Episodes) -> Stays:
    is_moved = episodes.second_hospital >= 0
    moved, columns = episodes.take(is_moved), vars(whole.take(is_moved))
    count = len(moved)
    place = np.full(count, OTHER_HOSPITAL, dtype=np.int8)
    first = columns | {
        "end": moved.leaves.astype(np.int64),
        "went_to": place,
        "state": np.full(count, ALIVE, dtype=np.int8),
        "ready_at": np.full(count, -1, dtype=np.int64),
        "procedures": np.full((count, PROCEDURES), -1, dtype=np.int16),
    }
    arrives = moved.arrives.astype(np.int64)
    ready_at = columns["ready_at"]
    second = columns | {
        "start": arrives,
        "hospital": moved.second_hospital,
        "came_from": place,
        "ready_at": np.where(ready_at >= 0, np.maximum(ready_at, arrives), -1),
    }
    return Stays.join([whole.take(~is_moved), Stays(**first), Stays(**second)])


def _other_diagnoses(
    rng: np.random.Generator, health: Health, episodes: Episodes, main: NDArray[np.int16]
) -> NDArray[np.int16]:
    """Up to three of the person's conditions, coded at random, and one sign of frailty."""
    count = len(main)
    other = np.full((count, OTHER_DIAGNOSES), -1, dtype=np.int16)
    number = np.bitwise_count(episodes.conditions).astype(np.int64)
    turn = (rng.random(count) * np.maximum(number, 1)).astype(np.int64)
    filled = np.zeros(count, dtype=np.int64)
    for place in range(OTHER_DIAGNOSES - 1):
        bit = BITS_IN_ORDER[episodes.conditions, (turn + place) % np.maximum(number, 1)]
        code = _CODE_OF_CONDITION[bit]
        is_coded = (place < number) & (code != main) & (rng.random(count) < _SHARE_CODED)
        row = np.flatnonzero(is_coded)
        other[row, filled[row]] = code[row]
        filled[row] += 1
    sign = _CODE_OF_FRAILTY[rng.integers(0, len(_CODE_OF_FRAILTY), count)]
    lives_alone = health.residents.lives_alone[episodes.person]
    sign = np.where(lives_alone & (rng.random(count) < 0.3), _LIVES_ALONE, sign)
    lot = rng.random(count) * 4
    row = np.flatnonzero((episodes.frailty - _FRAIL > lot - 1) & (sign != main))
    other[row, filled[row]] = sign[row]
    return other


def _procedures(
    rng: np.random.Generator, episodes: Episodes, causes: Sequence[Cause]
) -> NDArray[np.int16]:
    """The surgical causes' procedures: one for most stays, a second now and then."""
    longest = max(len(c.procedures) for c in causes)
    table = np.full((len(causes), longest), -1, dtype=np.int16)
    for number, cause in enumerate(causes):
        if cause.procedures:
            table[number] = np.resize(indices(cause.procedures, NCSP), longest)
    count = len(episodes)
    first = table[episodes.cause, rng.integers(0, longest, count)]
    second = table[episodes.cause, rng.integers(0, longest, count)]
    first = np.where(rng.random(count) < 0.8, first, -1)
    second = np.where((rng.random(count) < 0.1) & (second != first) & (first >= 0), second, -1)
    return np.stack([first, second], axis=1).astype(np.int16)


# --- outpatient and day contacts ------------------------------------------------------------------

# Diagnosis, specialty, DRG and share of what hospitals see outside the wards; by age.
_CLINICS: Final = (
    # code, specialty, drg, share under 18, 18-66, 67+, is a day case
    ("Z092", 110, "923O", 0.15, 0.16, 0.12, False),
    ("Z039", 110, "908U", 0.15, 0.12, 0.06, False),
    ("M179", 50, "908U", 0.06, 0.12, 0.10, False),
    ("H353", 999, "902X", 0.02, 0.03, 0.17, False),
    ("H409", 999, "902X", 0.02, 0.03, 0.09, False),
    ("L409", 999, "901A", 0.05, 0.06, 0.05, False),
    ("Z348", 999, "914O", 0.0, 0.12, 0.0, False),
    ("C509", 110, "910A", 0.01, 0.08, 0.08, False),
    ("I480", 150, "905A", 0.01, 0.05, 0.10, False),
    ("J449", 170, "904A", 0.0, 0.03, 0.05, False),
    ("E119", 110, "906A", 0.03, 0.04, 0.04, False),
    ("J459", 999, "904A", 0.30, 0.02, 0.0, False),
    ("S525", 50, "908U", 0.15, 0.05, 0.04, False),
    ("H251", 999, "39O", 0.0, 0.01, 0.05, True),
    ("Z491", 110, "317O", 0.0, 0.03, 0.03, True),
    ("Z512", 110, "856O", 0.02, 0.04, 0.06, True),
    ("K409", 10, "162O", 0.03, 0.02, 0.01, True),
)
_SHARE_ACUTE_OUTPATIENT, _SHARE_AWAY = 0.06, 0.12
_DIAGNOSES, _SPECIALTIES, _GROUPS, *_SHARES, _DAY_CASES = zip(*_CLINICS, strict=True)
_MAIN_DIAGNOSIS: Final = indices(_DIAGNOSES, ICD10)
_SPECIALTY: Final = np.array(_SPECIALTIES, dtype=np.int16)
_GROUP: Final = indices(_GROUPS, DRG)
_IS_DAY_CASE: Final = np.array(_DAY_CASES)
_PLACES: Final = 2**16


def _clinic_of_place() -> NDArray[np.int8]:
    """By age group: the row of _CLINICS of each of 65 536 places, in proportion to the shares."""
    ends = np.cumsum(np.array(_SHARES, dtype=np.float64), axis=1)
    places = np.rint(ends / ends[:, -1:] * _PLACES).astype(np.int64)
    count = np.diff(places, axis=1, prepend=0)
    rows = np.arange(len(_CLINICS), dtype=np.int8)
    return np.concatenate([np.repeat(rows, of_group) for of_group in count])


_CLINIC_OF_PLACE: Final = _clinic_of_place()
_PERSON_AT, _DAY_AT = 26, 11  # the first bit of each in a visit on its way; minutes from 0


_Possible = Callable[[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]


def outpatient_stays(
    rng: np.random.Generator, lives: Lives, hospitals: int, possible: _Possible
) -> Stays:
    """Poisson contacts in the window: age, conditions and a person's own level; by person and time.

    possible: of persons, starts and ends, which contacts can take place.
    """
    person, start = _visits(rng, lives)
    clinic = _clinics(rng, lives, person, start)
    count = len(person)
    is_day_case = _IS_DAY_CASE[clinic]
    lot = rng.random(count, dtype=np.float32)
    minutes = np.where(is_day_case, 180 + 240 * lot, 15 + 75 * lot)
    end = start + minutes.astype(np.int64) * 60
    kept = np.flatnonzero(possible(person, start, end))
    person, start, end = person[kept], start[kept], end[kept]
    return _coded(rng, lives, hospitals, clinic[kept], person=person, start=start, end=end)


def _visits(rng: np.random.Generator, lives: Lives) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Who comes and when, second of the window; in order."""
    health, states, calendar, window = lives.health, lives.states, lives.calendar, lives.window
    p = health.parameters
    own = rng.standard_normal(len(health), dtype=np.float32)
    habit = np.exp(p.outpatient_spread * own - p.outpatient_spread**2 / 2)
    people, when = [], []
    for year in range(1, calendar.years):
        state, length = states[year], calendar.edges[year + 1] - calendar.edges[year]
        rate = by_age(p.outpatient)[state.whole_age] * habit * np.float32(length / YEAR_SECONDS)
        rate *= np.exp(np.float32(p.outpatient_condition) * state.number_of_conditions)
        people.append(np.repeat(np.arange(len(health), dtype=np.int32), rng.poisson(rate)))
        first, days = int(calendar.edges[year] // DAY), int(length // DAY)
        when.append(rng.integers(first, first + days, len(people[-1]), dtype=np.int32))
    person, day = np.concatenate(people), to_weekday(window, np.concatenate(when))
    minute = rng.integers(8 * 60, 15 * 60, len(person), dtype=np.int32)
    # Person, day and minute as one integer: to sort the integers sorts the visits.
    visits = person.astype(np.int64) << _PERSON_AT
    visits |= (day << _DAY_AT) | minute
    visits.sort()
    person = (visits >> _PERSON_AT).astype(np.int32)
    day_and_minute = visits.astype(np.int32) & (2**_PERSON_AT - 1)
    start = (day_and_minute >> _DAY_AT).astype(np.int64) * DAY
    start += (day_and_minute & (2**_DAY_AT - 1)) * 60
    is_born = start >= health.born_at[person]
    return person[is_born], start[is_born]


def _clinics(
    rng: np.random.Generator, lives: Lives, person: NDArray[np.int32], start: NDArray[np.int64]
) -> NDArray[np.int8]:
    """The row of _CLINICS of each contact, by age."""
    born_at = lives.health.born_at[person]
    place = rng.integers(0, _PLACES, len(person), dtype=np.int32)
    for age in (18, 67):
        place += (start >= born_at + int(age * YEAR_SECONDS)) * np.int32(_PLACES)
    return _CLINIC_OF_PLACE[place]


def _coded(
    rng: np.random.Generator,
    lives: Lives,
    hospitals: int,
    clinic: NDArray[np.int8],
    *,
    person: NDArray[np.int32],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
) -> Stays:
    health, conditions = lives.health, lives.states[1].conditions
    count = len(person)
    home = Homes(hospitals, lives.window.first_day).at(health.residents.bydel[person], start)
    lot = rng.random(count, dtype=np.float32)
    away = np.flatnonzero(lot < _SHARE_AWAY)
    hospital = home.astype(np.int8)
    elsewhere = (lot[away] * np.float32(hospitals / _SHARE_AWAY)).astype(np.int8)
    hospital[away] = np.minimum(elsewhere, hospitals - 1)
    acute = ~_IS_DAY_CASE[clinic] & (rng.random(count, dtype=np.float32) < _SHARE_ACUTE_OUTPATIENT)
    main = _MAIN_DIAGNOSIS[clinic]
    one = np.ones(count, dtype=np.int8)
    return Stays(
        person=person,
        hospital=hospital,
        start=start,
        end=end,
        sector=one * np.int8(SOMATIC),
        care_level=np.where(_IS_DAY_CASE, np.int8(DAY_CASE), np.int8(OUTPATIENT))[clinic],
        urgency=np.where(acute, np.int8(ACUTE), np.int8(PLANNED)),
        state_in=one,
        state=one,
        came_from=one,
        went_to=one,
        specialty=_SPECIALTY[clinic],
        main_diagnosis=main,
        other_diagnoses=_one_condition(rng, conditions[person], main),
        procedures=np.full((count, PROCEDURES), -1, dtype=np.int16),
        drg=_GROUP[clinic],
        ready_at=np.full(count, -1, dtype=np.int64),
        referral=np.full(count, -1, dtype=np.int32),
    )


def _one_condition(
    rng: np.random.Generator, conditions: NDArray[np.uint32], main: NDArray[np.int16]
) -> NDArray[np.int16]:
    """One of the conditions at one contact in five."""
    count = len(conditions)
    other = np.full((count, OTHER_DIAGNOSES), -1, dtype=np.int16)
    chosen = np.flatnonzero((conditions > 0) & (rng.random(count, dtype=np.float32) < 0.2))
    code = _CODE_OF_CONDITION[nth_condition(conditions[chosen], rng.random(len(chosen)))]
    other[chosen, 0] = np.where(code != main[chosen], code, -1)
    return other
