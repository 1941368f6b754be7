"""Risk adjustment in plain Python: comorbidity, predicted risk, band; one stay at a time.

The coefficients, bounds, codes and weights are the project's seeds, which are part of the
definitions; how they are put together is written here once more.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.dbt_models.seeds import seed
from tests.reference import acute, readmission_variants
from tests.reference.atoms import Unit
from tests.reference.readmission_variants import ALL_AGES, FHI, Discharge, Row, area, sector

YEAR = timedelta(days=365)
DIAGNOSES = ("main_diagnosis", "main_diagnosis_2", *(f"other_diagnosis_{n}" for n in range(1, 20)))


def conditions_of(row: Row) -> set[str]:
    """Conditions of the Charlson index among the codes of a contact."""
    codes = [str(row[name]) for name in DIAGNOSES if row.get(name)]
    return {
        of["condition"]
        for of in seed("charlson_code")
        for code in codes
        if of["code_from"] <= code[: len(of["code_from"])] <= of["code_to"]
    }


def charlson(conditions: set[str]) -> int:
    """The score of these conditions together: of two grades of one illness the graver counts."""
    listed = {of["condition"]: of for of in seed("charlson_condition")}
    return sum(
        int(listed[condition]["weight"])
        for condition in conditions
        if listed[condition]["outweighed_by"] not in conditions
    )


@dataclass(frozen=True)
class _Contact:
    person: str
    ended_on: date
    conditions: set[str]


def _contacts(landing: Iterable[Row]) -> list[_Contact]:
    found: dict[tuple[str, str], _Contact] = {}
    for row in landing:
        if row.get("link_quality") == 4:
            continue
        started = datetime.combine(_day(row["admission_date"]), _time(row, "admission_time"))
        ended = datetime.combine(_day(row["discharge_date"]), _time(row, "discharge_time"))
        person = str(row["person_id"])
        found[person, str(row["episode_id"])] = _Contact(
            person, max(started, ended).date(), conditions_of(row)
        )
    return list(found.values())


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value


def _time(row: Row, name: str) -> time:
    value = row.get(name)
    return value if isinstance(value, time) else time()


def score_before(contacts: Iterable[_Contact], person: str, began: date, left: date) -> int:
    """Of contacts that ended within 365 days before `left`, and before `began`."""
    before = [
        contact.conditions
        for contact in contacts
        if contact.person == person and left - YEAR <= contact.ended_on < began
    ]
    return charlson(set().union(*before))


def charlson_group(score: int) -> str:
    if score >= 5:
        return "5+"
    return "3-4" if score >= 3 else str(score)


def risk_band(model: str, terms: dict[str, str]) -> str:
    """The band of a stay with these values of the model's terms."""
    log_odds = 0
    for row in seed("risk_coefficient"):
        if row["model"] == model and row["value"] == terms.get(row["term"], "all"):
            log_odds += int(row["millilogit"])
    (band,) = [
        row["risk_band"]
        for row in seed("risk_band_bound")
        if row["model"] == model
        and int(row["millilogit_from"]) <= log_odds <= int(row["millilogit_to"])
    ]
    return band


@dataclass(frozen=True)
class _Index:
    unit: Unit
    began: date
    left: date
    terms: dict[str, str]
    home: str


def _adjusted(
    model: str, landing: Sequence[Row], first_day: date, stays: list[_Index]
) -> list[Unit]:
    contacts = _contacts(landing)
    found: list[Unit] = []
    for stay in stays:
        if stay.left - YEAR < first_day:
            continue
        score = score_before(contacts, stay.unit.person_id, stay.began, stay.left)
        band = risk_band(model, stay.terms | {"charlson_group": charlson_group(score)})
        cell = sector(stay.home, stay.left.year), band
        unit = stay.unit
        found.append(Unit(unit.unit_id, unit.person_id, unit.period, cell, unit.atom))
    return found


def _indexes(
    landing: Sequence[Row],
    data_end: datetime,
    units: Callable[[Iterable[Row], datetime], list[Unit]],
    terms: Callable[[Unit, Discharge], dict[str, str]],
) -> list[_Index]:
    stays = {stay.unit_id: stay for stay in readmission_variants.discharges(landing, data_end)}
    return [
        _Index(
            unit,
            _day(stays[unit.unit_id].row["admission_date"]),
            stays[unit.unit_id].day,
            terms(unit, stays[unit.unit_id]),
            area(stays[unit.unit_id].row),
        )
        for unit in units(landing, data_end)
    ]


def fhi_adjusted(landing: Sequence[Row], data_end: datetime, first_day: date) -> list[Unit]:
    """readmission_30d_fhi_adjusted."""

    def terms(unit: Unit, stay: Discharge) -> dict[str, str]:
        del stay
        return dict(zip(("age_group", "sex", "diagnosis_group"), unit.cell, strict=True))

    stays = _indexes(landing, data_end, readmission_variants.fhi, terms)
    return _adjusted("readmission_30d_fhi_adjusted", landing, first_day, stays)


def skde_adjusted(landing: Sequence[Row], data_end: datetime, first_day: date) -> list[Unit]:
    """readmission_30d_skde_adjusted."""

    def terms(unit: Unit, stay: Discharge) -> dict[str, str]:
        age, sex, _ = unit.cell
        return {"age_group": age, "sex": sex, "diagnosis_group": stay.group(FHI) or "other"}

    stays = _indexes(landing, data_end, readmission_variants.skde, terms)
    return _adjusted("readmission_30d_skde_adjusted", landing, first_day, stays)


def death_adjusted(landing: Sequence[Row], data_end: datetime, first_day: date) -> list[Unit]:
    """death_after_discharge_adjusted."""

    def units(rows: Iterable[Row], until: datetime) -> list[Unit]:
        sexes = {f"{r['person_id']}/{r['episode_id']}": r.get("sex") for r in rows}
        return [
            unit for unit in acute.death_units(list(rows), until) if sexes[unit.unit_id] in (1, 2)
        ]

    def terms(unit: Unit, stay: Discharge) -> dict[str, str]:
        del unit
        age = stay.age_group(ALL_AGES)
        assert age is not None and stay.sex is not None
        return {"age_group": age, "sex": stay.sex, "diagnosis_group": stay.group(FHI) or "other"}

    stays = _indexes(landing, data_end, units, terms)
    return _adjusted("death_after_discharge_adjusted", landing, first_day, stays)
