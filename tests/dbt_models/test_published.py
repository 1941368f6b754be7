"""Published tables through the models: as many rows as were counted, and the same figures out.

What was published are counts. Persons are made who have what was counted; the models, the sums of
areas, and the share and growth of the organisation's own report are to give the table back.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from federated.contract.change import change
from federated.site.report.tables import share
from synthetic.model.psychiatry import GROUP_CODES, GROUPS
from tests.dbt_models.indicators.cases.case import Row, stay
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Workbench
from tests.shared_data import PUBLISHED

PERIOD = (date(2018, 1, 1), date(2022, 12, 31))

pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published tables are not on this machine"
)


def table(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (PUBLISHED / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


AREAS = {row["name_nb"]: row["area"] for row in seed("area")} | {"Uoppgitt bydel Oslo": "030199"}
SECTORS = {
    "Akershus": "sector_ahus",
    "Diakonhjemmet": "sector_diakonhjemmet",
    "Lovisenberg": "sector_lovisenberg",
    "OUS": "sector_ous",
}


def referrals() -> Iterator[Row]:
    for row in table("oslo_bup_referrals_2022.csv"):
        if not row["bydel"]:
            continue
        for outcome, count in ((1, int(row["new_referrals"])), (2, int(row["rejected"]))):
            for number in range(count):
                person = f"{row['bydel']}-{outcome}-{number}"
                yield {
                    "referral_id": "r", "person_id": person, "specialty": "310",
                    "received_on": date(2022, 1, 1) + timedelta(days=number % 365),
                    "outcome": outcome, "birth_year": 2010, "municipality_no": "0301",
                    "bydel": AREAS[row["bydel"]],
                }  # fmt: skip


def test_referrals_to_bup_in_2022_by_bydel_sector_and_city(workbench: Workbench) -> None:
    workbench.land({"npr_referral": list(referrals())}, PERIOD)
    found = Counter(workbench.rows("atom_bup_referrals", ("area", "atom")))
    groups = Counter[tuple[str, str]]()
    for row in seed("area_group"):
        if int(row["year_from"] or 0) > 2022:  # Alna moves to OUS later
            continue
        for atom in ("accepted", "rejected"):
            groups[row["area_group"], atom] += found[row["area"], atom]
    for row in table("oslo_bup_referrals_2022.csv"):
        accepted, rejected = int(row["new_referrals"]), int(row["rejected"])
        if row["bydel"]:
            counts, name = found, AREAS[row["bydel"]]
        else:
            counts, name = groups, SECTORS.get(row["sector"], "oslo")
        if name == "sector_ous":  # the table has residents of no known bydel there
            accepted, rejected = accepted - 15, rejected - 3
        assert (counts[name, "accepted"], counts[name, "rejected"]) == (accepted, rejected), name
    rejected = groups["oslo", "rejected"]
    of_all = share(rejected, rejected + groups["oslo", "accepted"])
    assert of_all == pytest.approx(622 / 3899)


CODES = {name: codes[0] for name, codes in zip(GROUPS, GROUP_CODES, strict=True)}
HOMES: dict[str, Row] = {
    "Oslo": {"municipality_no": "0301", "bydel": "030105"},
    "HSO_rest": {"municipality_no": "3201", "bydel": None},
}
YEARS = ("2018", "2022")


def patients() -> Iterator[Row]:
    for row in table("bup_patients_by_diagnosis_group_2018_2022.csv"):
        if row["diagnosis_group"] == "Totalsum":
            continue
        for year in YEARS:
            for number in range(int(row[f"y{year}"])):
                person = f"{row['area']}-{row['diagnosis_group']}-{year}-{number}"
                yield stay(
                    "c", f"{year}-05-02 08:00", f"{year}-05-02 09:00", person_id=person,
                    care_level=3, sector="3", urgency=4, birth_year=int(year) - 12,
                    main_diagnosis=CODES[row["diagnosis_group"]], **HOMES[row["area"]],
                )  # fmt: skip


def test_patients_of_bup_by_group_and_their_growth(workbench: Workbench) -> None:
    workbench.land({"npr_stay": list(patients())}, PERIOD)
    rows = workbench.rows("atom_bup_patients", ("area", "diagnosis_group", "period"))
    found = Counter(rows)
    groups = {row["name_nb"]: row["diagnosis_group"] for row in seed("bup_diagnosis_group")}
    areas = {"Oslo": "030105", "HSO_rest": "helse_sor_ost"}
    for row in table("bup_patients_by_diagnosis_group_2018_2022.csv"):
        if row["diagnosis_group"] in groups:
            for year in YEARS:
                cell = areas[row["area"]], groups[row["diagnosis_group"]], year
                assert found[cell] == int(row[f"y{year}"]), cell
    growth: dict[str, float | None] = {}
    for name, area in areas.items():
        before, after = (sum(of == area and y == year for of, _, y in rows) for year in YEARS)
        growth[name] = change(before, after)
    assert {name: round(100 * (of or 0), 1) for name, of in growth.items()} == {
        "Oslo": 26.4,  # printed: 12.9
        "HSO_rest": 25.6,  # printed: 16.9
    }


ATLAS = {
    "Hjertesvikt, reinnleggelser": ("heart_failure", "I500"),
    "Kols, reinnleggelser": ("copd", "J441"),
    "Lungebetennelse, reinnleggelser": ("pneumonia", "J189"),
    "Hjerneslag, reinnleggelser": ("stroke", "I639"),
    "Hoftebrudd, reinnleggelser": ("hip_fracture", "S720"),
}


def atlas() -> dict[str, dict[str, str]]:
    rows = table("helseatlas_eldre_2013_2015.csv", ";")
    return {row["level2_name"]: row for row in rows if row["area_name"] == "Norge"}


def index_stays() -> Iterator[Row]:
    for name, (group, code) in ATLAS.items():
        row = atlas()[name]
        for number in range(int(row["denominator"])):
            person: dict[str, Any] = {"person_id": f"{group}-{number}"}
            yield stay("a", "2022-02-01 08:00", "2022-02-05 08:00", main_diagnosis=code, **person)
            if number < int(row["numerator"]):
                back = ("2022-02-20 08:00", "2022-02-21 08:00")
                yield stay("b", *back, main_diagnosis="K922", **person)


def test_readmission_in_the_atlas_of_the_elderly(workbench: Workbench) -> None:
    """Helseatlas for eldre 2013-2015, Norway, 75 and over: five diagnoses.

    Norway and not an area: the shares of areas are standardised, their counts are not.
    """
    workbench.land({"npr_stay": list(index_stays())}, PERIOD)
    columns = ("atlas_diagnosis", "atom")
    found = Counter(workbench.rows("atom_readmission_30d_skde_diagnosis", columns))
    for name, (group, _) in ATLAS.items():
        readmitted = found[group, "readmitted"]
        of_all = share(readmitted, readmitted + found[group, "not_readmitted"])
        assert of_all is not None
        assert 100 * of_all == pytest.approx(float(atlas()[name]["value"]), abs=0.05), name
