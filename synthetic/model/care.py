"""Municipal care services and the assessments of function that go with them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import CONDITIONS, KPR_COERCION, KPR_KAD
from synthetic.events import DAY, NEVER, NO_DAY, CareServices, Functions, Window
from synthetic.model.health import Calendar, Health, State, has
from synthetic.model.hospital import Course
from synthetic.model.lives import Lives
from synthetic.model.needs import HOME_NURSING, OLD_ENOUGH
from synthetic.model.parameters import Service

LONG_STAY, SHORT_TREATMENT, SHORT_REHABILITATION, SHORT_OTHER = 21, 18, 19, 20
HOUSING = 29
ITEMS: Final = 20
IRRELEVANT = 9

# Difficulty of the 20 function items relative to need: housework and shopping go first, eating and
# the lavatory last. Memory and behaviour (13, 14) follow dementia. Order after DOMAIN: assumption.
_ITEM: Final = np.array(
    [0.2, 0.1, 0.4, -0.3, 0.6, 0.9, 0.2, 0.0, 0.3, -0.8, -0.3, 0.8, -0.5, -0.6, -1.0, 0.3, 0.1, 0.2,
     -0.2, 0.0], dtype=np.float32,
)  # fmt: skip
_OF_MIND: Final = np.array([1, 2, 12, 13, 14, 15])
_DEMENTIA: Final = CONDITIONS.index("dementia")
_LONG_AGO = 1_000
"""Days over which the services that last when the simulation begins have begun."""

# Services of those disabled before old age: code, share of the disabled, hours a week. Assumption.
_OF_DISABLED: Final = (
    (HOME_NURSING, 0.50, 4.0),
    (1, 0.30, 2.5),
    (9, 0.22, 3.0),
    (HOUSING, 0.16, 0.0),
    (4, 0.10, 0.0),
    (2, 0.08, 3.0),
    (11, 0.06, 8.0),
    (7, 0.05, 0.0),
    (8, 0.03, 0.0),
    (3, 0.035, 32.0),
    (LONG_STAY, 0.145, 0.0),
)
_COERCED_IN_LONG_STAY = 0.08
_COERCED_DAYS = 60


class _Grants:
    """Services collected part by part; days."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.parts: list[CareServices] = []

    def add(
        self,
        who: NDArray[np.integer],
        code: int | NDArray[np.int16],
        first: NDArray[np.integer] | NDArray[np.floating],
        last: NDArray[np.integer] | NDArray[np.floating] | np.integer,
        hours: float = 0.0,
    ) -> None:
        """hours: the mean of the hours a week, 0 for a service that has none."""
        count = len(who)
        spread = np.full(count, np.nan)
        if hours:
            drawn = np.round(self.rng.gamma(2.0, hours / 2, count) * 4) / 4
            spread = np.clip(drawn, 0.25, 168)
        self.parts.append(
            CareServices(
                person=who.astype(np.int32),
                code=np.broadcast_to(np.asarray(code, dtype=np.int16), count).copy(),
                first_day=np.clip(first, -(2**30), NO_DAY).astype(np.int32),
                last_day=np.broadcast_to(np.clip(last, -(2**30), NO_DAY), count).astype(np.int32),
                hours_per_week=spread.astype(np.float32),
            )
        )


def draw_care(rng: np.random.Generator, lives: Lives) -> tuple[CareServices, Functions]:
    """Services that touch the window, ordered by person and first day, and their assessments."""
    health, states, window, course = lives.health, lives.states, lives.window, lives.course
    grants = _Grants(rng)
    never = float(NO_DAY) * DAY
    long_stay_from = (np.minimum(course.long_stay_at, never) // DAY).astype(np.int64)
    dies_on = np.where(course.died == NEVER, NO_DAY, course.died // DAY)
    disabled = _disabled(rng, health, states)

    for service in health.parameters.services:
        _standing(rng, grants, lives, service)
    _after_discharge(grants, course)
    _young(rng, grants, disabled, lives.calendar)
    grants.parts = [_until_long_stay(part, long_stay_from) for part in grants.parts]
    _long_stay(grants, window, long_stay_from, dies_on)
    grants.add(course.kad.person, KPR_KAD, course.kad.start // DAY, course.kad.end // DAY)

    care = CareServices.join(grants.parts)
    death = dies_on[care.person]
    last = np.minimum(care.last_day, death).astype(np.int32)
    # What still lasts when the window ends has no last day yet.
    last = np.where(last >= window.days, NO_DAY, last).astype(np.int32)
    born = health.born_at[care.person] // DAY
    is_shown = (care.first_day < window.days) & (last >= 0) & (care.first_day <= death)
    is_shown &= (care.first_day <= last) & (care.first_day >= born)
    care = CareServices(care.person, care.code, care.first_day, last, care.hours_per_week)
    care = care.take(is_shown)
    care = care.take(np.lexsort((care.code, care.first_day, care.person)))
    return care, _assessments(rng, lives, care, dies_on)


def _disabled(
    rng: np.random.Generator, health: Health, states: Sequence[State]
) -> NDArray[np.int64]:
    """Persons under 75 who need lasting services for another reason than age; more with years."""
    age = states[1].age
    rise = np.interp(age, (0, 4, 18, 40, 67, 74, 75), (0, 0.3, 0.8, 0.9, 1.6, 2.0, 0.0))
    effect = np.exp(0.4 * health.own_frailty - 0.08)
    chance = health.parameters.disability * rise * effect
    return np.flatnonzero(rng.random(len(health)) < chance)


def _standing(rng: np.random.Generator, grants: _Grants, lives: Lives, service: Service) -> None:
    """A service that begins when need passes its threshold, or is granted at times above it."""
    needs, old = lives.needs, lives.needs.basis.who
    is_nursing = service.code == HOME_NURSING
    noise = needs.home_nursing_noise if is_nursing else rng.standard_normal(len(old), np.float32)
    is_met = needs.basis.of_service(service, noise)
    edges = lives.calendar.edges / DAY
    if not service.days:
        met = np.flatnonzero(is_met.any(axis=0))
        year, moment = np.argmax(is_met[:, met], axis=0), rng.random(len(met))
        first = edges[year] + moment * (edges[year + 1] - edges[year])
        first = np.where(year == 0, edges[0] - moment * _LONG_AGO, first)
        grants.add(old[met], service.code, np.floor(first), NO_DAY, service.hours)
        return
    for year, is_met_then in enumerate(is_met):
        in_need, length = old[is_met_then], edges[year + 1] - edges[year]
        who = np.repeat(in_need, rng.poisson(service.per_year * length / 365, len(in_need)))
        first = np.floor(edges[year] + rng.random(len(who)) * length)
        last = first + np.ceil(rng.exponential(service.days, len(who)))
        grants.add(who, service.code, first, last, service.hours)


def _after_discharge(grants: _Grants, course: Course) -> None:
    """Short-term stays and some weeks of home nursing straight from hospital."""
    e = course.episodes
    day = e.end // DAY
    chosen = np.flatnonzero(e.short_stay_days > 0)
    # Rehabilitation after what needs it; else assessment and treatment, or another reason.
    rehabilitates = e.code_draw[chosen] < 0.35
    code = np.where(rehabilitates, SHORT_REHABILITATION, SHORT_TREATMENT)
    code = np.where(e.code_draw[chosen] > 0.8, SHORT_OTHER, code).astype(np.int16)
    grants.add(e.person[chosen], code, day[chosen], day[chosen] + e.short_stay_days[chosen])
    nursed = np.flatnonzero(e.nursing_days > 0)
    last = day[nursed] + e.nursing_days[nursed]
    grants.add(e.person[nursed], HOME_NURSING, day[nursed], last, 6.0)


def _young(
    rng: np.random.Generator, grants: _Grants, disabled: NDArray[np.int64], calendar: Calendar
) -> None:
    """Everybody disabled has one service at least: who draws none gets home nursing."""
    has_any = np.zeros(len(disabled), dtype=bool)
    first = np.floor(calendar.edges[0] / DAY - rng.random(len(disabled)) * 2 * _LONG_AGO)
    is_new = rng.random(len(disabled)) < 0.15 * (calendar.years - 1)
    window_days = calendar.edges[-1] / DAY
    first = np.where(is_new, np.floor(rng.random(len(disabled)) * window_days), first)
    for code, share, hours in _OF_DISABLED:
        chosen = rng.random(len(disabled)) < share
        has_any |= chosen
        grants.add(disabled[chosen], code, first[chosen], NO_DAY, hours)
    left = ~has_any
    grants.add(disabled[left], HOME_NURSING, first[left], NO_DAY, 3.0)


def _until_long_stay(part: CareServices, long_stay_from: NDArray[np.int64]) -> CareServices:
    """Every other service ends when the person moves to a nursing home."""
    end = long_stay_from[part.person]
    last = np.minimum(part.last_day, end).astype(np.int32)
    part = CareServices(part.person, part.code, part.first_day, last, part.hours_per_week)
    return part.take(part.first_day < end)


def _long_stay(
    grants: _Grants,
    window: Window,
    long_stay_from: NDArray[np.int64],
    dies_on: NDArray[np.int64],
) -> None:
    rng = grants.rng
    residents = np.flatnonzero((long_stay_from < NO_DAY) & (long_stay_from <= dies_on))
    first = long_stay_from[residents]
    # Who lived there when the simulation began has done so for a while.
    before = first <= first.min(initial=NO_DAY)
    lived = rng.exponential(_LONG_AGO / 2, len(residents))
    first = np.where(before, np.floor(first - lived), first)
    grants.add(residents, LONG_STAY, first, NO_DAY)
    years = window.days / 365
    number = rng.poisson(_COERCED_IN_LONG_STAY * years, len(residents))
    coerced = np.repeat(residents, number)
    starts = rng.integers(0, window.days, len(coerced))
    in_time = starts >= long_stay_from[coerced]
    coerced, starts = coerced[in_time], starts[in_time]
    grants.add(coerced, KPR_COERCION, starts, starts + rng.integers(7, _COERCED_DAYS, len(coerced)))


def _assessments(
    rng: np.random.Generator, lives: Lives, care: CareServices, dies_on: NDArray[np.int64]
) -> Functions:
    """When the first service of a window's year begins, or in the spring of a year it lasts."""
    states, needs, calendar, window = lives.states, lives.needs, lives.calendar, lives.window
    p = lives.health.parameters
    shown = care.code != KPR_KAD
    users, people, days, rows = care.take(shown), [], [], []
    for year in range(1, calendar.years):
        from_day = int(calendar.edges[year] // DAY)
        to_day = int(calendar.edges[year + 1] // DAY)
        lasts = (users.first_day < to_day) & (users.last_day >= from_day)
        first_day = users.first_day[lasts]
        person, place = np.unique(users.person[lasts], return_index=True)
        begins = np.maximum(first_day[place], from_day)
        spring = from_day + rng.integers(0, 120, len(person))
        day = np.where(begins > from_day, begins, np.minimum(spring, to_day - 1))
        is_alive = (day <= dies_on[person]) & (day < window.days)
        person, day = person[is_alive], day[is_alive]
        state = states[year].take(person)
        need = p.need_effects * state.frailty + p.need_spread * needs.shared[person]
        # Those with services before old age have a need of their own, not told by frailty.
        need = np.where(state.age < OLD_ENOUGH, 0.8 + 0.6 * needs.shared[person], need)
        score = 1.195 + 0.445 * need[:, None] + _ITEM
        score[:, _OF_MIND] += 0.8 * has(state.conditions, _DEMENTIA)[:, None]
        score += 0.6 * rng.standard_normal(score.shape, dtype=np.float32)
        values = np.clip(np.rint(score), 1, 5).astype(np.int8)
        values[rng.random(values.shape, dtype=np.float32) < 0.03] = IRRELEVANT
        people.append(person)
        days.append(day)
        rows.append(values)
    person = np.concatenate(people).astype(np.int32)
    day = np.concatenate(days).astype(np.int32)
    order = np.lexsort((day, person))
    return Functions(person[order], day[order], np.concatenate(rows)[order])
