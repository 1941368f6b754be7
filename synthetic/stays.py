"""Hospital contacts: admissions, readmissions, transfers, deaths."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from synthetic import calibration as cal
from synthetic.population import Population

HOUR, DAY = 3_600, 86_400
YEAR = 365.2425 * DAY
ALIVE, DEAD = 1, 2
ACUTE, PLANNED = 1, 4
INPATIENT, DAY_CASE, OUTPATIENT = 1, 2, 3
HOME, OTHER_HOSPITAL, OTHER_UNIT, NURSING_HOME = 1, 3, 7, 11
_GENERATIONS = 12  # readmissions of readmissions; the thirteenth would be one in 10^10


@dataclass(frozen=True)
class Stays:
    """One entry a contact, all int64 arrays of shape (n,); times are seconds since the start.

    The codes are the register's: urgency as innmateHast, places as fraSted and tilSted.
    """

    person: NDArray[np.int64]
    hospital: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    urgency: NDArray[np.int64]
    care_level: NDArray[np.int64]
    state: NDArray[np.int64]
    came_from: NDArray[np.int64]
    went_to: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.person)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> "Stays":
        return Stays(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def draw_stays(
    rng: np.random.Generator, people: Population, hospitals: int, seconds: int
) -> tuple[Stays, Population]:
    """All contacts that end within `seconds`, and the population with its deaths in hospital."""
    share_new = 1 - cal.READMISSION
    stays = _join(
        [
            _ordinary(rng, people, cal.ACUTE_RATE * share_new, seconds, ACUTE),
            _ordinary(rng, people, cal.PLANNED_RATE, seconds, PLANNED),
        ]
    )
    newest = stays
    for _ in range(_GENERATIONS):
        newest = _readmissions(rng, people, newest, hospitals)
        stays = _join([stays, newest])
    stays = _one_at_a_time(stays)
    stays, people = _deaths(rng, stays, people)
    stays = _transfers(rng, stays, hospitals)
    outpatient = _outpatient(rng, people, seconds)
    stays = _join([stays, outpatient.take(outpatient.start < people.dies_at[outpatient.person])])
    stays = stays.take(stays.end < seconds)
    return stays.take(np.lexsort((stays.person, stays.end))), people


def _join(parts: list[Stays]) -> Stays:
    return Stays(
        **{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Stays)}
    )


def _contacts(
    person: NDArray[np.int64],
    hospital: NDArray[np.int64],
    *,
    start: NDArray[np.int64],
    length: NDArray[np.int64],
    urgency: int,
    care_level: NDArray[np.int64] | int = INPATIENT,
) -> Stays:
    def same(value: NDArray[np.int64] | int) -> NDArray[np.int64]:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), person.shape)

    return Stays(
        person=person,
        hospital=hospital,
        start=start,
        end=start + length,
        urgency=same(urgency),
        care_level=same(care_level),
        state=same(ALIVE),
        came_from=same(HOME),
        went_to=same(HOME),
    )


def _length(rng: np.random.Generator, age_group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Log-normal with the published mean; at least four hours."""
    center = np.log(cal.STAY_DAYS[age_group]) - cal.STAY_SPREAD**2 / 2
    days = rng.lognormal(center, cal.STAY_SPREAD)
    return (np.clip(days, 4 / 24, cal.LONGEST_STAY_DAYS) * 24 * 60).astype(np.int64) * 60


def _ordinary(
    rng: np.random.Generator,
    people: Population,
    rate: NDArray[np.float64],
    seconds: int,
    urgency: int,
) -> Stays:
    expected = rate[people.age_group] * people.frailty * seconds / YEAR
    person = np.repeat(np.arange(len(expected)), rng.poisson(expected))
    start = rng.integers(0, seconds // 60, len(person)) * 60
    if urgency == PLANNED:
        start = start // DAY * DAY + 7 * HOUR + start % (2 * HOUR)
    length = _length(rng, people.age_group[person])
    return _contacts(
        person, people.home_hospital[person], start=start, length=length, urgency=urgency
    )


def _readmissions(
    rng: np.random.Generator, people: Population, stays: Stays, hospitals: int
) -> Stays:
    """The acute readmissions that `stays` themselves bring about, 10 hours to 30 days later."""
    chance = cal.READMISSION[people.age_group[stays.person]] * np.where(
        stays.urgency == PLANNED, cal.READMISSION_AFTER_PLANNED, 1
    )
    back = stays.take(rng.random(len(stays)) < chance)
    longest = 29.5 / cal.READMISSION_GAP_DAYS
    days = -np.log1p(-rng.random(len(back)) * -np.expm1(-longest)) * cal.READMISSION_GAP_DAYS
    start = back.end + 10 * HOUR + (days * 24 * 60).astype(np.int64) * 60
    hospital = _perhaps_elsewhere(rng, back.hospital, hospitals, cal.ELSEWHERE)
    length = _length(rng, people.age_group[back.person])
    return _contacts(back.person, hospital, start=start, length=length, urgency=ACUTE)


def _perhaps_elsewhere(
    rng: np.random.Generator, hospital: NDArray[np.int64], hospitals: int, chance: float
) -> NDArray[np.int64]:
    if hospitals == 1:
        return hospital
    moves = rng.random(len(hospital)) < chance
    step = rng.integers(1, hospitals, len(hospital))
    return np.where(moves, (hospital + step) % hospitals, hospital)


def _one_at_a_time(stays: Stays) -> Stays:
    """Drop a stay that begins before the person's earlier ones have ended and nine hours passed."""
    stays = stays.take(np.lexsort((stays.start, stays.person)))
    beyond = stays.end.max(initial=0) + DAY
    latest_end = np.maximum.accumulate(stays.person * beyond + stays.end)[:-1]
    is_kept = np.full(len(stays), True)
    is_kept[1:] = (stays.person[1:] != stays.person[:-1]) | (
        stays.person[1:] * beyond + stays.start[1:] >= latest_end + 9 * HOUR
    )
    return stays.take(is_kept)


def _deaths(rng: np.random.Generator, stays: Stays, people: Population) -> tuple[Stays, Population]:
    is_fatal = rng.random(len(stays)) < cal.DEATH_IN_STAY[people.age_group[stays.person]]
    is_fatal &= stays.urgency == ACUTE
    dies_at = people.dies_at.copy()
    np.minimum.at(dies_at, stays.person[is_fatal], stays.end[is_fatal])
    stays = stays.take(stays.start < dies_at[stays.person])
    end = np.minimum(stays.end, dies_at[stays.person])
    state = np.where(end == dies_at[stays.person], DEAD, ALIVE)
    return replace(stays, end=end, state=state), replace(people, dies_at=dies_at)


def _transfers(rng: np.random.Generator, stays: Stays, hospitals: int) -> Stays:
    """Register some stays as two contacts, the second within three hours after the first."""
    length = stays.end - stays.start
    is_moved = (rng.random(len(stays)) < cal.TRANSFER) & (length >= DAY)
    moved, whole = stays.take(is_moved), stays.take(~is_moved)
    length = length[is_moved]
    leaves = moved.start + (length * rng.uniform(0.1, 0.6, len(moved))).astype(np.int64)
    arrives = leaves + rng.integers(20, 180, len(moved)) * 60
    hospital = _perhaps_elsewhere(rng, moved.hospital, hospitals, cal.TRANSFER_ELSEWHERE)
    place = np.where(hospital == moved.hospital, OTHER_UNIT, OTHER_HOSPITAL)
    first = replace(moved, end=leaves, went_to=place, state=np.full(len(moved), ALIVE))
    second = replace(moved, start=arrives, hospital=hospital, came_from=place)
    return _join([whole, first, second])


def _outpatient(rng: np.random.Generator, people: Population, seconds: int) -> Stays:
    expected = cal.OUTPATIENT_RATE[people.age_group] * people.frailty * seconds / YEAR
    person = np.repeat(np.arange(len(expected)), rng.poisson(expected))
    day = rng.integers(0, seconds // DAY, len(person))
    start = day * DAY + rng.integers(8 * 60, 15 * 60, len(person)) * 60
    length = rng.integers(15, 180, len(person)) * 60
    level = np.where(rng.random(len(person)) < 0.1, DAY_CASE, OUTPATIENT)
    return _contacts(
        person,
        people.home_hospital[person],
        start=start,
        length=length,
        urgency=PLANNED,
        care_level=level,
    )
