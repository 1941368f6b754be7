"""The patient groups across levels in plain Python, straight from their definitions.

From landing rows to units or tokens, one person at a time. The code lists are the project's seeds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.dbt_models.seeds import seed
from tests.reference import acute, municipal, readmission_variants
from tests.reference.atoms import Unit
from tests.reference.groups import Contact, age_group, contacts, group_of
from tests.reference.municipal import claim_area, known_birth_year
from tests.reference.readmission import READMISSION_WINDOW, TRANSFER_GAP
from tests.reference.readmission_variants import area, sector

Row = Mapping[str, Any]
YEAR = timedelta(days=365)
SERVICES = {1: "gp", 2: "legevakt"}
CONSULTATION, HOME_VISIT = 3, 4


# Hospitals: who is in which group on a day.


def chronic(contact: Contact) -> set[str]:
    named = {group_of(code, "chronic_condition_code", "condition") for code in contact.diagnoses}
    return {name for name in named if name is not None}


def is_mental(contact: Contact) -> bool:
    return group_of(contact.main, "patient_group_code", "patient_group") is not None


def _two_years_before(day: date) -> date:
    return day.replace(year=day.year - 2, day=28 if (day.month, day.day) == (2, 29) else day.day)


def groups_on(day: date, own: Iterable[Contact], age: int | None) -> set[str]:
    """Groups of a person of this age, by what of their contacts is known when `day` ends."""
    own = [contact for contact in own if contact.ends.date() <= day]
    recent = [contact for contact in own if contact.ends.date() >= day - YEAR]
    found: set[str] = set()
    if age is not None and 0 <= age <= 17:
        found.add("children_young")
    if any(is_mental(contact) for contact in recent):
        found.add("severe_mental_substance")
    if len(set[str]().union(*(chronic(contact) for contact in recent))) >= 2:
        found.add("multiple_chronic")
    weights = {of["code"]: Decimal(of["weight"]) for of in seed("hfrs_weight")}
    codes = {
        code[:3]
        for contact in own
        if contact.is_inpatient and contact.ends.date() > _two_years_before(day)
        for code in contact.diagnoses
    }
    score = sum((weights.get(code, Decimal(0)) for code in codes), Decimal(0))
    if age is not None and age >= 75 and score >= 5:
        found.add("frail_elderly")
    return found


def _by_person(rows: Iterable[Row]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts(rows):
        found[contact.person].append(contact)
    return found


def target_group_readmission(rows: Sequence[Row], data_end: datetime) -> list[Unit]:
    of_person = _by_person(rows)
    found: list[Unit] = []
    for stay in readmission_variants.discharges(rows, data_end):
        if not stay.is_alive or data_end - stay.moment < READMISSION_WINDOW:
            continue
        is_readmitted = any(
            other.is_acute and TRANSFER_GAP < other.admitted_at - stay.moment <= READMISSION_WINDOW
            for other in stay.others
        )
        born, person = stay.episode.birth_year, stay.episode.person_id
        age = None if born is None else stay.day.year - born
        for group in groups_on(stay.day, of_person[person], age):
            unit_id = f"{stay.unit_id}/{group}"
            cell = group, sector(area(stay.row), stay.day.year)
            atom = "readmitted" if is_readmitted else "not_readmitted"
            found.append(Unit(unit_id, person, stay.period, cell, atom))
    return found


def target_group_acsc(rows: Sequence[Row]) -> list[Unit]:
    of_person = _by_person(rows)
    found: list[Unit] = []
    for chain in acute.chains(acute.stays_of(rows)):
        first = chain.first
        diagnosis = first.row.get("main_diagnosis")
        if not any(s.is_acute for s in chain.stays) or not first.is_known or diagnosis is None:
            continue
        day, born = first.admitted_on, first.contact.known_birth_year
        age = None if born is None else day.year - born
        atom = "other" if acute.acsc_group(diagnosis) is None else "acsc"
        for group in groups_on(day - timedelta(1), of_person[first.person], age):
            unit_id = f"{chain.episode.episode_id}/{group}"
            cell = group, sector(first.area, day.year)
            found.append(Unit(unit_id, first.person, f"{day.year}", cell, atom))
    return found


def hospital_group_years(rows: Iterable[Row]) -> list[tuple[str, date, str]]:
    """(person, first day of the year, bucket)."""
    found: list[tuple[str, date, str]] = []
    for person, own in _by_person(rows).items():
        for year in {contact.year for contact in own}:
            in_year = [contact for contact in own if contact.year == year]
            last = max(in_year, key=lambda contact: contact.order)
            age = age_group(last.age)
            has_several = len(set[str]().union(*(chronic(c) for c in in_year))) >= 2
            has_mental = any(is_mental(contact) for contact in in_year)
            if age is None or not (has_several or has_mental):
                continue
            group = "multiple_chronic" if not has_mental else "severe_mental_substance"
            group = "both" if has_several and has_mental else group
            found.append((person, date(year, 1, 1), f"{group}/{age}"))
    return found


# Claims.


def conditions_of_claims(diagnoses: Iterable[Row]) -> dict[object, set[str]]:
    """Claim -> chronic conditions on it, by ICPC-2 or ICPC-2B."""
    codes = {of["code"]: of["condition"] for of in seed("chronic_condition_icpc")}
    found: dict[object, set[str]] = defaultdict(set)
    for row in diagnoses:
        condition = codes.get(str(row["diagnosis"])[:3])
        if row.get("code_system") in (1, 2) and condition is not None:
            found[row["claim_id"]].add(condition)
    return found


def _chronic_patients(
    claims: Iterable[Row], diagnoses: Iterable[Row]
) -> dict[tuple[str, int], tuple[int, str, str | None]]:
    """(person, year) -> how many conditions, area and age group by the last claim with one."""
    on_claim = conditions_of_claims(diagnoses)
    own: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for claim in claims:
        if claim["service_type"] in SERVICES and on_claim[claim["claim_id"]]:
            own[claim["person_id"], claim["claim_date"].year].append(claim)
    found: dict[tuple[str, int], tuple[int, str, str | None]] = {}
    for (person, year), of_year in own.items():
        last = max(of_year, key=lambda claim: (claim["claim_date"], claim["claim_id"]))
        born = known_birth_year(last.get("birth_year"), year)
        number = len(set[str]().union(*(on_claim[claim["claim_id"]] for claim in of_year)))
        age = age_group(None if born is None else year - born)
        found[person, year] = number, claim_area(last), age
    return found


def multiple_chronic_conditions_primary(
    claims: Iterable[Row], diagnoses: Iterable[Row]
) -> list[Unit]:
    return [
        Unit(f"{year}", person, f"{year}", (age, place),
             {1: "one", 2: "two"}.get(number, "three_or_more"))
        for (person, year), (number, place, age) in _chronic_patients(claims, diagnoses).items()
        if age is not None
    ]  # fmt: skip


def contact_days(
    claims: Iterable[Row], tariffs: Iterable[Row]
) -> dict[tuple[str, int, str], set[date]]:
    """(person, year, service) -> days: with a GP consultations and home visits only."""
    on_claim: dict[object, set[str]] = defaultdict(set)
    for line in tariffs:
        on_claim[line["claim_id"]].add(line["tariff"].lower())
    found: dict[tuple[str, int, str], set[date]] = defaultdict(set)
    for claim in claims:
        service = SERVICES.get(claim["service_type"])
        kind = municipal.contact_kind(on_claim[claim["claim_id"]])
        if service == "legevakt" or (service == "gp" and kind in (CONSULTATION, HOME_VISIT)):
            day = claim["claim_date"]
            found[claim["person_id"], day.year, service].add(day)
    return found


def multiple_chronic_contacts(
    claims: Sequence[Row], diagnoses: Iterable[Row], tariffs: Iterable[Row]
) -> list[Unit]:
    days = contact_days(claims, tariffs)
    found: list[Unit] = []
    for (person, year), (number, _, age) in _chronic_patients(claims, diagnoses).items():
        if number < 2 or age is None:
            continue
        for service in ("gp", "legevakt"):
            atom = _atom(len(days.get((person, year, service), ())))
            unit_id = f"{year}/{service}"
            found.append(Unit(unit_id, person, f"{year}", (service, age), atom))
    return found


def _atom(days: int) -> str:
    for most, name in ((0, "none"), (2, "one_to_two"), (5, "three_to_five"), (11, "six_to_eleven")):
        if days <= most:
            return name
    return "twelve_or_more"


def contact_tokens(
    claims: Iterable[Row], tariffs: Iterable[Row], service: str
) -> list[tuple[str, date, str, str]]:
    """(person, first day of the year, service, class)."""
    classes = {"one_to_two": "1-2", "three_to_five": "3-5", "six_to_eleven": "6-11"}
    return [
        (person, date(year, 1, 1), service, classes.get(_atom(len(days)), "12+"))
        for (person, year, of), days in contact_days(claims, tariffs).items()
        if of == service
    ]
