"""Psychiatry: children and young people referred to BUP, and young adults with ADHD in VOP.

A child's latent need drives both how often the child is referred and how severe each referral is.
The sector's BUP accepts a referral whose severity reaches its threshold; nobody draws a rejection.
An accepted child waits (shorter when more severe), is assessed under a symptom diagnosis, and then
leaves or is treated under a diagnosis group. Courses that began up to `_RUN_IN` years before the
window are drawn too, so that the first year has its patients from the start.

In a year t, with n the child's need (standard normal, kept for life):
  referrals         Poisson, log rate = referral + age and sex + bydel + growth (t - 2022) + pull n
  severity          bydel's severity + share (n - pull) + sqrt(1 - share^2) e,   e standard normal
  accepted          severity >= threshold + the sector's strictness
  diagnosis group   softmax over eight groups (staying with a symptom diagnosis is the reference)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic import codes
from synthetic.events import DAY, NO_DAY, People, Referrals, Stays, Window
from synthetic.model.catchment import home_hospitals, sector
from synthetic.model.draws import rare

BUP: Final = 3
VOP: Final = 2
BUP_SPECIALTY: Final = 310
VOP_SPECIALTY: Final = 320
BASE_YEAR: Final = 2022

_SECTOR_OF_BYDEL: Final = sector(np.arange(len(codes.BYDELER)))
_BEFORE_2026: Final = np.datetime64("2025-12-31")
"""Psychiatry follows the sectors of 2025: that of Alna stays with Akershus [S]."""

GROUPS: Final = (
    "Symptomdiagnoser",
    "ADHD",
    "Alvorlige psykiske lidelser",
    "Angst",
    "Annet",
    "Belastningslidelser",
    "Depresjon",
    "Spiseforstyrrelser",
)
GROUP_CODES: Final = (
    ("Z032", "Z004", "R458", "Z038", "R451", "Z133", "R454"),
    ("F900", "F901", "F908"),
    ("F29", "F312", "F200", "F319"),
    ("F411", "F401", "F410", "F429", "F419", "F422"),
    ("F845", "F840", "F952", "F913", "F929", "F988", "F801", "F813"),
    ("F431", "F432", "F430"),
    ("F321", "F320", "F322", "F330"),
    ("F500", "F509", "F502"),
)
"""ICD-10 codes drawn for each of GROUPS. The source names the groups, not their codes [B]."""

Floats = NDArray[np.floating]

_RUN_IN = 9
_AGE_BANDS = (6, 10, 13, 16)  # 0-5, 6-9, 10-12, 13-15, 16-17
_TEEN = 13
_ADULT_AGES = (18, 26)  # of ADHD in VOP
_YEAR = 365.2425
_SYMPTOM, _ADHD = 0, 1


@dataclass(frozen=True)
class PsychiatryParameters:
    """Coefficients on the log or standard normal scale, rates a person-year.

    By bydel: index 0..14 as `codes.BYDELER`. By sector: as `catchment.sector`. By group: index as
    GROUPS, the reference first. Fitted
    [F] means moved until a run gave the published tables of 2022 (Oslo, BUP and ADHD tables); [B]
    is our own assumption. Growth is the published change from 2018 to 2022 and is taken to go on
    until `growth_until` [B].
    """

    # Referral to BUP.
    referral: float = -3.44  # [F]
    referral_by_age: tuple[tuple[float, ...], tuple[float, ...]] = (  # [B] boys, girls
        (-0.95, 0.30, 0.25, 0.05, 0.00),
        (-1.45, -0.25, 0.10, 0.65, 0.70),
    )
    referral_by_bydel: tuple[float, ...] = (  # [F]
        -0.103, -0.102, 0.177, -0.053, 0.285, 0.099, -0.123, -0.061,
        -0.099, 0.168, -0.335, -0.132, 0.026, 0.161, -0.038,
    )  # fmt: skip
    referral_growth: float = 0.0715  # [F]
    need_pull: float = 0.5  # [B]
    growth_until: int = 2027  # [B]

    # Severity of a referral and what a sector accepts.
    need_share: float = 0.6  # [B] correlation of severity with need
    severity_by_bydel: tuple[float, ...] = (  # [F]
        -0.01, 0.051, 0.213, -0.069, -0.115, 0.178, -0.045, 0.382,
        0.315, -0.477, 0.146, 0.25, -0.101, -0.201, -0.386,
    )  # fmt: skip
    threshold: float = -1.174  # [F]
    strictness_by_sector: tuple[float, ...] = (
        0.363,
        -0.04,
        0.176,
        -0.499,
    )  # [F] above the threshold
    reviewed_days: float = 6.0  # [B] mean from receipt to assessment, at most `reviewed_at_most`
    reviewed_at_most: int = 14
    waiting_days: float = 42.0  # [B] median from assessment to first contact
    waiting_spread: float = 0.5
    waiting_by_severity: float = -0.25  # [B]

    # Course.
    assessment_years: float = 0.59  # [F] mean
    group_base: tuple[float, ...] = (0.0, -0.11, -5.6, -1.43, 0.204, -1.68, -3.06, -4.37)  # [F]
    group_growth: tuple[float, ...] = (
        0.0,
        -0.008,
        -0.12,
        -0.08,
        -0.138,
        -0.144,
        -0.09,
        0.022,
    )  # [F]
    group_by_girl: tuple[float, ...] = (0.0, -0.5, 0.0, 0.2, -0.5, 0.3, 0.3, 1.5)  # [B]
    group_by_teen: tuple[float, ...] = (0.0, -0.3, 1.8, 0.5, -0.7, -0.2, 2.0, 1.5)  # [B]
    group_by_severity: tuple[float, ...] = (0.0, -0.1, 1.2, 0.1, 0.1, 0.3, 0.5, 0.8)  # [B]
    adhd_by_bydel: tuple[float, ...] = (  # [F]
        -0.128, 0.013, -0.124, -0.415, -0.625, -0.148, -0.237, 0.236,
        0.324, -1.117, -0.606, 0.28, 0.06, 0.187, 0.152,
    )  # fmt: skip
    treatment_years: tuple[float, ...] = (0.0, 2.0, 1.6, 1.1, 1.8, 1.2, 1.1, 1.4)  # [B] means
    treatment_by_severity: float = 0.15  # [B]
    assessment_contacts: float = 24.0  # [B] a year
    treatment_contacts: tuple[float, ...] = (0.0, 9.0, 26.0, 18.0, 11.0, 17.0, 17.0, 26.0)  # [B]

    # ADHD in VOP at 18-25.
    adult_adhd: float = -5.167  # [F]
    adult_adhd_by_bydel: tuple[float, ...] = (  # [F]
        0.285, 0.141, -0.114, 0.505, -0.316, -0.688, -0.337, -0.328,
        -0.145, 0.211, -0.345, -0.353, 0.151, -0.124, -0.116,
    )  # fmt: skip
    adult_adhd_growth: float = 0.214  # [F]
    adult_treatment_years: float = 1.3  # [B]
    adult_contacts: float = 7.0  # [B] a year


def without_effects(parameters: PsychiatryParameters) -> PsychiatryParameters:
    """Every causal effect set to nothing, intercepts, means and spreads kept."""
    p = parameters
    return replace(
        p,
        referral_by_age=tuple((0.0,) * len(row) for row in p.referral_by_age),
        referral_by_bydel=(0.0,) * len(p.referral_by_bydel),
        referral_growth=0.0,
        need_pull=0.0,
        need_share=0.0,
        severity_by_bydel=(0.0,) * len(p.severity_by_bydel),
        strictness_by_sector=(0.0,) * len(p.strictness_by_sector),
        waiting_by_severity=0.0,
        group_growth=(0.0,) * len(GROUPS),
        group_by_girl=(0.0,) * len(GROUPS),
        group_by_teen=(0.0,) * len(GROUPS),
        group_by_severity=(0.0,) * len(GROUPS),
        adhd_by_bydel=(0.0,) * len(p.adhd_by_bydel),
        treatment_by_severity=0.0,
        adult_adhd_by_bydel=(0.0,) * len(p.adult_adhd_by_bydel),
        adult_adhd_growth=0.0,
    )


def draw_psychiatry(  # noqa: PLR0917 - one shard's setting, as `simulate` has it
    rng: np.random.Generator,
    people: People,
    window: Window,
    years: range,
    hospitals: int,
    parameters: PsychiatryParameters | None = None,
) -> tuple[Stays, Referrals]:
    """Outpatient contacts in BUP and VOP, and the BUP referrals received inside the window.

    Rows are ordered by person and time. `years`: the whole calendar years asked for; the window
    starts with the first. A referral whose answer or first contact lies beyond the window or the
    person's death has NO_DAY there, and is not accepted if it has no answer. Contacts of courses
    that began before the window have no referral (-1).
    """
    hospital = home_hospitals(hospitals, _BEFORE_2026)[people.bydel]
    world = _World(rng, people, window, years, hospital, parameters or PsychiatryParameters())
    stays, referrals = _child_psychiatry(world)
    both = Stays.join([stays, _adult_adhd(world)])
    return both.take(np.lexsort((both.start, both.person))), referrals


@dataclass(frozen=True)
class _World:
    """What every step needs. hospital: of each person, index into the hospitals asked for."""

    rng: np.random.Generator
    people: People
    window: Window
    years: range
    hospital: NDArray[np.int8]
    parameters: PsychiatryParameters

    def age(self, who: NDArray[np.int64], day: Floats | float) -> Floats:
        """Years lived on a day counted from the window's start."""
        return (day - self.born_on[who]) / _YEAR

    @cached_property
    def born_on(self) -> NDArray[np.int64]:
        """Day of birth, counted from the window's start."""
        return (self.people.born - self.window.first_day).astype(np.int64)

    @cached_property
    def by_birth(self) -> NDArray[np.int64]:
        """Persons who are young in one of the years, the oldest first."""
        oldest = (_ADULT_AGES[1] + 2 + _RUN_IN) * _YEAR
        young = np.flatnonzero(self.born_on > -oldest)
        return young[np.argsort(self.born_on[young], kind="stable")]

    def growth_years(self, year: int) -> int:
        return min(year, self.parameters.growth_until) - BASE_YEAR


@dataclass(frozen=True)
class _Courses:
    """Time under care with one kind of diagnosis, days from the window's start as floats."""

    person: NDArray[np.int64]
    group: NDArray[np.int64]
    start: Floats
    end: Floats
    contacts_a_year: Floats
    referral: NDArray[np.int64]
    has_first_contact: bool


def _child_psychiatry(world: _World) -> tuple[Stays, Referrals]:
    rng, people, window, p = world.rng, world.people, world.window, world.parameters
    need = rng.standard_normal(len(people))
    is_girl = people.is_female.astype(np.int64)
    by_age = np.array(p.referral_by_age)[:, np.digitize(np.arange(18), _AGE_BANDS)]
    own = np.array(p.referral_by_bydel)[people.bydel] + p.need_pull * need

    def log_rate(who: NDArray[np.int64], age: Floats, year: int) -> Floats:
        whole = age.astype(np.int64)
        growth = p.referral_growth * world.growth_years(year)
        person = by_age[is_girl[who], whole] + own[who]
        return p.referral + person + growth - p.need_pull**2 / 2

    who, at = _arrivals(world, (0, 18), log_rate)
    order = np.lexsort((at, who))
    who, at = who[order], at[order]
    n = len(who)

    bydel = people.bydel[who]
    own = p.need_share * (need[who] - p.need_pull)
    rest = math.sqrt(1 - p.need_share**2) * rng.standard_normal(n)
    severity = np.array(p.severity_by_bydel)[bydel] + own + rest
    threshold = p.threshold + np.array(p.strictness_by_sector)[_SECTOR_OF_BYDEL[bydel]]
    is_accepted = severity >= threshold

    received = np.floor(at).astype(np.int64)
    review = np.minimum(1 + rng.exponential(p.reviewed_days, n), p.reviewed_at_most)
    assessed = received + review.astype(np.int64)
    wait = np.exp(
        math.log(p.waiting_days)
        + p.waiting_by_severity * severity
        + p.waiting_spread * rng.standard_normal(n)
    )
    first = _to_weekday(window, assessed + 1 + wait.astype(np.int64))

    last_day = np.minimum(people.dies_at[who] // DAY, window.days)
    is_answered = assessed < last_day
    is_adult_by = world.born_on[who] + math.ceil(18 * _YEAR)
    starts = is_accepted & is_answered & (first < is_adult_by) & (first < last_day)
    is_received = (received >= 0) & (received < last_day)

    referrals = Referrals(
        person=who.astype(np.int32),
        hospital=world.hospital[who],
        specialty=np.full(n, BUP_SPECIALTY, dtype=np.int16),
        received=received.astype(np.int32),
        assessed=np.where(is_answered, assessed, NO_DAY).astype(np.int32),
        is_accepted=is_accepted & is_answered,
        first_contact=np.where(starts, first, NO_DAY).astype(np.int32),
    )

    number = np.where(is_received, np.cumsum(is_received) - 1, -1)
    who, first, severity = who[starts], first[starts].astype(np.float64), severity[starts]
    is_adult_by, number = is_adult_by[starts], number[starts]
    began = first + rng.exponential(p.assessment_years * _YEAR, len(who))
    group = _group(world, who, first, severity)
    length = np.array(p.treatment_years)[group] * np.exp(p.treatment_by_severity * severity)
    ended = began + rng.exponential(1, len(who)) * length * _YEAR
    assessment = _Courses(
        who,
        np.full(len(who), _SYMPTOM),
        first,
        np.minimum(began, is_adult_by),
        np.full(len(who), p.assessment_contacts),
        number,
        True,
    )
    treated = group != _SYMPTOM
    treatment = _Courses(
        who[treated],
        group[treated],
        began[treated],
        np.minimum(ended, is_adult_by)[treated],
        np.array(p.treatment_contacts)[group[treated]],
        number[treated],
        False,
    )
    stays = Stays.join(
        [_contacts(world, courses, BUP, BUP_SPECIALTY) for courses in (assessment, treatment)]
    )
    return stays, referrals.take(is_received)


def _group(
    world: _World, who: NDArray[np.int64], first: Floats, severity: Floats
) -> NDArray[np.int64]:
    """The diagnosis group each assessment ends with: the largest of utility + Gumbel noise."""
    people, p = world.people, world.parameters
    is_teen = world.age(who, first) >= _TEEN
    year = world.years.start + np.floor(first / _YEAR)
    since = np.minimum(year, p.growth_until) - BASE_YEAR
    utility = (
        np.array(p.group_base)
        + np.outer(since, p.group_growth)
        + np.outer(people.is_female[who], p.group_by_girl)
        + np.outer(is_teen, p.group_by_teen)
        + np.outer(severity, p.group_by_severity)
    )
    utility[:, _ADHD] += np.array(p.adhd_by_bydel)[people.bydel[who]]
    return np.argmax(utility + world.rng.gumbel(size=utility.shape), axis=1)


def _adult_adhd(world: _World) -> Stays:
    p = world.parameters
    by_bydel = np.array(p.adult_adhd_by_bydel)

    def log_rate(who: NDArray[np.int64], _age: Floats, year: int) -> Floats:
        growth = p.adult_adhd_growth * world.growth_years(year)
        return p.adult_adhd + growth + by_bydel[world.people.bydel[who]]

    who, at = _arrivals(world, _ADULT_AGES, log_rate)
    first = _to_weekday(world.window, np.floor(at).astype(np.int64)).astype(np.float64)
    length = world.rng.exponential(p.adult_treatment_years * _YEAR, len(who))
    courses = _Courses(
        who,
        np.full(len(who), _ADHD),
        first,
        first + length,
        np.full(len(who), p.adult_contacts),
        np.full(len(who), -1),
        True,
    )
    return _contacts(world, courses, VOP, VOP_SPECIALTY)


def _arrivals(
    world: _World,
    ages: tuple[int, int],
    log_rate: Callable[[NDArray[np.int64], Floats, int], Floats],
) -> tuple[NDArray[np.int64], Floats]:
    """Poisson events of people between `ages`, from the run-in to the window's end: person, day.

    `log_rate(who, age, year)`: the natural logarithm of the yearly rate at the middle of the year.
    """
    rng, people, window = world.rng, world.people, world.window
    # By birth, those who are of age in a year stand together.
    by_birth = world.by_birth
    born_on = world.born_on[by_birth]
    persons: list[NDArray[np.int64]] = []
    days: list[Floats] = []
    for year in range(world.years.start - _RUN_IN, world.years.stop + 1):
        begin, end = (_new_year(y, window) for y in (year, year + 1))
        end = min(end, window.days)
        middle = (begin + end) / 2
        # Somewhat wider than `ages`: who passes one in the course of the year.
        born = middle - np.array([ages[1] + 0.5, ages[0] - 0.5]) * _YEAR
        who = by_birth[slice(*np.searchsorted(born_on, born))]
        inside = np.clip(world.age(who, middle), ages[0], ages[1] - 0.001)
        rate = np.exp(log_rate(who, inside, year))
        happens = who[rare(rng, rate * ((end - begin) / _YEAR))]
        at = rng.uniform(begin, end, len(happens))
        at_age = world.age(happens, at)
        kept = (at_age >= ages[0]) & (at_age < ages[1]) & (at * DAY < people.dies_at[happens])
        persons.append(happens[kept])
        days.append(at[kept])
    return np.concatenate(persons), np.concatenate(days)


def _contacts(world: _World, courses: _Courses, kind: int, specialty: int) -> Stays:
    """Outpatient contacts of the courses, on weekdays, inside the window and the person's life."""
    rng, window = world.rng, world.window
    begin = np.clip(courses.start, 0, window.days)
    end = np.clip(courses.end, begin, window.days)
    count = rng.poisson(courses.contacts_a_year * (end - begin) / _YEAR)
    course = np.repeat(np.arange(len(courses.person)), count)
    day = begin[course] + rng.random(len(course)) * (end - begin)[course]
    if courses.has_first_contact:
        seen = np.flatnonzero((courses.start >= 0) & (courses.start < window.days))
        course = np.concatenate([course, seen])
        day = np.concatenate([day, courses.start[seen]])
    weekday = _to_weekday(window, np.floor(day).astype(np.int64))
    start = weekday * DAY + rng.integers(8 * 60, 15 * 60, len(course)) * 60
    stop = start + rng.integers(30, 100, len(course)) * 60
    person = courses.person[course]
    kept = (stop < world.people.dies_at[person]) & (weekday < window.days)
    course, person, start, stop = course[kept], person[kept], start[kept], stop[kept]

    # A course keeps its code: drawn once for it, the first codes of a group the most often.
    luck = rng.random(len(courses.person)) ** 2
    width = np.array([len(group) for group in GROUP_CODES])
    place = (luck * width[courses.group]).astype(np.int64)
    main = _CODE_TABLE[courses.group, place][course]
    n = len(course)

    def same(value: int) -> NDArray[np.int8]:
        return np.full(n, value, dtype=np.int8)

    return Stays(
        person=person.astype(np.int32),
        hospital=world.hospital[person],
        start=start,
        end=stop,
        sector=same(kind),
        care_level=same(3),
        urgency=same(4),
        state_in=same(1),
        state=same(1),
        came_from=same(1),
        went_to=same(1),
        specialty=np.full(n, specialty, dtype=np.int16),
        main_diagnosis=main,
        other_diagnoses=np.full((n, 4), -1, dtype=np.int16),
        procedures=np.full((n, 2), -1, dtype=np.int16),
        drg=np.full(n, -1, dtype=np.int16),
        ready_at=np.full(n, -1, dtype=np.int64),
        referral=courses.referral[course].astype(np.int32),
    )


def _code_table() -> NDArray[np.int16]:
    table = np.full((len(GROUPS), max(map(len, GROUP_CODES))), -1, dtype=np.int16)
    for group, own in enumerate(GROUP_CODES):
        table[group, : len(own)] = [codes.icd10(code) for code in own]
    return table


_CODE_TABLE: Final = _code_table()


def _new_year(year: int, window: Window) -> int:
    return int((np.datetime64(f"{year}-01-01", "D") - window.first_day).astype(np.int64))


def _to_weekday(window: Window, day: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same day, or the Monday after a weekend."""
    # 1 January 1970 was a Thursday; Monday is 0.
    weekday = (window.first_day.astype("datetime64[D]").astype(np.int64) + day + 3) % 7
    return day + np.where(weekday >= 5, 7 - weekday, 0)
