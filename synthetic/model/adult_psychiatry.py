"""Adults with severe mental illness or a substance use disorder: stays and contacts in VOP and TSB.

No published table of Oslo was found for them, so nothing here is fitted: the coefficients are
assumptions of the usual order of size, there so that every indicator of these patients has
something to count and readmission has a cause. Who is ill is drawn once, by age and group. Of an
ill person, in days t after the last discharge (or since long before the window),

  admission         hazard = rate of the group · exp(own spread) · (surge while t < 30, else 1)
  length of stay    lognormal
  outpatient        Poisson a year, on weekdays, while not in a ward
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic import codes
from synthetic.events import DAY, People, Stays, Window
from synthetic.model.catchment import home_hospitals
from synthetic.model.time import Intervals

TSB: Final = 1
VOP: Final = 2
TSB_SPECIALTY: Final = 360
VOP_SPECIALTY: Final = 320

GROUPS: Final = ("psychosis", "bipolar", "severe_depression", "substance_use")
GROUP_CODES: Final = (
    ("F200", "F209", "F29"),
    ("F312", "F319"),
    ("F322",),
    ("F102", "F112", "F192"),
)
_SUBSTANCE: Final = GROUPS.index("substance_use")

_ADULT = 18
_OLD = 67
_YEAR = 365.2425
_SURGE_DAYS = 30
_RUN_IN_DAYS = 400
_MOST_STAYS = 60
_BEFORE_2026: Final = np.datetime64("2025-12-31")
"""Psychiatry follows the sectors of 2025: that of Alna stays with Akershus [S]."""

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class AdultPsychiatryParameters:
    """By group: index as GROUPS. All are own assumptions [B]; rates are a person-year.

    ill: share of those aged 18-66. of_old: factor on it from 67 up. acute: acute admissions.
    """

    ill: tuple[float, ...] = (0.006, 0.0035, 0.005, 0.008)
    of_old: tuple[float, ...] = (0.6, 0.6, 0.7, 0.3)
    admitted: tuple[float, ...] = (0.45, 0.3, 0.3, 0.35)
    spread: float = 0.6  # of a person's own rate, log standard deviation
    surge: float = 3.0  # factor on the hazard in the first 30 days after discharge
    days: tuple[float, ...] = (14.0, 12.0, 11.0, 5.0)  # median stay
    days_spread: float = 0.8
    planned: tuple[float, ...] = (0.1, 0.1, 0.15, 0.4)  # share of admissions
    day_care: tuple[float, ...] = (0.6, 0.4, 0.6, 0.2)  # contacts a year
    outpatient: tuple[float, ...] = (14.0, 8.0, 10.0, 12.0)  # contacts a year


def without_effects(parameters: AdultPsychiatryParameters) -> AdultPsychiatryParameters:
    """Every causal effect set to nothing, intercepts, means and spreads kept."""
    return replace(parameters, of_old=(1.0,) * len(GROUPS), surge=1.0)


@dataclass(frozen=True)
class _Patients:
    """person: into People. group: index as GROUPS. rate: of admission, a year."""

    person: NDArray[np.int64]
    group: NDArray[np.int64]
    rate: Floats


def draw_adult_psychiatry(
    rng: np.random.Generator,
    people: People,
    window: Window,
    hospitals: int,
    parameters: AdultPsychiatryParameters,
) -> Stays:
    """Stays and contacts that end in the window, ordered by person and time.

    A person is in one group at most. Contacts of a person do not overlap a stay of theirs here.
    """
    patients = _patients(rng, people, window, parameters)
    hospital = home_hospitals(hospitals, _BEFORE_2026)[people.bydel]
    who, start, end = _wards(rng, patients, window, parameters)
    is_planned = rng.random(len(who)) < np.array(parameters.planned)[patients.group[who]]
    # A code is a person's own and stays the same.
    luck = rng.random(len(patients.person)) ** 2
    parts = [_stays(patients, luck, hospital, who, start, end, 1, np.where(is_planned, 4, 1))]
    in_ward = Intervals(who, start, end)
    for level, a_year in ((2, parameters.day_care), (3, parameters.outpatient)):
        who, start, end = _contacts(rng, patients, window, np.array(a_year))
        free = ~in_ward.cover(who, start, end)
        urgency = np.full(free.sum(), 4)
        parts.append(
            _stays(patients, luck, hospital, who[free], start[free], end[free], level, urgency)
        )
    found = Stays.join(parts)
    found = found.take((found.end >= 0) & (found.end < window.seconds))
    return found.take(np.lexsort((found.start, found.person)))


def _patients(
    rng: np.random.Generator,
    people: People,
    window: Window,
    parameters: AdultPsychiatryParameters,
) -> _Patients:
    # As the window begins: who turns 18 in it is still a child's patient.
    age = (window.first_day - people.born).astype(np.int64) / _YEAR
    by_age = np.where(age[:, None] >= _OLD, np.array(parameters.of_old), 1.0)
    share = np.cumsum(by_age * np.array(parameters.ill), axis=1)
    group = (rng.random(len(people))[:, None] >= share).sum(axis=1)
    person = np.flatnonzero((group < len(GROUPS)) & (age >= _ADULT))
    group = group[person]
    own = parameters.spread * rng.standard_normal(len(person)) - parameters.spread**2 / 2
    return _Patients(person, group, np.array(parameters.admitted)[group] * np.exp(own))


Spans = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""(index into the patients, first second, last second)."""


def _wards(
    rng: np.random.Generator,
    patients: _Patients,
    window: Window,
    parameters: AdultPsychiatryParameters,
) -> Spans:
    """Stay after stay of every patient, until each is past the window."""
    who = np.arange(len(patients.person))
    free_from = np.full(len(who), -_RUN_IN_DAYS, dtype=np.float64)
    since_discharge = np.full(len(who), False)
    none = np.zeros(0, dtype=np.int64)
    persons, starts, ends = [none], [none], [none]
    # A person whose rate is far out in the tail stops here: nobody lives in a ward.
    for _ in range(_MOST_STAYS):
        rate = patients.rate[who] / _YEAR
        surged = np.where(since_discharge, parameters.surge, 1.0)
        luck = rng.exponential(1, len(who))
        early = luck / (rate * surged)
        late = _SURGE_DAYS + (luck - rate * surged * _SURGE_DAYS) / rate
        begins = free_from + np.where(early < _SURGE_DAYS, early, late)
        median = np.array(parameters.days)[patients.group[who]]
        length = median * np.exp(parameters.days_spread * rng.standard_normal(len(who)))
        is_in_time = begins < window.days
        who, begins, length = who[is_in_time], begins[is_in_time], length[is_in_time]
        if not len(who):
            break
        start = (begins * DAY).astype(np.int64)
        end = ((begins + np.clip(length, 0.5, 200)) * DAY).astype(np.int64)
        persons.append(who)
        starts.append(start)
        ends.append(end)
        free_from, since_discharge = end / DAY + 0.5, np.full(len(who), True)
    return np.concatenate(persons), np.concatenate(starts), np.concatenate(ends)


def _contacts(
    rng: np.random.Generator, patients: _Patients, window: Window, a_year: Floats
) -> Spans:
    """Contacts of an hour or so in office hours, Monday to Friday."""
    count = rng.poisson(a_year[patients.group] * window.days / _YEAR)
    who = np.repeat(np.arange(len(count)), count)
    day = rng.integers(0, window.days, len(who))
    # 1 January 1970 was a Thursday; Monday is 0.
    weekday = (window.first_day.astype("datetime64[D]").astype(np.int64) + day + 3) % 7
    start = day * DAY + rng.integers(8 * 60, 15 * 60, len(who)) * 60
    end = start + rng.integers(30, 100, len(who)) * 60
    is_open = weekday < 5
    return who[is_open], start[is_open], end[is_open]


def _stays(  # noqa: PLR0917 - the columns of one kind of contact
    patients: _Patients,
    luck: Floats,
    hospital: NDArray[np.int8],
    who: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    care_level: int,
    urgency: NDArray[np.integer],
) -> Stays:
    group, person = patients.group[who], patients.person[who]
    width = np.array([len(of_group) for of_group in GROUP_CODES])[group]
    is_addiction = group == _SUBSTANCE
    n = len(who)
    ones = np.ones(n, dtype=np.int8)
    return Stays(
        person=person.astype(np.int32),
        hospital=hospital[person],
        start=start,
        end=end,
        sector=np.where(is_addiction, TSB, VOP).astype(np.int8),
        care_level=np.full(n, care_level, dtype=np.int8),
        urgency=urgency.astype(np.int8),
        state_in=ones,
        state=ones,
        came_from=ones,
        went_to=ones,
        specialty=np.where(is_addiction, TSB_SPECIALTY, VOP_SPECIALTY).astype(np.int16),
        main_diagnosis=_CODE_TABLE[group, (luck[who] * width).astype(np.int64)],
        other_diagnoses=np.full((n, 4), -1, dtype=np.int16),
        procedures=np.full((n, 2), -1, dtype=np.int16),
        drg=np.full(n, -1, dtype=np.int16),
        ready_at=np.full(n, -1, dtype=np.int64),
        referral=np.full(n, -1, dtype=np.int32),
    )


def _code_table() -> NDArray[np.int16]:
    table = np.full((len(GROUPS), max(map(len, GROUP_CODES))), -1, dtype=np.int16)
    for group, own in enumerate(GROUP_CODES):
        table[group, : len(own)] = [codes.icd10(code) for code in own]
    return table


_CODE_TABLE: Final = _code_table()
