"""A Synthea CSV folder recounted in plain Python: what each site should end up with.

Independent of the landing: reads the CSVs itself, deals the stays by md5 and derives urgency from
emergency encounters. Expects clean files (Synthea's own output is), and stops where they are not.
"""

import csv
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.reference.readmission import Contact

EMERGENCY_REACH = timedelta(hours=24)
CLAIM_TYPE = {
    "ambulatory": 1, "wellness": 1, "outpatient": 1, "virtual": 1, "urgentcare": 2, "emergency": 2,
}  # fmt: skip
CARE_CODE = {"home": 15, "snf": 18, "hospice": 19}
SERVICE_NAME = {
    ("kuhr", 1): "gp",
    ("kuhr", 2): "legevakt",
    ("kpr-omsorg", 15): "home_nursing",
    ("kpr-omsorg", 18): "short_term_stay",
    ("kpr-omsorg", 19): "short_term_stay",
}


@dataclass(frozen=True)
class Encounter:
    id: str
    person: str
    kind: str
    start: datetime
    stop: datetime


@dataclass(frozen=True)
class Service:
    """A contact or service of the municipality: fields as `marts.fct_service`."""

    service_id: str
    person_id: str
    register: str
    service_code: int
    started_on: date
    ended_on: date


@dataclass(frozen=True)
class Folder:
    encounters: tuple[Encounter, ...]
    birth_year: dict[str, int]
    sex: dict[str, int]
    death: dict[str, date]

    @property
    def data_end(self) -> datetime:
        return max(encounter.stop for encounter in self.encounters)

    def contacts(self, hospital: int, of: int) -> list[Contact]:
        """The inpatient stays dealt to one of `of` hospitals."""
        emergencies = [e for e in self.encounters if e.kind == "emergency"]
        return [
            Contact(
                episode_id=stay.id,
                person_id=stay.person,
                care_level=1,
                admission_date=stay.start.date(),
                admission_time=stay.start.time(),
                discharge_date=stay.stop.date(),
                discharge_time=stay.stop.time(),
                urgency=1 if any(_leads_to(e, stay) for e in emergencies) else 4,
                sex=self.sex[stay.person],
                birth_year=self.birth_year[stay.person],
                death_date=self.death.get(stay.person),
            )
            for stay in self.encounters
            if stay.kind == "inpatient" and _hospital(stay.id, of) == hospital
        ]

    def services(self) -> list[Service]:
        """What the one municipality holds."""
        return [
            Service(
                service_id=e.id,
                person_id=e.person,
                register="kuhr" if e.kind in CLAIM_TYPE else "kpr-omsorg",
                service_code=CLAIM_TYPE[e.kind] if e.kind in CLAIM_TYPE else CARE_CODE[e.kind],
                started_on=e.start.date(),
                ended_on=e.start.date() if e.kind in CLAIM_TYPE else e.stop.date(),
            )
            for e in self.encounters
            if e.kind != "inpatient"
        ]

    def service_days(self) -> set[tuple[str, date, str]]:
        """Distinct (person, day, service name); no service of a Synthea folder is still open.

        A care service ends on the day of death at the latest; a claim is there as it is.
        """
        found: set[tuple[str, date, str]] = set()
        for service in self.services():
            name = SERVICE_NAME[service.register, service.service_code]
            died = self.death.get(service.person_id)
            day = service.started_on
            while day <= service.ended_on:
                if service.register == "kuhr" or died is None or day <= died:
                    found.add((service.person_id, day, name))
                day += timedelta(days=1)
        return found


def read_folder(folder: Path) -> Folder:
    with (folder / "patients.csv").open(newline="", encoding="utf-8") as file:
        patients = list(csv.DictReader(file))
    with (folder / "encounters.csv").open(newline="", encoding="utf-8") as file:
        encounters = tuple(
            Encounter(
                id=row["Id"],
                person=row["PATIENT"],
                kind=row["ENCOUNTERCLASS"],
                start=_moment(row["START"]),
                stop=_moment(row["STOP"]),
            )
            for row in csv.DictReader(file)
        )
    return Folder(
        encounters=encounters,
        birth_year={p["Id"]: date.fromisoformat(p["BIRTHDATE"]).year for p in patients},
        sex={p["Id"]: {"M": 1, "F": 2}[p["GENDER"]] for p in patients},
        death={p["Id"]: date.fromisoformat(p["DEATHDATE"]) for p in patients if p["DEATHDATE"]},
    )


def _moment(text: str) -> datetime:
    """UTC as written, without a zone."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def _hospital(stay_id: str, of: int) -> int:
    return int(hashlib.md5(stay_id.encode(), usedforsecurity=False).hexdigest()[:8], 16) % of


def _leads_to(emergency: Encounter, stay: Encounter) -> bool:
    return (
        emergency.person == stay.person
        and emergency.start <= stay.start
        and stay.start - emergency.stop <= EMERGENCY_REACH
    )
