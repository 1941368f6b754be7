"""The indicators of the patient groups in plain Python, straight from their definitions.

From landing rows (dicts by the landing's column names) to units or tokens: one person at a time, no
SQL ideas. The code lists are the project's seeds, which are part of the definitions.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from tests.dbt_models.seeds import seed
from tests.reference import readmission
from tests.reference.atoms import Unit

Row = Mapping[str, Any]
Item = TypeVar("Item")
YEAR_BEFORE = 365
OLDEST = 130


# Where people live, how old they are, which group a code is in.


def area_of(row: Row) -> str:
    municipality = row.get("municipality_no")
    if municipality == "-1":
        municipality = None
    if municipality and len(municipality) == 3:
        municipality = "0" + municipality
    bydel = row.get("bydel")
    if bydel and len(bydel) == 5:
        bydel = "0" + bydel
    in_oslo = municipality == "0301" or (bydel or "").startswith("0301")
    if in_oslo and bydel not in {of["code"] for of in seed("bydel")}:
        return "030199"
    if bydel in {of["area"] for of in seed("area") if of["level"] == "bydel"}:
        return str(bydel)
    regions = {of["county"]: of["region"] for of in seed("county_region")}
    return regions.get((municipality or "")[:2], "unknown")


def age_in(row: Row, year: int, born_by: int) -> int | None:
    """Year less year of birth; None where the year of birth cannot be true in `born_by`."""
    birth_year = row.get("birth_year")
    if birth_year is None or not 0 <= born_by - birth_year <= OLDEST:
        return None
    return year - birth_year


def age_group(age: int | None, groups: str = "age_group") -> str | None:
    for group in seed(groups):
        if age is not None and int(group["age_from"]) <= age <= int(group["age_to"]):
            return group["age_group"]
    return None


def group_of(code: str | None, codes: str, column: str) -> str | None:
    for listed in seed(codes):
        beginning = (code or "")[: len(listed["code_from"])]
        if listed["code_from"] <= beginning <= listed["code_to"]:
            return listed[column]
    return None


# Contacts with a hospital.


@dataclass(frozen=True)
class Contact:
    """One row of NPR, of a person with a national id."""

    key: str
    person: str
    starts: datetime
    ends: datetime
    row: Row

    @property
    def year(self) -> int:
        return self.ends.year

    @property
    def order(self) -> tuple[datetime, str]:
        return self.ends, self.key

    @property
    def age(self) -> int | None:
        return age_in(self.row, self.year, self.row["discharge_date"].year)

    @property
    def is_acute(self) -> bool:
        return self.row.get("urgency") in (1, 2, 3)

    @property
    def is_inpatient(self) -> bool:
        return self.row["care_level"] == 1

    @property
    def specialty(self) -> str | None:
        return self.row.get("contact_specialty") or self.row.get("specialty")

    @property
    def is_bup(self) -> bool:
        return self.row.get("sector") == "3" or self.specialty == "310"

    @property
    def is_mental_health(self) -> bool:
        return self.row.get("sector") in ("1", "2", "3", "PHV") or self.specialty in (
            "310",
            "320",
            "360",
        )

    @property
    def main(self) -> str | None:
        return self.row.get("main_diagnosis")

    @property
    def diagnoses(self) -> list[str]:
        names = ["main_diagnosis", "main_diagnosis_2"]
        names += [f"other_diagnosis_{number}" for number in range(1, 20)]
        return [self.row[name] for name in names if self.row.get(name) is not None]


def contacts(rows: Iterable[Row]) -> list[Contact]:
    found: list[Contact] = []
    for row in rows:
        if row.get("link_quality") == 4:
            continue
        starts = datetime.combine(row["admission_date"], row.get("admission_time") or time())
        ends = datetime.combine(row["discharge_date"], row.get("discharge_time") or time())
        key = f"{row['person_id']}/{row['episode_id']}"
        found.append(Contact(key, row["person_id"], starts, max(starts, ends), row))
    return found


def _by_person_year(
    items: Iterable[Item], key: Callable[[Item], tuple[str, int]]
) -> dict[tuple[str, int], list[Item]]:
    found: dict[tuple[str, int], list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def _years(of: Iterable[Contact]) -> dict[tuple[str, int], list[Contact]]:
    return _by_person_year(of, lambda contact: (contact.person, contact.year))


def _last(of: Iterable[Contact]) -> Contact:
    return max(of, key=lambda contact: contact.order)


# Children and young.


def bup_referrals(rows: Iterable[Row]) -> list[Unit]:
    meaning = {int(of["outcome"]): of["decision"] for of in seed("referral_decision")}
    found: list[Unit] = []
    for row in rows:
        received: date = row["received_on"]
        group = age_group(age_in(row, received.year, received.year), "age_group_child")
        if row.get("specialty") != "310" or group is None:
            continue
        outcome = row.get("outcome")
        atom = "not_assessed" if outcome is None else meaning.get(outcome, "other_outcome")
        quarter = f"{received.year}Q{(received.month + 2) // 3}"
        found.append(
            Unit(
                f"{row['person_id']}/{row['referral_id']}",
                row["person_id"],
                f"{received.year}",
                (area_of(row), group, quarter),
                atom,
            )
        )
    return found


def bup_waiting(rows: Iterable[Row]) -> list[Unit]:
    rows = list(rows)
    accepted = {unit.unit_id: unit for unit in bup_referrals(rows) if unit.atom == "accepted"}
    found: list[Unit] = []
    for row in rows:
        unit = accepted.get(f"{row['person_id']}/{row['referral_id']}")
        if unit is None:
            continue
        ended = row.get("wait_ended_on")
        days = None if ended is None else (ended - row["received_on"]).days
        if days is not None and days < 0:
            continue
        found.append(Unit(unit.unit_id, unit.person_id, unit.period, unit.cell[:2], _waited(days)))
    return found


def _waited(days: int | None) -> str:
    if days is None:
        return "not_started"
    for most, band in ((30, "days_0_30"), (60, "days_31_60"), (90, "days_61_90")):
        if days <= most:
            return band
    return "days_over_90"


def bup_patients(rows: Iterable[Row]) -> list[Unit]:
    found: list[Unit] = []
    of_bup = [contact for contact in contacts(rows) if contact.is_bup]
    for (person, year), own in _years(of_bup).items():
        last = _last(own)
        age = age_group(last.age, "age_group_child")
        if age is None:
            continue
        groups = {
            "not_stated"
            if contact.main is None
            else group_of(contact.main, "bup_diagnosis_code", "diagnosis_group") or "other"
            for contact in own
        }
        found += [
            Unit(f"{year}/{group}", person, f"{year}", (area_of(last.row), age, group), "patient")
            for group in groups
        ]
    return found


def adhd_patients(rows: Iterable[Row]) -> list[Unit]:
    found: list[Unit] = []
    with_adhd = [
        contact
        for contact in contacts(rows)
        if contact.is_mental_health and any(code.startswith("F90") for code in contact.diagnoses)
    ]
    for (person, year), own in _years(with_adhd).items():
        last = _last(own)
        age = age_group(last.age, "age_group_young")
        if age is not None:
            found.append(Unit(f"{year}", person, f"{year}", (area_of(last.row), age), "patient"))
    return found


# Frail elderly at the hospital.


@dataclass(frozen=True)
class Frail:
    stay: Contact
    score: Decimal

    @property
    def risk(self) -> str:
        if self.score > 15:
            return "high"
        return "intermediate" if self.score >= 5 else "low"


def frailty(rows: Iterable[Row]) -> dict[tuple[str, int], Frail]:
    """The score of every person of 75 and over admitted acutely, by person and year."""
    weights = {of["code"]: Decimal(of["weight"]) for of in seed("hfrs_weight")}
    stays = [contact for contact in contacts(rows) if contact.is_inpatient]
    found: dict[tuple[str, int], Frail] = {}
    for (person, year), own in _years(stay for stay in stays if stay.is_acute).items():
        index = _last(own)
        if index.age is None or index.age < 75:
            continue
        until = index.ends.date()
        codes: set[str] = set()
        for stay in stays:
            if stay.person == person and _two_years_before(until) < stay.ends.date() <= until:
                codes |= {code[:3] for code in stay.diagnoses}
        score = sum((weights.get(code, Decimal(0)) for code in codes), Decimal(0))
        found[person, year] = Frail(index, score)
    return found


def _two_years_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 2, day=28 if is_leap_day else day.day)


def frailty_risk(rows: Iterable[Row]) -> list[Unit]:
    found: list[Unit] = []
    for (person, year), frail in frailty(rows).items():
        age = age_group(frail.stay.age, "age_group_old")
        if age is not None:
            cell = area_of(frail.stay.row), age
            found.append(Unit(f"{year}", person, f"{year}", cell, frail.risk))
    return found


def frail_specialist_care(rows: Sequence[Row]) -> list[Unit]:
    of_person = _years(contacts(rows))
    found: list[Unit] = []
    for (person, year), frail in frailty(rows).items():
        age = age_group(frail.stay.age, "age_group_old")
        if frail.risk == "low" or age is None:
            continue
        kinds = [_kind(contact) for contact in of_person[person, year]]
        for kind in set(kinds):
            number = kinds.count(kind)
            cell = area_of(frail.stay.row), age, kind
            atom = {1: "one", 2: "two"}.get(number, "six_or_more")
            atom = "three_to_five" if 3 <= number <= 5 else atom
            found.append(Unit(f"{year}/{kind}", person, f"{year}", cell, atom))
    return found


def _kind(contact: Contact) -> str:
    if contact.is_inpatient:
        return "acute_stay" if contact.is_acute else "planned_stay"
    return "day_care" if contact.row["care_level"] == 2 else "outpatient"


# Severe mental illness and substance use, chronic conditions.


def severe_mental_illness(rows: Iterable[Row]) -> list[Unit]:
    found: list[Unit] = []
    for (person, year), own in _years(contacts(rows)).items():
        by_group: dict[str, list[Contact]] = {}
        for contact in own:
            group = group_of(contact.main, "patient_group_code", "patient_group")
            if group is not None:
                by_group.setdefault(group, []).append(contact)
        for group, of_group in by_group.items():
            age = age_group(_last(of_group).age)
            if age is None:
                continue
            levels = {contact.row["care_level"] for contact in of_group}
            kind = "inpatient" if 1 in levels else "day_care" if 2 in levels else "outpatient"
            found.append(Unit(f"{year}/{group}", person, f"{year}", (group, age), kind))
    return found


def severe_mental_illness_readmission(rows: Sequence[Row], data_end: datetime) -> list[Unit]:
    names = {field.name for field in fields(readmission.Contact)}
    absent = dict.fromkeys(names)
    stays = [
        readmission.Contact(
            **{
                **absent,
                **{name: value for name, value in row.items() if name in names},
                "episode_id": f"{row['person_id']}/{row['episode_id']}",
            }
        )
        for row in rows
    ]
    main = {f"{r['person_id']}/{r['episode_id']}": r.get("main_diagnosis") for r in rows}
    found: list[Unit] = []
    for unit in readmission.units(readmission.index_stays(stays, data_end)):
        group = group_of(main[unit.unit_id], "patient_group_code", "patient_group")
        if group is not None:
            cell = group, unit.cell[0]
            found.append(Unit(unit.unit_id, unit.person_id, unit.period, cell, unit.atom))
    return found


def multiple_chronic_conditions(rows: Iterable[Row]) -> list[Unit]:
    def conditions(contact: Contact) -> set[str]:
        named = {
            group_of(code, "chronic_condition_code", "condition") for code in contact.diagnoses
        }
        return {name for name in named if name is not None}

    found: list[Unit] = []
    with_any = [contact for contact in contacts(rows) if conditions(contact)]
    for (person, year), own in _years(with_any).items():
        last = _last(own)
        age = age_group(last.age)
        if age is not None:
            number = len(set[str]().union(*(conditions(contact) for contact in own)))
            atom = {1: "one", 2: "two"}.get(number, "three_or_more")
            found.append(Unit(f"{year}", person, f"{year}", (age, area_of(last.row)), atom))
    return found


# Care services.


@dataclass(frozen=True)
class Care:
    """A service in one data year, within the year and the person's life."""

    person: str
    year: int
    service: str
    started: date
    first: date
    last: date
    row: Row

    @property
    def order(self) -> tuple[date, str]:
        return self.started, self.row["service_id"]

    @property
    def age(self) -> int | None:
        return age_in(self.row, self.year, self.year)


def care_services(rows: Iterable[Row]) -> list[Care]:
    named = {int(of["service_code"]): of for of in seed("care_service") if of["service_code"]}
    recoded = {int(of["old_code"]): int(of["new_code"]) for of in seed("recoded_service")}
    found: list[Care] = []
    for row in rows:
        year: int = row["data_year"]
        code = recoded.get(row["service_code"], row["service_code"])
        ends = [date(year, 12, 31)]
        ends += [row[name] for name in ("ended_on", "death_date") if row.get(name) is not None]
        first, last = max(row["started_on"], date(year, 1, 1)), min(ends)
        if first <= last:
            service = named[code]["service"] if code in named else "other"
            started = row["started_on"]
            found.append(Care(row["person_id"], year, service, started, first, last, row))
    return found


def _users(care: Iterable[Care]) -> dict[tuple[str, int], list[Care]]:
    return _by_person_year(care, lambda service: (service.person, service.year))


def function_group(assessment: Row) -> str | None:
    """None where no variable is relevant."""
    scores = [assessment.get(f"function_{number:02}") for number in range(1, 21)]
    relevant = [score for score in scores if score is not None and 1 <= score <= 5]
    if not relevant:
        return None
    per_cent = 100 * len([score for score in relevant if score >= 3]) / len(relevant)
    if per_cent >= 75:
        return "extensive"
    return "medium_to_great" if per_cent >= 25 else "limited"


def _level(person: str, year: int, assessments: Iterable[Row]) -> str:
    own = [
        row for row in assessments if row["person_id"] == person and row["assessed_on"].year == year
    ]
    if not own:
        return "not_assessed"
    last = max(own, key=lambda row: (row["assessed_on"], row["assessment_id"]))
    return function_group(last) or "not_assessed"


def function_level(care: Iterable[Row], assessments: Sequence[Row]) -> list[Unit]:
    found: list[Unit] = []
    for (person, year), own in _users(care_services(care)).items():
        last = max(own, key=lambda service: service.order)
        age = age_group(last.age, "age_group_old")
        if age is not None:
            cell = area_of(last.row), age
            atom = _level(person, year, assessments)
            found.append(Unit(f"{year}", person, f"{year}", cell, atom))
    return found


def services_of_frail(care: Iterable[Row], assessments: Sequence[Row]) -> list[Unit]:
    found: list[Unit] = []
    for (person, year), own in _users(care_services(care)).items():
        last = max(own, key=lambda service: service.order)
        if last.age is None or last.age < 75:
            continue
        atom = _level(person, year, assessments)
        for service in {of.service for of in own}:
            cell = service, area_of(last.row)
            found.append(Unit(f"{year}/{service}", person, f"{year}", cell, atom))
    return found


def long_term_stay_starts(care: Iterable[Row], delivered_from: date) -> list[Care]:
    services = care_services(care)
    found: list[Care] = []
    long_term = [service for service in services if service.service == "long_term_stay"]
    for (person, year), own in _users(long_term).items():
        begun = [stay for stay in own if stay.started.year == year]
        if not begun:
            continue
        start = min(begun, key=lambda stay: stay.order)
        back_to = start.started - timedelta(days=YEAR_BEFORE)
        earlier = [
            stay
            for stay in long_term
            if stay.person == person
            and stay.year in (year - 1, year)
            and stay.started < start.started
            and stay.last >= back_to
        ]
        if not earlier and back_to >= delivered_from:
            found.append(start)
    return found


def before_long_term_stay(care: Sequence[Row], delivered_from: date) -> list[Unit]:
    services = care_services(care)
    found: list[Unit] = []
    for start in long_term_stay_starts(care, delivered_from):
        age = age_group(start.age)
        if age is None:
            continue
        back_to = start.started - timedelta(days=YEAR_BEFORE)
        before = {
            service.service
            for service in services
            if service.person == start.person
            and service.year in (start.year - 1, start.year)
            and service.first < start.started
            and service.last >= back_to
        }
        atom = "began_with_services" if before else "began_without_services"
        had = [("long_term_stay", atom), *((service, "had_before") for service in before)]
        found += [
            Unit(f"{start.year}/{service}", start.person, f"{start.year}", (service, age), atom)
            for service, atom in had
        ]
    return found


def long_term_stay_tokens(care: Iterable[Row], delivered_from: date) -> list[tuple[str, date, str]]:
    """(person, day, age group)."""
    return [
        (start.person, start.started, age)
        for start in long_term_stay_starts(care, delivered_from)
        if (age := age_group(start.age, "age_group_old")) is not None
    ]


def hospital_stay_tokens(rows: Iterable[Row], delivered_to: date) -> set[tuple[object, ...]]:
    """(person, day, service, class): each day after an admission, by the days since the last in
    hospital."""
    nearest: dict[tuple[str, date], int] = {}
    for stay in contacts(rows):
        if not stay.is_inpatient or stay.age is None or stay.age + 1 < 75:
            continue
        day = stay.starts.date() + timedelta(days=1)
        until = min(stay.ends.date() + timedelta(days=YEAR_BEFORE), delivered_to)
        while day <= until:
            since = max(0, (day - stay.ends.date()).days)
            key = stay.person, day
            nearest[key] = min(since, nearest.get(key, since))
            day += timedelta(days=1)
    return {
        (
            *key,
            "hospital_stay",
            "days_0_30" if days <= 30 else "days_31_90" if days <= 90 else "days_91_365",
        )
        for key, days in nearest.items()
    }
