"""Odd rows: a table of what is odd by the indicators it can touch, one named test for each.

`-k "leap_day and readmission_30d_fhi"` finds what becomes of the one in the other.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_catalogue
from federated.site.landing import StatedPeriod, ingest
from federated.site.landing.contract import load_contract
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.definitions import definitions
from tests.dbt_models.indicators.cases.case import Case, Row, care, claim
from tests.dbt_models.indicators.cases.odd import (
    BUILT_ON,
    ODD,
    OWN,
    QUARANTINED,
    UNTOUCHED,
    touched,
)
from tests.dbt_models.indicators.cases.odd_scenes import VARIANTS, ill
from tests.dbt_models.indicators.cases.registry import ODD_CASES
from tests.dbt_models.indicators.cases.running import referenced, worked
from tests.dbt_models.workbench import Workbench
from tests.federated.site.homes import write_site

NEEDS: dict[str, set[str]] = {
    name: set(definition.needs) for name, definition in definitions().items()
}
TABLES = {table.name: table for table in load_contract()}


@pytest.fixture(scope="module")
def indicators(built_sites: BuiltSites) -> dict[str, Indicator]:
    manifest = built_sites.built.artefacts / "target" / "manifest.json"
    return load_catalogue(manifest, PROJECT_DIR)


@pytest.mark.parametrize("odd", ODD)
def test_the_table_has_no_holes(odd: str) -> None:
    assert {case.indicator for case in ODD_CASES if case.odd == odd} == touched(odd, NEEDS)


def test_who_is_untouched_is_said_of_indicators_that_could_be_touched() -> None:
    for odd, reasons in UNTOUCHED.items():
        assert all(NEEDS[indicator] & ODD[odd] for indicator in reasons), odd
        assert all(reasons.values())


def test_what_is_built_on_another_needs_its_tables_and_the_other_has_cases() -> None:
    with_cases = {case.indicator for case in ODD_CASES}
    for name, other in BUILT_ON.items():
        assert NEEDS[other] & NEEDS[name], name
        assert other in with_cases, other
    for odd, own in OWN.items():
        assert own <= set(BUILT_ON) & touched(odd, NEEDS), odd


@pytest.fixture(scope="module")
def found(workbench: Workbench, indicators: Mapping[str, Indicator]) -> dict[str, list[str]]:
    return worked(workbench, indicators, ODD_CASES)


@pytest.fixture(scope="module")
def by_reference(indicators: Mapping[str, Indicator]) -> dict[str, list[str]]:
    return referenced(indicators, ODD_CASES)


@pytest.mark.parametrize("case", ODD_CASES, ids=lambda case: case.id)
def test_odd(
    found: Mapping[str, list[str]], by_reference: Mapping[str, list[str]], case: Case
) -> None:
    assert found[case.id] == sorted(case.expected)
    assert by_reference.get(case.id, found[case.id]) == sorted(case.expected)


# What the landing turns away.

STATED = StatedPeriod(date(2022, 1, 1), date(2024, 12, 31), date(2025, 1, 10))
FORMATS = {
    "npr_stay": "npr",
    "npr_referral": "npr-henvisning",
    "kpr_care": "kpr-omsorg",
    "kuhr_claim": "kuhr",
}
FILES = {
    "npr_stay": "npr",
    "npr_referral": "henvisning",
    "kpr_care": "tjeneste",
    "kuhr_claim": "regning",
    "kuhr_tariff": "takst",
    "kuhr_diagnosis": "diagnose",
}
CARE_CODES = (15, 18, 21, 22)
SOUND, ODD_ONE = "sound", "odd"


def rows_of(person: str) -> dict[str, list[Row]]:
    """Rows of every table, and of every kind that some indicator counts."""
    kinds = [{}, *VARIANTS.values()]
    at = ("2024-03-01 08:30", "2024-03-04 12:00", "2024-03-03")
    return {
        "npr_stay": [
            ill(f"{n}", *at, person_id=f"{person}-{n}", **kind) for n, kind in enumerate(kinds)
        ],
        "npr_referral": [
            {
                "referral_id": "f", "person_id": f"{person}-0", "specialty": "310", "outcome": 1,
                "received_on": date(2024, 3, 1), "wait_ended_on": date(2024, 3, 30),
                "birth_year": 2010, "municipality_no": "0301", "bydel": "030105",
            }
        ],
        "kpr_care": [
            care(f"{code}", code, "2024-03-01", "2024-03-20", person_id=f"{person}-0")
            for code in CARE_CODES
        ],
        "kuhr_claim": [claim(f"{person}-k", "2024-03-01", person_id=f"{person}-0", refund=200.0)],
    }  # fmt: skip


def as_delivered(table: str, row: Row) -> dict[str, str]:
    names = {column.name: column.register_name for column in TABLES[table].columns}
    return {names[name]: "" if value is None else str(value) for name, value in row.items()}


def write(folder: Path, table: str, rows: Sequence[Mapping[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{FILES[table]}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def deliver(folder: Path, table: str, cells: Mapping[str, str]) -> None:
    """A delivery of sound rows of one person, and of odd ones of another."""
    sound = [as_delivered(table, row) for row in rows_of(SOUND)[table]]
    odd = [as_delivered(table, row) | dict(cells) for row in rows_of(ODD_ONE)[table]]
    write(folder, table, [*odd, *sound])
    if table == "kuhr_claim":  # three files that belong together
        of_claim = {"enkeltregning_lnr": f"{SOUND}-k"}
        write(folder, "kuhr_tariff", [of_claim | {"takstKode": "2ad", "antall": "1"}])
        code = {"diagnoseKode": "K77", "diagnoseTabell": "1", "erHoveddiagnose": "1"}
        write(folder, "kuhr_diagnosis", [of_claim | code])


Counted = Callable[[str, str], Mapping[str, set[str]]]
"""Odd thing and table -> by indicator, whose rows there are in its models."""


@pytest.fixture(scope="module")
def counted(
    workbench: Workbench,
    indicators: Mapping[str, Indicator],
    tmp_path_factory: pytest.TempPathFactory,
) -> Counted:
    """Who is counted once such rows have been through the landing."""

    @cache
    def count(odd: str, table: str) -> Mapping[str, set[str]]:
        reason, cells = QUARANTINED[odd][table]
        folder = tmp_path_factory.mktemp(odd)
        site = write_site(folder / "site", None)
        deliver(folder / "in", table, cells)
        report = ingest(site, FORMATS[table], folder / "in", stated=STATED)
        assert set(report.reasons) == {reason}, (odd, table)
        assert report.rows_quarantined == len(rows_of(ODD_ONE)[table])
        workbench.land_from(site.warehouse_path)
        return _persons(workbench, indicators, table)

    return count


def _persons(
    workbench: Workbench, indicators: Mapping[str, Indicator], table: str
) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, indicator in indicators.items():
        if table in NEEDS[name]:
            models = indicator.definition.tokens or [indicator.model]
            built = workbench.all_rows(list(models))
            found[name] = {
                str(row[workbench.columns(model).index("person_id")]).partition("-")[0]
                for model, rows in built.items()
                for row in rows
            }
    return found


@pytest.mark.parametrize(
    ("odd", "table", "indicator"),
    [
        pytest.param(
            *(odd, table, indicator),
            id=f"{odd} x {indicator} ({table})",
            marks=() if odd == "reversed_dates" else pytest.mark.slow,
        )
        for odd, tables in QUARANTINED.items()
        for table in tables
        for indicator, needs in NEEDS.items()
        if table in needs
    ],
)
def test_odd_rows_are_turned_away(counted: Counted, odd: str, table: str, indicator: str) -> None:
    who = counted(odd, table)[indicator]
    assert ODD_ONE not in who
    if NEEDS[indicator] == {table}:
        assert who == {SOUND}
