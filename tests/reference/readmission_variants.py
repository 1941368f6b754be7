"""The variants of readmission, and what follows a discharge, in plain Python from landing rows.

Written from the texts of the indicators: one person at a time, one later episode or contact after
another, no sorting tricks. Stays and how they chain come from `tests.reference.readmission`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cached_property

from tests.dbt_models.seeds import seed
from tests.reference.atoms import Unit
from tests.reference.readmission import (
    READMISSION_WINDOW,
    TRANSFER_GAP,
    Contact,
    Episode,
    episodes,
    index_stays,
)

Row = Mapping[str, object]
DAY = timedelta(days=1)
FHI_AGES = (("67-74", 67, 74), ("75-84", 75, 84), ("85+", 85, 130))
SKDE_AGES = (("75-79", 75, 79), ("80-84", 80, 84), ("85-89", 85, 89), ("90+", 90, 130))
ALL_AGES = (("0-17", 0, 17), ("18-66", 18, 66), *FHI_AGES)
ATLAS = {
    "heart_failure": ("I50", "I110", "I130", "I132"),
    "copd": ("J40", "J41", "J42", "J43", "J44"),
    "pneumonia": ("J12", "J13", "J14", "J15", "J16", "J17", "J18"),
    "stroke": ("I61", "I63", "I64"),
    "hip_fracture": ("S720", "S721", "S722"),
}
FHI = {
    "asthma_copd": ("J40", "J41", "J42", "J43", "J44", "J45", "J46", "J47"),
    "urinary_tract_infection": tuple(f"N30{digit}" for digit in range(10)),
    "fracture": (
        "S22", "S32", "S42", "S52", "S62", "S72", "S82", "S92", "T08", "T10", "T12",
    ),
    "dehydration": ("E86",),
    "constipation": ("K590",),
    "gastroenteritis": tuple(f"A0{digit}" for digit in range(10)),
    "gout_joint_disease": (
        "M05", "M06", "M07", "M10", "M11", "M12", "M13", "M15", "M16", "M17", "M18", "M19",
    ),
    "heart_failure": (
        "I43", "I50", "J81", "I099", "I119", "I130", "I132", "I255", "I420",
        "I425", "I426", "I427", "I428", "I429", "I971",
    ),
    "iron_deficiency_anaemia": ("D50", "D51", "D52", "D53"),
    "pneumonia": ("J12", "J13", "J14", "J15", "J16", "J17", "J18"),
    "stroke": ("I61", "I63", "I64"),
}  # fmt: skip


@dataclass(frozen=True)
class Discharge:
    """An episode of a known person: its last stay's landing row, and all the person's episodes."""

    episode: Episode
    row: Row
    is_alive: bool
    others: Sequence[Episode]
    data_end: datetime

    @property
    def moment(self) -> datetime:
        return self.episode.discharged_at

    @property
    def day(self) -> date:
        return self.moment.date()

    @property
    def unit_id(self) -> str:
        return f"{self.episode.person_id}/{self.episode.episode_id}"

    @property
    def period(self) -> str:
        return str(self.day.year)

    @property
    def quarter(self) -> str:
        return f"{self.day.year}Q{(self.day.month + 2) // 3}"

    @property
    def sex(self) -> str | None:
        return {1: "male", 2: "female"}.get(self.episode.sex or 0)

    @property
    def is_acute(self) -> bool:
        """By the stays that ended in the year of discharge or the year before."""
        return any(
            part.urgency in (1, 2, 3) and part.discharged_at.year >= self.day.year - 1
            for part in self.episode.parts
        )

    def age_group(self, groups: Iterable[tuple[str, int, int]]) -> str | None:
        born = self.episode.birth_year
        if born is None:
            return None
        return next((g for g, low, high in groups if low <= self.day.year - born <= high), None)

    def group(self, groups: Mapping[str, Sequence[str]]) -> str | None:
        diagnosis = str(self.row.get("main_diagnosis") or "")
        return next(
            (g for g, codes in groups.items() if any(map(diagnosis.startswith, codes))), None
        )

    @cached_property
    def days_to_acute(self) -> list[int]:
        """Whole days from the day of discharge to each acute episode that begins after it."""
        return [
            (other.admitted_at.date() - self.day).days
            for other in self.others
            if other.is_acute and other.admitted_at > self.moment
        ]

    @property
    def is_followed_by_days(self) -> bool:
        """The thirtieth day after the day of discharge has ended before the data do."""
        last_whole_day = self.data_end.date() - DAY
        return (last_whole_day - self.day).days >= 30


def discharges(landing: Iterable[Row], data_end: datetime) -> list[Discharge]:
    rows = {(str(row["person_id"]), str(row["episode_id"])): row for row in landing}
    names = [field.name for field in fields(Contact)]
    contacts = [Contact(**{name: row.get(name) for name in names}) for row in rows.values()]  # pyright: ignore[reportArgumentType]
    known = [episode for episode in episodes(contacts) if episode.is_linkable]
    of_person: dict[str, list[Episode]] = defaultdict(list)
    for episode in known:
        of_person[episode.person_id].append(episode)
    alive = {
        (stay.person_id, stay.episode_id): stay.is_alive for stay in index_stays(contacts, data_end)
    }
    return [
        Discharge(
            episode,
            rows[episode.person_id, episode.episode_id],
            alive[episode.person_id, episode.episode_id],
            of_person[episode.person_id],
            data_end,
        )
        for episode in known
    ]


def fhi(landing: Iterable[Row], data_end: datetime) -> list[Unit]:
    """readmission_30d_fhi."""
    found: list[Unit] = []
    for stay in discharges(landing, data_end):
        cell = (stay.age_group(FHI_AGES), stay.sex, stay.group(FHI))
        if not stay.is_alive or data_end - stay.moment < READMISSION_WINDOW:
            continue
        is_readmitted = any(
            other.is_acute and TRANSFER_GAP < other.admitted_at - stay.moment <= READMISSION_WINDOW
            for other in stay.others
        )
        found += _unit(stay, cell, is_readmitted)
    return found


def skde(landing: Iterable[Row], data_end: datetime) -> list[Unit]:
    """readmission_30d_skde."""
    return [
        unit
        for stay, is_readmitted in _skde(landing, data_end)
        for unit in _unit(stay, (stay.age_group(SKDE_AGES), stay.sex, stay.quarter), is_readmitted)
    ]


def skde_diagnosis(landing: Iterable[Row], data_end: datetime) -> list[Unit]:
    """readmission_30d_skde_diagnosis."""
    return [
        unit
        for stay, is_readmitted in _skde(landing, data_end)
        if stay.is_acute
        for unit in _unit(
            stay, (stay.group(ATLAS), stay.age_group(SKDE_AGES), stay.sex), is_readmitted
        )
    ]


def _skde(landing: Iterable[Row], data_end: datetime) -> Iterable[tuple[Discharge, bool]]:
    for stay in discharges(landing, data_end):
        if not stay.is_alive or not stay.is_followed_by_days:
            continue
        is_readmitted = any(0 < days < 30 for days in stay.days_to_acute)
        died = stay.episode.death_date
        if not is_readmitted and died is not None and (died - stay.day).days <= 30:
            continue
        yield stay, is_readmitted


def hdir(landing: Iterable[Row], data_end: datetime) -> list[Unit]:
    """readmission_30d_hdir."""
    found: list[Unit] = []
    for stay in discharges(landing, data_end):
        ready = stay.row.get("discharge_ready_date")
        admitted = stay.row["admission_date"]
        assert isinstance(admitted, date)
        is_reported = isinstance(ready, date) and ready >= admitted
        if stay.is_alive and stay.is_followed_by_days and is_reported:
            cell = (stay.age_group(ALL_AGES), stay.sex, stay.quarter)
            found += _unit(stay, cell, any(1 <= days <= 30 for days in stay.days_to_acute))
    return found


def _unit(stay: Discharge, cell: Sequence[str | None], is_readmitted: bool) -> list[Unit]:
    """The unit, or nothing where a key is unknown."""
    known = tuple(key for key in cell if key is not None)
    if len(known) < len(cell):
        return []
    atom = "readmitted" if is_readmitted else "not_readmitted"
    return [Unit(stay.unit_id, stay.episode.person_id, stay.period, known, atom)]


def _days_of_discharge(landing: Iterable[Row], data_end: datetime) -> list[Discharge]:
    by_day: dict[tuple[str, date], list[Discharge]] = defaultdict(list)
    for stay in discharges(landing, data_end):
        by_day[stay.episode.person_id, stay.day].append(stay)
    last = [max(stays, key=lambda stay: stay.moment) for stays in by_day.values()]
    return [
        stay
        for stay in last
        if stay.is_alive
        and stay.is_followed_by_days
        and stay.row.get("discharged_to") not in (3, 7, 8)
    ]


def _is_readmitted_here(stay: Discharge) -> bool:
    return any(1 <= days <= 30 for days in stay.days_to_acute)


def discharge_days(landing: Iterable[Row], data_end: datetime) -> list[Unit]:
    return [
        Unit(
            stay.unit_id,
            stay.episode.person_id,
            stay.period,
            (area(stay.row),),
            ("home" if stay.row.get("discharged_to") == 1 else "elsewhere")
            + ("_readmitted_here" if _is_readmitted_here(stay) else "_not_readmitted_here"),
        )
        for stay in _days_of_discharge(landing, data_end)
    ]


IndexToken = tuple[str, date, str]
"""(person, day, bucket)."""
ServiceToken = tuple[str, date, str, str]
"""(person, day, service, class)."""


def tok_discharge_day(landing: Iterable[Row], data_end: datetime) -> list[IndexToken]:
    return [
        (stay.episode.person_id, stay.day, sector(area(stay.row), stay.day.year))
        for stay in _days_of_discharge(landing, data_end)
        if not _is_readmitted_here(stay)
    ]


def tok_discharge_home_day(landing: Iterable[Row], data_end: datetime) -> list[IndexToken]:
    return [
        (stay.episode.person_id, stay.day, area(stay.row))
        for stay in _days_of_discharge(landing, data_end)
        if stay.row.get("discharged_to") == 1
    ]


def tok_discharge_alive_day(landing: Iterable[Row], data_end: datetime) -> list[IndexToken]:
    return [
        (stay.episode.person_id, stay.day, area(stay.row))
        for stay in _days_of_discharge(landing, data_end)
    ]


def tok_acute_admission_back_30d(
    landing: Iterable[Row], data_end: datetime, first_day: date
) -> set[ServiceToken]:
    return {
        (stay.episode.person_id, day, "acute_readmission", "days_1_30")
        for stay in discharges(landing, data_end)
        if stay.episode.is_acute
        for back in range(1, 31)
        for day in [stay.episode.admitted_at.date() - back * DAY]
        if day >= first_day - DAY
    }


CONSULTATION = {"2ad", "2ae", "2ak", "2aek", "2ed", "2fk", "2af", "2as", "2at"}
HOME_VISIT = {"11ad", "11ak"}
ACROSS_PROFESSIONS = {"1f", "14", "1j"}


def tok_gp_contact_class(
    claims: Iterable[Row], tariffs: Iterable[Row], first_day: date
) -> set[ServiceToken]:
    on_claim: dict[object, set[str]] = defaultdict(set)
    for tariff in tariffs:
        on_claim[tariff["claim_id"]].add(str(tariff["tariff"]).lower())
    contacts: dict[str, set[date]] = defaultdict(set)
    for claim in claims:
        items, day = on_claim[claim["claim_id"]], claim["claim_date"]
        assert isinstance(day, date)
        is_met = items & (CONSULTATION | HOME_VISIT) and not items & ACROSS_PROFESSIONS
        if claim["service_type"] == 1 and is_met:
            contacts[str(claim["person_id"])].add(day)
    classes = {"days_1_7": range(1, 8), "days_8_14": range(8, 15), "days_15_30": range(15, 31)}
    return _first_after("gp_contact", contacts, classes, first_day - DAY)


def tok_home_care_class(care: Iterable[Row], first_day: date) -> set[ServiceToken]:
    care = list(care)
    begun = _begun(care, (15,))
    for person, days in _begun(care, (1,)).items():
        begun[person] |= days
    classes = {"days_0_3": range(4), "days_4_7": range(4, 8)}
    return _first_after("home_care_start", begun, classes, first_day)


def tok_short_term_stay_class(care: Iterable[Row], first_day: date) -> set[ServiceToken]:
    classes = {"days_0_1": range(2)}
    return _first_after("short_term_stay_start", _begun(care, (18, 19, 20)), classes, first_day)


def _begun(care: Iterable[Row], codes: Sequence[int]) -> dict[str, set[date]]:
    """Days on which one of the services begins that no other of them leads up to."""
    latest: dict[tuple[object, object], Row] = {}
    for row in care:
        key = (row["person_id"], row["service_id"])
        if key not in latest or int(str(row["data_year"])) > int(str(latest[key]["data_year"])):
            latest[key] = row
    valid = [
        (str(row["person_id"]), str(row["service_id"]), start, end)
        for row in latest.values()
        if row["service_code"] in codes
        for start in [row["started_on"]]
        for end in [row.get("ended_on") or date(9999, 12, 30)]
        if isinstance(start, date) and isinstance(end, date) and start <= end
    ]
    begun: dict[str, set[date]] = defaultdict(set)
    for person, number, start, _ in valid:
        leads_up = any(
            of == person and (since, other) < (start, number) and until >= start - DAY
            for of, other, since, until in valid
        )
        if not leads_up:
            begun[person].add(start)
    return begun


def _first_after(
    service: str,
    events: Mapping[str, set[date]],
    classes: Mapping[str, range],
    first_day: date,
) -> set[ServiceToken]:
    """For every person and day the class of the nearest event ahead, if it is near enough."""
    nearest = min(distance for distances in classes.values() for distance in distances)
    furthest = max(distance for distances in classes.values() for distance in distances)
    found: set[ServiceToken] = set()
    for person, days in events.items():
        for day in {event - distance * DAY for event in days for distance in range(furthest + 1)}:
            ahead = [(e - day).days for e in days if (e - day).days >= nearest]
            if not ahead or min(ahead) > furthest or day < first_day:
                continue
            (name,) = (name for name, distances in classes.items() if min(ahead) in distances)
            found.add((person, day, service, name))
    return found


def area(row: Row) -> str:
    """Where the person of a landing row lives, as a value of the seed `area`."""
    municipality = str(row.get("municipality_no") or "")
    municipality = f"0{municipality}" if len(municipality) == 3 else municipality
    bydel = str(row.get("bydel") or "")
    bydel = f"0{bydel}" if len(bydel) == 5 else bydel
    if bydel.startswith("0301") or municipality == "0301":
        return bydel if bydel in {known["code"] for known in seed("bydel")} else "030199"
    regions = {county["county"]: county["region"] for county in seed("county_region")}
    return regions.get(municipality[:2], "unknown")


def sector(of_area: str, year: int) -> str:
    return next(
        (
            row["area_group"]
            for row in seed("area_group")
            if row["area"] == of_area
            and row["area_group"].startswith("sector_")
            and int(row["year_from"] or 0) <= year <= int(row["year_to"] or 9999)
        ),
        "outside_sectors",
    )
