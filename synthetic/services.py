"""Municipal contacts: GP and legevakt claims, and care services."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic import calibration as cal
from synthetic.population import Population
from synthetic.stays import ACUTE, DAY, INPATIENT, YEAR, Stays

GP, LEGEVAKT = 1, 2
PRACTICAL_HELP, SAFETY_ALARM, HOME_NURSING, SHORT_STAY, LONG_STAY = 1, 6, 15, 18, 21
NO_DAY = -(10**9)


@dataclass(frozen=True)
class Claims:
    """One entry a claim (regning); days since the start; shape (n,)."""

    person: NDArray[np.int64]
    day: NDArray[np.int64]
    service_type: NDArray[np.int64]


@dataclass(frozen=True)
class CareServices:
    """One entry a service granted; `last_day` is NO_DAY while it lasts; shape (n,)."""

    person: NDArray[np.int64]
    code: NDArray[np.int64]
    first_day: NDArray[np.int64]
    last_day: NDArray[np.int64]
    hours_per_week: NDArray[np.float64]


def draw_claims(rng: np.random.Generator, people: Population, stays: Stays, days: int) -> Claims:
    """Ordinary contacts, legevakt before acute admissions and GP follow-up after discharge."""
    person, day, kind = [], [], []
    for service, rate in ((GP, cal.GP_RATE), (LEGEVAKT, cal.LEGEVAKT_RATE)):
        expected = rate[people.age_group] * (0.5 + 0.5 * people.frailty) * days * DAY / YEAR
        who = np.repeat(np.arange(len(expected)), rng.poisson(expected))
        person.append(who)
        day.append(rng.integers(0, days, len(who)))
        kind.append(np.full(len(who), service))

    inpatient = stays.take(stays.care_level == INPATIENT)
    acute = inpatient.take(inpatient.urgency == ACUTE)
    sent = acute.take(rng.random(len(acute)) < cal.LEGEVAKT_BEFORE_ACUTE)
    followed = inpatient.take(rng.random(len(inpatient)) < cal.GP_AFTER_DISCHARGE)
    person += [sent.person, followed.person]
    day.append(sent.start // DAY)
    day.append(followed.end // DAY + rng.integers(1, 15, len(followed)))
    kind += [np.full(len(sent), LEGEVAKT), np.full(len(followed), GP)]

    who, when, what = np.concatenate(person), np.concatenate(day), np.concatenate(kind)
    is_possible = (when < days) & (when * DAY < people.dies_at[who])
    order = np.lexsort((what[is_possible], who[is_possible], when[is_possible]))
    return Claims(*(column[is_possible][order] for column in (who, when, what)))


def draw_care(
    rng: np.random.Generator, people: Population, stays: Stays, days: int
) -> CareServices:
    """Standing services of frail persons over 67, and what discharges of persons over 75 start."""
    parts = []
    for code, share, hours in (
        (PRACTICAL_HELP, (0.04, 0.10, 0.22), 1.5),
        (SAFETY_ALARM, (0.03, 0.14, 0.38), None),
        (HOME_NURSING, (0.03, 0.09, 0.26), 5.0),
        (LONG_STAY, (0.004, 0.02, 0.10), None),
    ):
        chance = np.array([0, 0, *share])[people.age_group] * people.frailty
        who = np.flatnonzero(rng.random(len(chance)) < chance)
        first = rng.integers(-900, days, len(who))
        parts.append((who, code, first, np.full(len(who), NO_DAY), hours))

    discharged = stays.take((stays.care_level == INPATIENT) & (people.age_group[stays.person] >= 3))
    for code, chance, hours in ((SHORT_STAY, 0.12, None), (HOME_NURSING, 0.08, 6.0)):
        starts = discharged.take(rng.random(len(discharged)) < chance)
        first = starts.end // DAY
        parts.append((starts.person, code, first, first + rng.integers(7, 29, len(starts)), hours))

    who = np.concatenate([part[0] for part in parts])
    code = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    first = np.concatenate([part[2] for part in parts])
    last = np.concatenate([part[3] for part in parts])
    mean_hours = np.concatenate([np.full(len(p[0]), p[4] or np.nan) for p in parts])
    hours = np.minimum(np.round(rng.gamma(2.0, mean_hours / 2) * 4) / 4, 168)

    death = people.dies_at[who] // DAY
    is_dead = death < days
    last = np.where(is_dead & ((last == NO_DAY) | (last > death)), death, last)
    # A service that still lasts when the delivery is made has no last day in it.
    last = np.where(last >= days, NO_DAY, last)
    is_possible = (first < days) & (first < death)
    order = np.lexsort((code[is_possible], who[is_possible], first[is_possible]))
    return CareServices(*(column[is_possible][order] for column in (who, code, first, last, hours)))
