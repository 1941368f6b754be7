"""The familiar tables: fed with the published numbers, they give back the published table."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_catalogue
from federated.site.report.familiar import familiar_tables
from federated.site.report.figures import Figures
from federated.site.report.tables import Names
from federated.site.report.words import names_of
from style.tables import Table
from tests.shared_data import PUBLISHED


def published(name: str) -> list[dict[str, str]]:
    if not (PUBLISHED / name).is_file():
        pytest.skip("the published tables are not here")
    with (PUBLISHED / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def catalogue(manifest: Path) -> dict[str, Indicator]:
    return load_catalogue(manifest, PROJECT_DIR)


@pytest.fixture(scope="module")
def names(catalogue: dict[str, Indicator]) -> Names:
    return names_of(list(catalogue.values()), PROJECT_DIR)


@pytest.fixture(scope="module")
def area_code() -> dict[str, str]:
    with (PROJECT_DIR / "seeds" / "area.csv").open(newline="", encoding="utf-8") as file:
        return {row["name_nb"]: row["area"] for row in csv.DictReader(file)}


def lines(table: Table) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for row in table.rows}


def made(indicator: Indicator, rows: list[dict[str, object]], names: Names) -> Table:
    """The familiar table of one indicator; measures and keys that a row leaves out are usual."""
    usual: dict[str, object] = dict.fromkeys(indicator.definition.measures, 0)
    usual |= dict.fromkeys(indicator.key_names, "")
    values = pd.DataFrame([usual | row for row in rows])
    people = pd.DataFrame([("2022", "030110", 2_000)], columns=["period", "area", "persons"])
    figures = Figures(indicator, "delivered", values, people)
    (table,) = familiar_tables({indicator.id: figures}, names)
    return table


def test_referrals_by_sector_and_bydel_as_published(catalogue, names, area_code) -> None:
    source = published("oslo_bup_referrals_2022.csv")
    rows = [
        {
            "period": "2022",
            "area": area_code.get(row["bydel"], "030199"),
            "received": int(row["total"]),
            "rejected": int(row["rejected"]),
        }
        for row in source
        if row["bydel"]
    ]
    table = made(catalogue["bup_referrals"], rows, names)
    found = lines(table)
    for row in source:
        numbers = (int(row["new_referrals"]), int(row["rejected"]), int(row["total"]))
        if row["bydel"] in area_code:
            assert found[row["bydel"]][:3] == numbers
        elif row["sector"] in ("Diakonhjemmet", "Lovisenberg"):
            assert found[f"Sektor {row['sector']}"][:3] == numbers
    # OUS's own line holds those without a bydel; here they stand by themselves, as nobody's.
    assert found["Oslo"][:3] == (3277, 622, 3899)
    assert found["Oslo"][3] == pytest.approx(622 / 3899)
    assert found["Sektor Ahus (Oslo-bydelene)"][:3] == (636, 38, 674)
    assert found["Sektor OUS"][:3] == (1447 - 15, 402 - 3, 1849 - 18)
    emphasised = {table.rows[place][0] for place in table.emphasised}
    assert emphasised == {name for name in found if str(name).startswith("Sektor")} | {"Oslo"}


def test_diagnosis_groups_with_changes_that_are_right(catalogue, names) -> None:
    source = [r for r in published("bup_patients_by_diagnosis_group_2018_2022.csv")
              if r["area"] == "Oslo"]  # fmt: skip
    indicator = catalogue["bup_patients"]
    groups = dict(
        zip((r["diagnosis_group"] for r in source), indicator.seed_values["diagnosis_group"],
            strict=False)
    )  # fmt: skip
    rows = [
        {
            "period": str(year),
            "diagnosis_group": groups[row["diagnosis_group"]],
            "patients": int(row[f"y{year}"]),
        }
        for row in source
        if row["diagnosis_group"] != "Totalsum"
        for year in range(2018, 2023)
    ]
    table = made(indicator, rows, names)
    headings = [column.heading for column in table.columns]
    assert headings[1:] == [
        "2018", "2019", "2020", "2021", "2022", "Endring 2018–2022", "Endring 2021–2022",
    ]  # fmt: skip
    *counts, since_2018, since_2021 = lines(table)["Totalsum"]
    assert counts == [6966, 7242, 6753, 8002, 8806]
    assert since_2018 == pytest.approx(0.264, abs=5e-4)  # printed as 12.9 %
    assert since_2021 == pytest.approx(0.1005, abs=5e-4)


def test_adhd_by_age_group_and_bydel(catalogue, names, area_code) -> None:
    source = published("oslo_adhd_patients_2022.csv")
    children = [r for r in source if r["age_group"] == "0-17" and r["bydel"] in area_code]
    rows = [
        {"period": period, "area": area_code[row["bydel"]], "age_group": "0-17", "patients": number}
        for row in children
        for period, number in (
            ("2018", round(int(row["unique_patients_2022"])
                           / (1 + float(row["change_2018_2022_pct"]) / 100))),
            ("2022", int(row["unique_patients_2022"])),
        )
    ]  # fmt: skip
    found = lines(made(catalogue["adhd_patients"], rows, names))
    for row in children:
        patients, grown, older, _ = found[row["bydel"]]
        assert (patients, older) == (int(row["unique_patients_2022"]), 0)
        assert grown == pytest.approx(float(row["change_2018_2022_pct"]) / 100, abs=5e-3)


def test_frail_elderly_by_bydel_with_their_rate(catalogue, names) -> None:
    rows = [
        {"period": "2022", "area": "030110", "persons": 594, "medium_or_more": 300,
         "extensive": 90},
        {"period": "2022", "area": "030111", "persons": 100, "medium_or_more": 40, "extensive": 10},
    ]  # fmt: skip
    found = lines(made(catalogue["function_level"], rows, names))
    assert found["Grorud"] == (594, 297.0, 300, 90)
    assert found["Stovner"] == (100, None, 40, 10)
    assert found["Sektor Ahus (Oslo-bydelene)"][0] == 694


def test_services_of_the_frail_in_order_of_size(catalogue, names) -> None:
    services = catalogue["services_of_frail"].seed_values["service"]
    rows = [
        {"period": "2022", "service": services[0], "persons": 10},
        {"period": "2022", "service": services[1], "persons": 8028},
        {"period": "2022", "service": services[2], "persons": 0},
    ]
    table = made(catalogue["services_of_frail"], rows, names)
    assert [row[1] for row in table.rows] == [8028, 10]
    assert "kan ikke legges sammen" in table.note_nb
