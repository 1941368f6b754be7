"""Persons whose stays sit on the edges of the definition, made from small steps.

A step places one stay relative to the end of the one before. The same steps serve hypothesis, which
shrinks them, and a seeded generator, which makes thousands of persons for one real build.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.reference.readmission import Contact

MINUTE, HOUR, DAY = 60, 3_600, 86_400

DATA_END = datetime(2025, 1, 1)

STARTS = (
    datetime(2019, 12, 30, 23, 50),  # crosses a year
    datetime(2020, 2, 28, 22, 0),  # crosses a leap day
    datetime(2023, 12, 31, 12, 0),
    datetime(2024, 2, 29, 0, 0),
    datetime(2024, 6, 30, 23, 59, 59),
    datetime(2024, 12, 1, 0, 0),  # one day's stay from the last moment that is followed for 30 days
)
GAPS = (
    0, 1, 5 * MINUTE, 8 * HOUR - 1, 8 * HOUR, 8 * HOUR + 1, 9 * HOUR, 14 * HOUR,
    DAY, 29 * DAY, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1, 31 * DAY, 200 * DAY,
    -1, -HOUR, -DAY, -3 * DAY, -12 * DAY,  # overlap, nested, and before the stay before
)  # fmt: skip
LENGTHS = (
    0, MINUTE, 20 * MINUTE, 6 * HOUR, 14 * HOUR, DAY - 1, DAY, DAY + 1,
    5 * DAY, 9 * DAY + HOUR, 40 * DAY,
)  # fmt: skip
BIRTH_YEARS = (1939, 1940, 1949, 1957, 1958, 1980, 2006, 2020, 2024, None, 9999, 1890, 2040)


@dataclass(frozen=True)
class Step:
    """gap, length: seconds. death_after: days from discharge to death."""

    gap: int
    length: int
    care_level: int = 1
    urgency: int | None = 1
    state_at_discharge: int | None = 1
    death_after: int | None = None
    birth_year: int | None = 1940
    link_quality: int | None = 1
    sex: int | None = 2
    lacks_admission_time: bool = False
    lacks_discharge_time: bool = False


@dataclass(frozen=True)
class Choice:
    """What a field of a step is drawn from; the usual values stand more often."""

    gap: tuple[int, ...] = GAPS
    length: tuple[int, ...] = LENGTHS
    care_level: tuple[int, ...] = (1, 1, 1, 1, 1, 1, 2, 3)
    urgency: tuple[int | None, ...] = (1, 1, 2, 3, 4, 4, 5, None)
    state_at_discharge: tuple[int | None, ...] = (1, 1, 1, 1, 1, 1, None, 2, 3)
    death_after: tuple[int | None, ...] = (None, None, None, None, None, None, -1, 0, 1, 20)
    birth_year: tuple[int | None, ...] = BIRTH_YEARS
    link_quality: tuple[int | None, ...] = (1, 1, 1, 1, 1, 1, 1, 2, 4, 5, None)
    sex: tuple[int | None, ...] = (0, 1, 2, 9, None)
    lacks_admission_time: tuple[bool, ...] = (False, False, False, False, True)
    lacks_discharge_time: tuple[bool, ...] = (False, False, False, False, True)


_CHOICES = vars(Choice())


def contacts_of(person: str, start: datetime, steps: Iterable[Step]) -> list[Contact]:
    """One person's stays: the first starts at `start` (and its step's gap)."""
    contacts: list[Contact] = []
    end = start
    for number, step in enumerate(steps):
        admitted = end + timedelta(seconds=step.gap)
        end = admitted + timedelta(seconds=step.length)
        died = None if step.death_after is None else end.date() + timedelta(step.death_after)
        contacts.append(
            Contact(
                episode_id=f"{person}-{number}",
                person_id=person,
                care_level=step.care_level,
                admission_date=admitted.date(),
                admission_time=None if step.lacks_admission_time else admitted.time(),
                discharge_date=end.date(),
                discharge_time=None if step.lacks_discharge_time else end.time(),
                urgency=step.urgency,
                state_at_discharge=step.state_at_discharge,
                sex=step.sex,
                birth_year=step.birth_year,
                death_date=died,
                link_quality=step.link_quality,
            )
        )
    return contacts


def seeded_population(persons: int, seed: int) -> list[Contact]:
    """Many persons, in random order of rows; every tenth is in and out of hospital all the time."""
    draw = random.Random(seed)
    contacts: list[Contact] = []
    for person in range(persons):
        if person % 10 == 0:
            steps = [Step(gap=draw.choice((DAY, 9 * DAY)), length=5 * DAY) for _ in range(12)]
        else:
            steps = [
                Step(**{field: draw.choice(values) for field, values in _CHOICES.items()})
                for _ in range(draw.choice((1, 2, 2, 3, 3, 4, 6, 9)))
            ]
        contacts += contacts_of(f"p{person}", draw.choice(STARTS), steps)
    draw.shuffle(contacts)
    return contacts


def populations() -> st.SearchStrategy[list[Contact]]:
    """Up to four persons for hypothesis, simplest first."""
    step = st.builds(Step, **{name: st.sampled_from(values) for name, values in _CHOICES.items()})
    person = st.tuples(st.sampled_from(STARTS), st.lists(step, min_size=1, max_size=7))
    return st.lists(person, min_size=1, max_size=4).map(
        lambda people: [
            contact
            for number, (start, steps) in enumerate(people)
            for contact in contacts_of(f"p{number}", start, steps)
        ]
    )
