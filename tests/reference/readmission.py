"""Stays, episodes, index stays and readmissions in plain Python, straight from the definition.

Written from the indicator's text, not from the SQL: no window functions, one person at a time,
dates as `datetime`. It is slow and meant to be read; the dbt models are compared with it row for
row.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.reference.atoms import Unit

TRANSFER_GAP = timedelta(seconds=28_800)
READMISSION_WINDOW = timedelta(hours=30 * 24)
AGE_GROUPS = (
    ("0-17", 0, 17),
    ("18-66", 18, 66),
    ("67-74", 67, 74),
    ("75-84", 75, 84),
    ("85+", 85, 130),
)
OLDEST = 130


@dataclass(frozen=True)
class Contact:
    """One row of an NPR delivery, as far as the indicator reads it. None where it is empty."""

    episode_id: str
    person_id: str
    care_level: int
    admission_date: date
    admission_time: time | None
    discharge_date: date
    discharge_time: time | None
    urgency: int | None = None
    state_at_discharge: int | None = None
    sex: int | None = None
    birth_year: int | None = None
    death_date: date | None = None
    link_quality: int | None = None

    @property
    def admitted_at(self) -> datetime:
        return datetime.combine(self.admission_date, self.admission_time or time())

    @property
    def discharged_at(self) -> datetime:
        stated = datetime.combine(self.discharge_date, self.discharge_time or time())
        return max(stated, self.admitted_at)

    @property
    def ends(self) -> tuple[datetime, str]:
        return self.discharged_at, self.episode_id

    @property
    def known_birth_year(self) -> int | None:
        if self.birth_year is None or not 0 <= self.discharge_date.year - self.birth_year <= OLDEST:
            return None
        return self.birth_year


@dataclass(frozen=True)
class Episode:
    """Stays that are one course of hospital care, in order of admission."""

    parts: tuple[Contact, ...]

    @property
    def last(self) -> Contact:
        return max(self.parts, key=lambda part: part.ends)

    @property
    def episode_id(self) -> str:
        return self.last.episode_id

    @property
    def person_id(self) -> str:
        return self.last.person_id

    @property
    def admitted_at(self) -> datetime:
        return min(part.admitted_at for part in self.parts)

    @property
    def discharged_at(self) -> datetime:
        return self.last.discharged_at

    @property
    def is_linkable(self) -> bool:
        return self.last.link_quality != 4

    @property
    def is_acute(self) -> bool:
        return any(part.urgency in (1, 2, 3) for part in self.parts)

    @property
    def birth_year(self) -> int | None:
        return self.last.known_birth_year

    @property
    def sex(self) -> int | None:
        return self.last.sex

    @property
    def death_date(self) -> date | None:
        return self.last.death_date

    @property
    def is_dead_at_discharge(self) -> bool:
        return self.last.state_at_discharge in (2, 3)


@dataclass(frozen=True)
class IndexStay:
    """One episode with its flags; fields and order as `marts.fct_index_stay`."""

    episode_id: str
    person_id: str
    admitted_at: datetime
    discharged_at: datetime
    period: str
    discharge_quarter: str
    age_group: str | None
    is_acute: bool
    is_alive: bool
    is_followed_30d: bool
    exclusion: str | None
    is_index: bool
    next_episode_id: str | None
    is_readmitted_30d_same_site: bool
    is_acute_readmitted_30d_same_site: bool


def episodes(contacts: Iterable[Contact]) -> list[Episode]:
    """Chain the inpatient stays of each person; a stay of nobody known is an episode by itself."""
    found: list[Episode] = []
    for stays in _by_person(stay for stay in contacts if stay.care_level == 1).values():
        known = [stay for stay in stays if stay.link_quality != 4]
        found += [Episode((stay,)) for stay in stays if stay.link_quality == 4]
        current: list[Contact] = []
        for stay in sorted(known, key=lambda stay: stay.admitted_at):
            if current and stay.admitted_at - max(p.discharged_at for p in current) > TRANSFER_GAP:
                found.append(Episode(tuple(current)))
                current = []
            current.append(stay)
        if current:
            found.append(Episode(tuple(current)))
    return found


def index_stays(contacts: Iterable[Contact], data_end: datetime) -> list[IndexStay]:
    """Every episode with its flags, in no particular order."""
    of_person: dict[str, list[Episode]] = defaultdict(list)
    found: list[IndexStay] = []
    for episode in episodes(contacts):
        if episode.is_linkable:
            of_person[episode.person_id].append(episode)
        else:
            found.append(_index_stay(episode, None, data_end))
    for own in of_person.values():
        own.sort(key=lambda episode: episode.admitted_at)
        following: list[Episode | None] = [*own[1:], None]
        found += [
            _index_stay(episode, after, data_end)
            for episode, after in zip(own, following, strict=True)
        ]
    return found


def _index_stay(episode: Episode, after: Episode | None, data_end: datetime) -> IndexStay:
    discharged = episode.discharged_at
    age_group = _age_group(episode)
    died_by_then = episode.death_date is not None and episode.death_date <= discharged.date()
    is_alive = not (died_by_then or episode.is_dead_at_discharge)
    is_followed = data_end - discharged >= READMISSION_WINDOW
    exclusion = (
        "unlinkable_person"
        if not episode.is_linkable
        else "unknown_age"
        if age_group is None
        else None
    )
    is_readmitted = (
        after is not None and TRANSFER_GAP < after.admitted_at - discharged <= READMISSION_WINDOW
    )
    return IndexStay(
        episode_id=episode.episode_id,
        person_id=episode.person_id,
        admitted_at=episode.admitted_at,
        discharged_at=discharged,
        period=f"{discharged.year}",
        discharge_quarter=f"{discharged.year}Q{(discharged.month + 2) // 3}",
        age_group=age_group,
        is_acute=episode.is_acute,
        is_alive=is_alive,
        is_followed_30d=is_followed,
        exclusion=exclusion,
        is_index=is_alive and is_followed and exclusion is None,
        next_episode_id=after.episode_id if after else None,
        is_readmitted_30d_same_site=is_readmitted,
        is_acute_readmitted_30d_same_site=is_readmitted and after is not None and after.is_acute,
    )


def _age_group(episode: Episode) -> str | None:
    if episode.birth_year is None:
        return None
    age = episode.discharged_at.year - episode.birth_year
    return next((name for name, low, high in AGE_GROUPS if low <= age <= high), None)


def units(rows: Iterable[IndexStay]) -> list[Unit]:
    """What readmission_30d_same_site counts: every index stay."""
    return [
        Unit(
            unit_id=row.episode_id,
            person_id=row.person_id,
            period=row.period,
            cell=(row.age_group or "", row.discharge_quarter),
            atom="readmitted" if row.is_acute_readmitted_30d_same_site else "not_readmitted",
        )
        for row in rows
        if row.is_index
    ]


def _by_person(stays: Iterable[Contact]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = defaultdict(list)
    for stay in stays:
        found[stay.person_id].append(stay)
    return found
