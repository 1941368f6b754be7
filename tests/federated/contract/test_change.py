"""Growth against the published tables in which it was printed wrongly."""

import csv

import pytest

from federated.contract.change import change
from tests.shared_data import PUBLISHED


def published(name: str, key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, str]]:
    if not PUBLISHED.is_dir():
        pytest.skip("the folder of published tables is not on this machine")
    with (PUBLISHED / name).open(newline="", encoding="utf-8") as file:
        return {tuple(row[column] for column in key): row for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(100, 100, 0.0), (100, 150, 0.5), (100, 50, -0.5), (100, 0, -1.0), (0, 5, None), (0, 0, None)],
)
def test_the_base_is_what_it_was_before(before: int, after: int, expected: float | None) -> None:
    assert change(before, after) == expected


@pytest.mark.parametrize(
    ("area", "group", "per_cent"),
    [
        ("Oslo", "Totalsum", 26.4),  # printed: 12.9
        ("HSO_rest", "Totalsum", 25.6),  # printed: 16.9
        ("Oslo", "ADHD", 71.1),
        ("HSO_rest", "ADHD", 50.8),
    ],
)
def test_patients_of_bup_from_2018_to_2022(area: str, group: str, per_cent: float) -> None:
    rows = published("bup_patients_by_diagnosis_group_2018_2022.csv", ("area", "diagnosis_group"))
    row = rows[area, group]
    found = change(int(row["y2018"]), int(row["y2022"]))
    assert found is not None
    assert round(100 * found, 1) == per_cent


def test_the_printed_growth_of_oslo_had_the_later_figure_as_base_and_an_earlier_end() -> None:
    """12.9 is (2021 - 2018) / 2021."""
    rows = published("bup_patients_by_diagnosis_group_2018_2022.csv", ("area", "diagnosis_group"))
    row = rows["Oslo", "Totalsum"]
    before, after = int(row["y2018"]), int(row["y2021"])
    assert round(100 * (after - before) / after, 1) == 12.9


def test_the_total_of_the_bup_table_is_the_sum_of_its_groups() -> None:
    rows = published("bup_patients_by_diagnosis_group_2018_2022.csv", ("area", "diagnosis_group"))
    for area in ("Oslo", "HSO_rest"):
        for year in ("y2018", "y2019", "y2020", "y2021", "y2022"):
            groups = [
                int(row[year])
                for (of, group), row in rows.items()
                if of == area and group != "Totalsum"
            ]
            assert sum(groups) == int(rows[area, "Totalsum"][year]), (area, year)


def test_patients_with_adhd_grew_as_printed() -> None:
    bup = published("bup_patients_by_diagnosis_group_2018_2022.csv", ("area", "diagnosis_group"))
    adhd = published("oslo_adhd_patients_2022.csv", ("age_group", "sector", "bydel"))
    oslo, printed = bup["Oslo", "ADHD"], adhd["0-17", "Oslo", ""]
    assert oslo["y2022"] == printed["unique_patients_2022"]
    found = change(int(oslo["y2018"]), int(oslo["y2022"]))
    assert found is not None
    assert round(100 * found, 2) == float(printed["change_2018_2022_pct"])


def test_patients_unique_in_each_sector_do_not_add_up_to_those_of_oslo() -> None:
    """Why a person has one area a year here."""
    rows = published("oslo_adhd_patients_2022.csv", ("age_group", "sector", "bydel"))
    sectors = [
        int(row["unique_patients_2022"])
        for (age, sector, bydel), row in rows.items()
        if age == "0-17" and not bydel and sector != "Oslo"
    ]
    assert (sum(sectors), int(rows["0-17", "Oslo", ""]["unique_patients_2022"])) == (1055, 1044)


def test_the_share_rejected_is_of_referrals_accepted_or_rejected() -> None:
    rows = published("oslo_bup_referrals_2022.csv", ("sector", "bydel"))
    for row in rows.values():
        assert int(row["new_referrals"]) + int(row["rejected"]) == int(row["total"])
    oslo = rows["Oslo", ""]
    assert round(100 * int(oslo["rejected"]) / int(oslo["total"]), 1) == 16.0
