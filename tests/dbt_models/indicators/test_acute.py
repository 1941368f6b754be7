"""Indicators of acute care: worked by hand, against the plain-Python reference, and mutated."""

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt_models import PROJECT_DIR
from federated.contract.indicator import IndicatorDefinition
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference import acute
from tests.reference.atoms import Unit, atom_rows
from tests.reference.tokens import index_tokens
from tests.shared_data import PUBLISHED

Row = dict[str, Any]

PERIOD = (date(1900, 1, 1), date(2024, 12, 31))
DATA_END = datetime(2025, 1, 1)
CARE_PERIOD = (date(2024, 1, 1), date(2024, 12, 31))

UNITS: dict[str, Callable[[Sequence[Row]], list[Unit]]] = {
    "atom_acute_admissions": acute.acute_admission_units,
    "atom_acsc_admissions": acute.acsc_units,
    "atom_discharge_ready": lambda rows: acute.discharge_ready_units(rows, DATA_END),
    "atom_discharge_ready_days": acute.discharge_ready_days_units,
    "atom_discharge_ready_cost": acute.discharge_ready_cost_units,
    "atom_death_after_discharge": lambda rows: acute.death_units(rows, DATA_END),
    "atom_acute_stay_cost": acute.acute_stay_cost_units,
    "atom_hospital_cost": acute.hospital_cost_units,
    "atom_hospital_isf_income": acute.hospital_isf_income_units,
    "atom_acute_admissions_10_percent": acute.ten_percent_units,
    "atom_pathway_hospital_cost": lambda rows: acute.pathway_cost_units(rows, DATA_END),
}
BOUNDS = {
    "atom_acute_stay_cost": (3, 3),
    "atom_hospital_cost": (4, 8),
    "atom_hospital_isf_income": (4, 8),
    "atom_acute_admissions_10_percent": (12, 24),
    "atom_pathway_hospital_cost": (12, 12),
}
BEFORE, AFTER = "municipal_cost_before", "municipal_cost_after"
COST_TOKENS, COST_SPANS = "tok_municipal_cost_band", "int_municipal_cost_span"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def stay(number: str, admitted: str, discharged: str, **fields: object) -> Row:
    """An acute inpatient stay of p, born 1940 and living in Frogner; `fields` say otherwise."""
    start, end = moment(admitted), moment(discharged)
    return {
        "episode_id": number,
        "person_id": "p",
        "data_year": end.year,
        "care_level": 1,
        "sector": "4",
        "admission_date": start.date(),
        "admission_time": start.time(),
        "discharge_date": end.date(),
        "discharge_time": end.time(),
        "urgency": 1,
        "state_at_discharge": 1,
        "birth_year": 1940,
        "municipality_no": "0301",
        "bydel": "030105",
        "link_quality": 1,
    } | fields


def found(workbench: Workbench, rows: list[Row], model: str, **changed: str) -> list[Any]:
    """Rows of a hospital's model, the flag of the bounds left out."""
    workbench.land({"npr_stay": rows}, PERIOD)
    return [row[:-1] for row in workbench.rows(model, changed=changed)]


# Acute admissions, worked by hand.


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [stay("1", "2024-01-31 23:59", "2024-02-02 10:00")],
            [("p/1", "p", "2024", "030105", "75-84", "2024-01", "somatic")],
            id="counts in the month in which it begins",
        ),
        pytest.param(
            [
                stay("1", "2023-12-31 20:00", "2024-01-01 02:00", urgency=4, bydel="030101"),
                stay("2", "2024-01-01 10:00", "2024-01-05 10:00", urgency=3, sector="2"),
            ],
            [("p/2", "p", "2023", "030101", "75-84", "2023-12", "somatic")],
            id="a planned stay that an acute one follows within 8 h is one, of the first's year",
        ),
        pytest.param(
            [
                stay("1", "2024-01-01 20:00", "2024-01-02 02:00"),
                stay("2", "2024-01-02 10:00:01", "2024-01-05 10:00"),
            ],
            [
                ("p/1", "p", "2024", "030105", "75-84", "2024-01", "somatic"),
                ("p/2", "p", "2024", "030105", "75-84", "2024-01", "somatic"),
            ],
            id="a second more than 8 h is two admissions",
        ),
        pytest.param(
            [
                stay("4", "2024-03-01 10:00", "2024-03-02 10:00", urgency=4),
                stay("5", "2024-04-01 10:00", "2024-04-02 10:00", urgency=5),
                stay("0", "2024-05-01 10:00", "2024-05-02 10:00", urgency=None),
                stay("d", "2024-06-01 10:00", "2024-06-02 10:00", care_level=2),
                stay("n", "2024-07-01 10:00", "2024-07-02 10:00", link_quality=4),
                stay("a", "2024-08-01 10:00", "2024-08-02 10:00", birth_year=9999),
            ],
            [],
            id="planned, returned, unknown urgency, day care, nobody known and no age count not",
        ),
        pytest.param(
            [
                stay("1", "2024-02-29 00:00", "2024-03-01 00:00", municipality_no="-1", bydel=None),
                stay("2", "2024-06-01 00:00", "2024-06-02 00:00", bydel="030177", sector="PHV"),
                stay("3", "2024-09-01 00:00", "2024-09-02 00:00", municipality_no="4601",
                     bydel=None, sector=None, birth_year=1939),
            ],
            [
                ("p/1", "p", "2024", "unknown", "75-84", "2024-02", "somatic"),
                ("p/2", "p", "2024", "030199", "75-84", "2024-06", "mental_health_addiction"),
                ("p/3", "p", "2024", "other_regions", "85+", "2024-09", "somatic"),
            ],
            id="unknown residence, unknown bydel and other regions are areas of their own",
        ),
        pytest.param(
            [stay("1", "2024-03-31 02:30", "2024-03-31 01:30")],
            [("p/1", "p", "2024", "030105", "75-84", "2024-03", "somatic")],
            id="a discharge before the admission, in the hour that summer time skips",
        ),
    ],
)  # fmt: skip
def test_acute_admissions(
    workbench: Workbench, rows: list[Row], expected: list[tuple[str, ...]]
) -> None:
    assert found(workbench, rows, "atom_acute_admissions") == expected


def test_two_in_a_month_and_four_in_a_year_are_counted(workbench: Workbench) -> None:
    rows = [stay(f"{n}", f"2024-01-{n:02} 08:00", f"2024-01-{n:02} 12:00") for n in (1, 5, 9)]
    rows += [stay(f"m{n}", f"2024-{n:02}-01 08:00", f"2024-{n:02}-02 12:00") for n in range(2, 8)]
    workbench.land({"npr_stay": rows}, PERIOD)
    table = workbench.rows("atom_acute_admissions", ("month", "is_counted"))
    assert len(table) == 9
    counted = [month for month, is_counted in table if is_counted]
    assert len(counted) == 4
    assert counted.count("2024-01") <= 2


# ACSC, worked by hand.


@pytest.mark.parametrize(
    ("diagnosis", "group"),
    [
        ("I500", "heart_failure"), ("I501", None), ("J81", "heart_failure"), ("J440", "copd"),
        ("J441", "copd"), ("J45", None), ("J459", "asthma"), ("J180", None), ("J181", "pneumonia"),
        ("J189", "pneumonia"), ("J160", "pneumonia"), ("J169", None), ("N109", "pyelonephritis"),
        ("N136", "pyelonephritis"), ("N390", None), ("E101", "diabetes"), ("E109", None),
        ("E860", "dehydration"), ("E86", "dehydration"), ("A090", None), ("K529", "dehydration"),
        ("I209", "angina"), ("R074", "angina"), ("D649", None), ("D500", "other"),
        ("K922", "other"), ("G409", "other"), ("A369", "other"), (None, None), ("", None),
    ],
)  # fmt: skip
def test_the_acsc_list_by_hand(workbench: Workbench, diagnosis: str | None, group: str) -> None:
    rows = [stay("1", "2024-01-31 23:59", "2024-02-02 10:00", main_diagnosis=diagnosis)]
    expected = [("p/1", "p", "2024", group, "030105", "75-84", "admission")] if group else []
    assert found(workbench, rows, "atom_acsc_admissions") == expected


def test_the_acsc_diagnosis_is_that_of_the_first_stay_and_planned_ones_count_not(
    workbench: Workbench,
) -> None:
    rows = [
        stay("1", "2024-01-01 08:00", "2024-01-02 08:00", main_diagnosis="R104"),
        stay("2", "2024-01-02 08:00", "2024-01-03 08:00", main_diagnosis="I500"),
        stay("3", "2024-02-01 08:00", "2024-02-02 08:00", main_diagnosis="I500", urgency=4),
        stay("4", "2024-03-01 08:00", "2024-03-02 08:00", main_diagnosis="J440"),
        stay("5", "2024-03-02 08:00", "2024-03-03 08:00", main_diagnosis="I500"),
    ]
    assert found(workbench, rows, "atom_acsc_admissions") == [
        ("p/5", "p", "2024", "copd", "030105", "75-84", "admission")
    ]


def test_no_code_is_of_two_acsc_conditions_and_doubtful_rows_say_so() -> None:
    rows = seed("acsc")
    assert {row["acsc_group"] for row in rows} == {row["acsc_group"] for row in seed("acsc_group")}
    assert len({row["condition"] for row in rows}) == 19
    spans = sorted((row["code_from"].ljust(4, "0"), row["code_to"].ljust(4, "9")) for row in rows)
    assert all(len(row["code_from"]) == len(row["code_to"]) for row in rows)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    doubtful = {row["code_from"] for row in rows if row["standing"] != "confirmed"}
    assert doubtful == {"A020", "A040", "E86"}


# Ready for discharge, worked by hand.

READY = ("030105", "75-84", "2024Q1")


def ready(number: str, ready_on: str, **fields: object) -> Row:
    """Admitted 2 January, discharged 10 January, ready on a day between."""
    return stay(
        number, "2024-01-02 12:00", "2024-01-10 12:00",
        discharge_ready_date=date.fromisoformat(ready_on), **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "atom"),
    [
        pytest.param([ready("1", "2024-01-10")], "same_day_not_readmitted", id="0 days over"),
        pytest.param([ready("1", "2024-01-09")], "over_not_readmitted", id="1 day over"),
        pytest.param([ready("1", "2024-01-02")], "over_not_readmitted", id="ready on admission"),
        pytest.param([ready("1", "2024-01-01")], None, id="ready before admission is no report"),
        pytest.param([ready("1", "2024-01-11")], None, id="ready after discharge is no report"),
        pytest.param([ready("1", "2024-01-09", link_quality=4)], None, id="nobody known"),
        pytest.param([ready("1", "2024-01-09", birth_year=9999)], None, id="unknown age"),
        pytest.param([ready("1", "2024-01-09", care_level=2)], None, id="day care"),
        pytest.param(
            [ready("1", "2024-01-09", state_at_discharge=2)], "over_not_followed", id="left dead"
        ),
        pytest.param(
            [ready("1", "2024-01-09", death_date=date(2024, 1, 10))], "over_not_followed",
            id="died on the day of discharge",
        ),
        pytest.param(
            [ready("1", "2024-01-09", death_date=date(2024, 1, 11))], "over_not_readmitted",
            id="died the day after",
        ),
        pytest.param(
            [ready("1", "2024-01-10"), stay("2", "2024-01-10 23:59", "2024-01-12 12:00")],
            "same_day_not_readmitted", id="back the same day is 0 days",
        ),
        pytest.param(
            [ready("1", "2024-01-10"), stay("2", "2024-01-11 00:00", "2024-01-12 12:00")],
            "same_day_readmitted", id="back the next day is 1 day",
        ),
        pytest.param(
            [ready("1", "2024-01-09"), stay("2", "2024-02-09 23:59", "2024-02-12 12:00")],
            "over_readmitted", id="back after 30 days",
        ),
        pytest.param(
            [ready("1", "2024-01-09"), stay("2", "2024-02-10 00:00", "2024-02-12 12:00")],
            "over_not_readmitted", id="back after 31 days",
        ),
        pytest.param(
            [ready("1", "2024-01-09"), stay("2", "2024-01-20 08:00", "2024-01-22 12:00",
             urgency=4)],
            "over_not_readmitted", id="back as planned",
        ),
        pytest.param(
            [
                ready("1", "2024-01-09"),
                stay("2", "2024-01-12 08:00", "2024-01-13 12:00", urgency=4),
                stay("3", "2024-01-05 08:00", "2024-01-25 12:00"),
                stay("4", "2024-01-30 08:00", "2024-01-31 12:00"),
            ],
            "over_readmitted", id="an overlapping stay and a planned one hide no acute one",
        ),
        pytest.param(
            [ready("1", "2024-01-09"), stay("2", "2024-01-20 08:00", "2024-01-22 12:00",
             link_quality=4)],
            "over_not_readmitted", id="an admission of nobody known is nobody's",
        ),
    ],
)  # fmt: skip
def test_discharge_ready(workbench: Workbench, rows: list[Row], atom: str | None) -> None:
    expected = [("p/1", "p", "2024", *READY, atom)] if atom else []
    assert found(workbench, rows, "atom_discharge_ready") == expected


@pytest.mark.parametrize(
    ("discharged", "atom"),
    [
        ("2024-12-01 23:59", "same_day_not_readmitted"),
        ("2024-12-02 00:00", "same_day_not_followed"),
    ],
)
def test_thirty_whole_days_must_be_delivered(
    workbench: Workbench, discharged: str, atom: str
) -> None:
    day = moment(discharged).date()
    rows = [stay("1", "2024-11-20 08:00", discharged, discharge_ready_date=day)]
    (row,) = found(workbench, rows, "atom_discharge_ready")
    assert row[-1] == atom


@pytest.mark.parametrize(
    ("admitted", "ready_on", "discharged", "days", "cost"),
    [
        ("2024-02-01", "2024-02-28", "2024-03-01", 2, 2 * 5745),  # over a leap day
        ("2023-12-01", "2023-12-30", "2024-01-02", 3, 3 * 5745),  # all at the price of 2024
        ("2019-03-01", "2019-03-02", "2019-03-05", 3, None),  # no price was found for 2019
        ("2022-01-01", "2022-01-02", "2023-01-03", 365, 365 * 5508),  # 366 days, clipped
        ("2024-02-01", "2024-03-01", "2024-03-01", None, None),
    ],
)
def test_days_over_and_what_they_cost(
    workbench: Workbench, admitted: str, ready_on: str, discharged: str,
    days: int | None, cost: int | None,
) -> None:  # fmt: skip
    ready_date = date.fromisoformat(ready_on)
    rows = [stay("1", admitted, discharged, discharge_ready_date=ready_date)]
    assert [row[-1] for row in found(workbench, rows, "atom_discharge_ready_days")] == (
        [days] if days else []
    )
    assert [row[-1] for row in found(workbench, rows, "atom_discharge_ready_cost")] == (
        [cost] if cost else []
    )


# Death after discharge, worked by hand.


@pytest.mark.parametrize(
    ("fields", "atom"),
    [
        ({}, "survived"),
        ({"death_date": date(2024, 1, 9)}, None),
        ({"death_date": date(2024, 1, 10)}, "died"),
        ({"death_date": date(2024, 1, 10), "state_at_discharge": None}, None),
        ({"death_date": date(2024, 1, 10), "state_at_discharge": 2}, None),
        ({"death_date": date(2024, 1, 11), "state_at_discharge": None}, "died"),
        ({"death_date": date(2024, 2, 9)}, "died"),
        ({"death_date": date(2024, 2, 10)}, "survived"),
        ({"state_at_discharge": 3}, None),
        ({"urgency": 4}, None),
        ({"link_quality": 4}, None),
        ({"birth_year": 9999}, None),
    ],
)
def test_death_after_discharge(workbench: Workbench, fields: Row, atom: str | None) -> None:
    rows = [stay("1", "2024-01-02 12:00", "2024-01-10 12:00", **fields)]
    expected = [("p/1", "p", "2024", "75-84", "2024Q1", atom)] if atom else []
    assert found(workbench, rows, "atom_death_after_discharge") == expected


@pytest.mark.parametrize(("acute_year", "atom"), [(2022, None), (2023, "survived")])
def test_an_acute_part_from_before_last_year_makes_no_acute_discharge(
    workbench: Workbench, acute_year: int, atom: str | None
) -> None:
    rows = [
        stay("1", "2022-01-01 00:00", "2022-12-31 23:00", urgency=1 if acute_year == 2022 else 4),
        stay("2", "2023-01-01 00:00", "2023-12-31 23:00", urgency=1 if acute_year == 2023 else 4),
        stay("3", "2024-01-01 00:00", "2024-01-10 23:00", urgency=4),
    ]
    found_rows = found(workbench, rows, "atom_death_after_discharge")
    assert [row[-1] for row in found_rows] == ([atom] if atom else [])


def test_the_30_days_after_the_discharge_must_be_delivered(workbench: Workbench) -> None:
    rows = [
        stay("1", "2024-11-20 08:00", "2024-12-01 23:59"),
        stay("2", "2024-12-02 08:00", "2024-12-02 23:59", person_id="q"),
    ]
    assert [r[0] for r in found(workbench, rows, "atom_death_after_discharge")] == ["p/1"]


# Cost, worked by hand.


@pytest.mark.parametrize(
    ("fields", "full", "income"),
    [
        ({"drg_weight": 1.0}, 52_248, 20_899),  # 20 899.2
        ({"drg_weight": 0.5}, 26_124, 10_450),  # 10 449.6
        ({"drg_weight": 0.0}, 0, 0),
        ({"drg_weight": None}, None, None),
        ({"drg_weight": 200.0}, 5_000_000, 4_179_840),
        ({"drg_weight": 1.0, "sector": "2"}, None, None),
        ({"drg_weight": 1.0, "care_level": 2}, None, None),
        ({"drg_weight": 1.0, "link_quality": 4}, None, None),
    ],
)
def test_points_become_kroner(
    workbench: Workbench, fields: Row, full: int | None, income: int | None
) -> None:
    rows = [stay("1", "2024-01-02 12:00", "2024-01-10 12:00", **fields)]
    cost = [row[-1] for row in found(workbench, rows, "atom_hospital_cost")]
    assert cost == ([] if full is None else [full])
    isf = [row[-1] for row in found(workbench, rows, "atom_hospital_isf_income")]
    assert isf == ([] if income is None else [income])


def test_a_year_without_a_price_has_no_rows_and_the_year_is_that_of_discharge(
    workbench: Workbench,
) -> None:
    rows = [
        stay("1", "2018-12-30 12:00", "2018-12-31 12:00", drg_weight=1.0),
        stay("2", "2018-12-31 23:00", "2019-01-01 12:00", drg_weight=1.0),
        stay("3", "2023-06-01 12:00", "2023-06-02 12:00", drg_weight=1.0),
        stay("4", "2023-12-31 12:00", "2024-01-01 12:00", drg_weight=1.0, urgency=4),
    ]
    place = ("030105", "75-84")
    assert found(workbench, rows, "atom_hospital_cost") == [
        ("p/1", "p", "2018", *place, "acute", 43_428),
        ("p/4", "p", "2024", *place, "planned", 52_248),
    ]


def test_a_planned_part_of_an_acute_episode_is_acute(workbench: Workbench) -> None:
    rows = [
        stay("1", "2024-01-02 12:00", "2024-01-10 12:00", drg_weight=1.0),
        stay("2", "2024-01-10 14:00", "2024-01-12 12:00", drg_weight=2.0, urgency=5),
    ]
    assert [row[-2:] for row in found(workbench, rows, "atom_hospital_cost")] == [
        ("acute", 52_248), ("acute", 104_496),
    ]  # fmt: skip


def test_a_tenth_by_payer(workbench: Workbench) -> None:
    rows = [
        stay("1", "2024-01-02 12:00", "2024-01-10 12:00", drg_weight=1.0,
             discharge_ready_date=date(2024, 1, 8)),
        stay("2", "2024-03-02 12:00", "2024-03-10 12:00", drg_weight=1.0, urgency=4,
             discharge_ready_date=date(2024, 3, 8)),
        stay("3", "2023-03-02 12:00", "2023-03-10 12:00", drg_weight=1.0,
             discharge_ready_date=date(2023, 3, 9)),
        stay("4", "2024-05-02 12:00", "2024-05-10 12:00", drg_weight=200.0),
    ]  # fmt: skip
    place = ("030105", "75-84")
    assert found(workbench, rows, "atom_acute_admissions_10_percent") == [
        ("p/1/isf", "p", "2024", *place, "isf", 2_090),  # 52 248 x 40 % x 10 %
        ("p/1/municipality", "p", "2024", *place, "municipality", 1_149),  # 2 x 5 745 x 10 %
        ("p/1/trust", "p", "2024", *place, "trust", 3_135),  # 52 248 x 60 % x 10 %
        ("p/3/municipality", "p", "2023", *place, "municipality", 551),  # 5 508 x 10 %
        ("p/4/isf", "p", "2024", *place, "isf", 417_984),
        ("p/4/trust", "p", "2024", *place, "trust", 500_000),  # 626 976, clipped
    ]


# Pathway tokens, worked by hand.


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [
                stay("2", "2024-01-01 00:00", "2024-01-01 06:00", bydel="030101"),
                stay("1", "2024-01-01 15:00", "2024-01-02 06:00", bydel="030110"),
            ],
            [("p", date(2024, 1, 1), "2024", "sector_lovisenberg/75-84", True)],
            id="two admissions on a day are one, in the bucket of the first by the clock",
        ),
        pytest.param(
            [stay("1", "2024-02-29 00:00", "2024-03-01 06:00", bydel=None)],
            [("p", date(2024, 2, 29), "2024", "oslo/75-84", True)],
            id="an Oslo resident without a bydel",
        ),
        pytest.param(
            [stay("1", "2024-02-29 00:00", "2024-03-01 06:00", bydel=None, municipality_no="3201")],
            [("p", date(2024, 2, 29), "2024", "rest_of_region/75-84", True)],
            id="the rest of the region",
        ),
        pytest.param(
            [
                stay("1", "2025-12-31 23:59", "2026-01-01 06:00", bydel="030112"),
                stay("2", "2026-01-01 23:59", "2026-01-02 06:00", bydel="030112"),
            ],
            [
                ("p", date(2025, 12, 31), "2025", "sector_ahus/85+", True),
                ("p", date(2026, 1, 1), "2026", "sector_ous/85+", True),
            ],
            id="Alna moves to OUS at New Year 2026",
        ),
        pytest.param(
            [
                stay("1", "2024-01-01 00:00", "2024-01-01 06:00", urgency=4),
                stay("2", "2024-01-03 00:00", "2024-01-04 06:00", link_quality=4),
                stay("3", "2024-01-06 00:00", "2024-01-07 06:00", birth_year=9999),
            ],
            [],
            id="planned, nobody known, unknown age",
        ),
    ],
)
def test_admission_day_tokens(
    workbench: Workbench, rows: list[Row], expected: list[tuple[object, ...]]
) -> None:
    workbench.land({"npr_stay": rows}, PERIOD)
    assert workbench.rows("tok_acute_admission_day") == expected


def test_what_the_hospital_spends_in_the_90_days_before_and_after(workbench: Workbench) -> None:
    """The index is 1 July 2024; the outer stays lie 91 days from it and do not count."""
    rows = [
        stay("a", "2024-04-01 08:00", "2024-04-01 12:00", urgency=4, drg_weight=16.0),
        stay("b", "2024-04-02 08:00", "2024-04-02 12:00", urgency=4, drg_weight=1.0),
        stay("i", "2024-07-01 08:00", "2024-07-03 12:00", drg_weight=2.0),
        stay("j", "2024-07-01 07:00", "2024-07-03 12:00", drg_weight=2.0, sector="2"),
        stay("c", "2024-09-29 08:00", "2024-09-30 12:00", urgency=4, drg_weight=4.0),
        stay("d", "2024-09-30 21:00", "2024-10-01 12:00", urgency=4, drg_weight=8.0),
        stay("n", "2023-07-01 08:00", "2023-07-03 12:00", drg_weight=2.0),  # no price for 2023
        stay("l", "2024-10-03 08:00", "2024-10-03 12:00", drg_weight=1.0),  # followed for 89 days
    ]
    bucket = "sector_diakonhjemmet/75-84"
    assert found(workbench, rows, "atom_pathway_hospital_cost") == [
        ("p/2024-07-01/admission", "p", "2024", bucket, "admission", 2 * 52_248),
        ("p/2024-07-01/after", "p", "2024", bucket, "after", 4 * 52_248),
        ("p/2024-07-01/before", "p", "2024", bucket, "before", 52_248),
    ]


def care(number: str, code: int, start: str, stop: str | None, **fields: object) -> Row:
    return {
        "service_id": number,
        "person_id": "p",
        "data_year": 2024,
        "service_code": code,
        "started_on": date.fromisoformat(start),
        "ended_on": date.fromisoformat(stop) if stop else None,
    } | fields


def bands(workbench: Workbench, rows: list[Row], service: str) -> dict[date, str]:
    workbench.land({"kpr_care": rows}, CARE_PERIOD)
    tokens = [row for row in workbench.rows(COST_TOKENS) if row[2] == service]
    found_bands: dict[date, str] = {day: band for _, day, _, band in tokens}  # pyright: ignore[reportAssignmentType]
    assert len(found_bands) == len(tokens)
    return found_bands


def test_one_day_in_a_nursing_home_costs_in_the_90_days_after_it(workbench: Workbench) -> None:
    found_bands = bands(workbench, [care("1", 18, "2024-02-28", "2024-02-28")], BEFORE)
    days = [date(2024, 2, 28) + timedelta(days=after) for after in range(1, 91)]
    assert found_bands == dict.fromkeys(days, "1-49999")


def test_and_in_the_90_days_before_it(workbench: Workbench) -> None:
    found_bands = bands(workbench, [care("1", 18, "2024-06-28", "2024-06-28")], AFTER)
    days = [date(2024, 6, 28) - timedelta(days=before) for before in range(1, 91)]
    assert found_bands == dict.fromkeys(days, "1-49999")


def test_the_band_follows_the_sum(workbench: Workbench) -> None:
    """12 days are 46 200 kr, 13 are 50 050, 38 are 146 300, 39 are 150 150."""
    found_bands = bands(workbench, [care("1", 21, "2024-01-01", "2024-03-31")], BEFORE)
    assert date(2024, 1, 1) not in found_bands
    assert found_bands[date(2024, 1, 13)] == "1-49999"
    assert found_bands[date(2024, 1, 14)] == "50000-149999"
    assert found_bands[date(2024, 2, 8)] == "50000-149999"
    assert found_bands[date(2024, 2, 9)] == "150000+"
    assert found_bands[date(2024, 6, 29)] == "1-49999"  # 31 March alone is left
    assert date(2024, 6, 30) not in found_bands


def test_two_stays_on_a_day_are_one_bed_and_services_without_a_price_cost_nothing(
    workbench: Workbench,
) -> None:
    twice = [care("1", 18, "2024-01-01", "2024-01-12"), care("2", 21, "2024-01-01", "2024-01-12")]
    twice += [care("3", 15, "2024-01-01", None), care("4", 22, "2024-03-01", "2024-03-30")]
    found_bands = bands(workbench, twice, BEFORE)
    assert set(found_bands.values()) == {"1-49999"}
    assert max(found_bands) == date(2024, 4, 11)


def test_a_stay_that_goes_on_reaches_to_the_end_of_what_was_delivered(
    workbench: Workbench,
) -> None:
    running = [care("1", 21, "2019-05-01", None)]
    before = bands(workbench, running, BEFORE)
    assert min(before) == date(2024, 1, 2)
    assert max(before) == date(2024, 12, 31)
    after = bands(workbench, running, AFTER)
    assert (min(after), max(after)) == (date(2024, 1, 1), date(2024, 12, 30))


# Published figures.


@pytest.mark.parametrize(
    "measure", ["Lungebetennelse, akutte innleggelser", "Kols, akutte innleggelser"]
)
def test_a_rate_of_acute_admissions_is_per_1000_as_in_the_atlas_of_the_elderly(
    measure: str,
) -> None:
    """Helseatlas for eldre, 75 and over, Norway 2013-2015: admissions by inhabitants."""
    file = PUBLISHED / "helseatlas_eldre_2013_2015.csv"
    if not file.is_file():
        pytest.skip("the published tables are not on this machine")
    with file.open(newline="", encoding="utf-8") as lines:
        (row,) = (
            row
            for row in csv.DictReader(lines, delimiter=";")
            if (row["level2_name"], row["area_name"]) == (measure, "Norge")
        )
    definition = yaml.safe_load(
        (PROJECT_DIR / "models" / "indicators" / "acute_admissions.yml").read_text(encoding="utf-8")
    )["models"][0]["config"]["meta"]["indicator"]
    rates = IndicatorDefinition.model_validate(definition).rates
    for rate in rates:
        per = int(row["numerator"]) / int(row["denominator"]) * rate.per
        assert per == pytest.approx(float(row["value"]), abs=0.01)


def test_the_hospital_was_paid_about_20_900_kr_a_point_in_2024(workbench: Workbench) -> None:
    """52 248 x 40 %, Hdir."""
    rows = [stay("1", "2024-01-02 12:00", "2024-01-10 12:00", drg_weight=1.0)]
    (row,) = found(workbench, rows, "atom_hospital_isf_income")
    assert round(row[-1], -2) == 20_900


# Many persons against the reference.

STARTS = (
    datetime(2017, 12, 30, 23, 50), datetime(2018, 12, 20, 8, 0), datetime(2020, 2, 28, 22, 0),
    datetime(2022, 12, 31, 12, 0), datetime(2023, 12, 31, 12, 0), datetime(2024, 2, 29, 0, 0),
    datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30), datetime(2024, 12, 1, 12, 0),
    datetime(2024, 12, 2, 0, 0),
)  # fmt: skip
HOUR, DAY = 3_600, 86_400
GAPS = (
    0, 60, 8 * HOUR - 1, 8 * HOUR, 8 * HOUR + 1, 14 * HOUR, DAY, 29 * DAY, 30 * DAY, 31 * DAY,
    32 * DAY, 90 * DAY, 91 * DAY, 200 * DAY, 2 * DAY, 3 * DAY, -1, -HOUR, -3 * DAY, -12 * DAY,
)  # fmt: skip
LENGTHS = (
    0,
    60,
    60,
    HOUR,
    9 * HOUR,
    14 * HOUR,
    DAY,
    DAY + 1,
    5 * DAY,
    9 * DAY + HOUR,
    40 * DAY,
    400 * DAY,
    -DAY,
)
HOMES = (
    ("0301", "030105"), ("301", "30112"), ("0301", None), ("0301", "030188"),
    ("-1", None), ("4601", None), ("3201", None), (None, None),
)  # fmt: skip
DIAGNOSES = ("I500", "I509", "J441", "J181", "J180", "N10", "E860", "R074", "D649", "K922", None)


def hospital_rows(persons: int, draw: random.Random) -> list[Row]:
    """Stays on the edges of the definitions, in random order."""
    found_rows: list[Row] = []
    for person in range(persons):
        end = draw.choice(STARTS)
        home = draw.choice(HOMES)
        born = draw.choice((1935, 1939, 1940, 1949, 1958, 1980, 2010, 9999, None, 2023))
        for number in range(draw.choice((1, 2, 3, 3, 5, 8))):
            start = end + timedelta(seconds=draw.choice(GAPS))
            end = start + timedelta(seconds=draw.choice(LENGTHS))
            last = max(start, end).date()
            ready_on = draw.choice((None, 0, 0, 0, 0, -1, -3, -40, -366, -380, 1, 20))
            died = draw.choice((None, None, None, None, None, -1, 0, 1, 30, 31))
            lacks_time = draw.random() < 0.1
            found_rows.append(
                {
                    "episode_id": f"{number}",
                    "person_id": f"p{person}",
                    "data_year": end.year,
                    "care_level": draw.choice((1, 1, 1, 1, 1, 1, 2, 3)),
                    "sector": draw.choice(("4", "4", "4", "5", "2", "PHV", None)),
                    "admission_date": start.date(),
                    "admission_time": None if lacks_time else start.time(),
                    "discharge_date": end.date(),
                    "discharge_time": time() if lacks_time else end.time(),
                    "urgency": draw.choice((1, 1, 1, 2, 3, 4, 4, 5, None)),
                    "state_at_discharge": draw.choice((1, 1, 1, 1, 1, None, 2, 3)),
                    "birth_year": born,
                    "municipality_no": home[0],
                    "bydel": home[1],
                    "link_quality": draw.choice((1, 1, 1, 1, 1, 1, 1, 4, None)),
                    "main_diagnosis": draw.choice(DIAGNOSES),
                    "drg_weight": draw.choice((None, 0.0, 0.512, 1.37, 2.25, 12.5, 190.0)),
                    "discharge_ready_date": (
                        None if ready_on is None else last + timedelta(days=ready_on)
                    ),
                    "death_date": None if died is None else last + timedelta(days=died),
                }
            )
    draw.shuffle(found_rows)
    return found_rows


def care_rows(persons: int, draw: random.Random) -> list[Row]:
    found_rows: list[Row] = []
    for person in range(persons):
        for number in range(draw.choice((1, 2, 3))):
            start = date(2023, 9, 1) + timedelta(days=draw.randrange(500))
            length = draw.choice((0, 1, 12, 13, 38, 39, 90, 91, 300, None))
            row: Row = {
                "service_id": f"{number}",
                "person_id": f"p{person}",
                "service_code": draw.choice((18, 20, 21, 21, 15, 22)),
                "started_on": start,
                "ended_on": None if length is None else start + timedelta(days=length),
                "death_date": draw.choice((*[None] * 7, start + timedelta(days=20))),
            }
            found_rows.append(row | {"data_year": 2024})
            if draw.random() < 0.2:
                found_rows.append(row | {"data_year": 2023, "ended_on": None})
    draw.shuffle(found_rows)
    return found_rows


def expected_atoms(model: str, rows: list[Row]) -> list[tuple[object, ...]]:
    per_cell, total = BOUNDS.get(model, (2, 4))
    return sorted(atom_rows(UNITS[model](rows), per_cell, total), key=repr)


@dataclass(frozen=True)
class Population:
    hospital: list[Row]
    municipality: list[Row]


@pytest.fixture(scope="module")
def population() -> Population:
    draw = random.Random(7)
    # Two admissions of a day whose numbers are not in the order of the clock.
    twice = [
        stay("2", "2024-01-01 00:00", "2024-01-01 06:00", person_id="twice", bydel="030101"),
        stay("1", "2024-01-01 15:00", "2024-01-02 06:00", person_id="twice", bydel="030110"),
    ]
    return Population(hospital_rows(400, draw) + twice, care_rows(60, draw))


def as_hospital(workbench: Workbench, rows: list[Row], model: str, **changed: str) -> list[Any]:
    workbench.land({"npr_stay": rows}, PERIOD)
    return workbench.rows(model, changed=changed)


@pytest.mark.parametrize("model", UNITS)
def test_many_persons_equal_the_reference(
    workbench: Workbench, population: Population, model: str
) -> None:
    rows = population.hospital
    assert as_hospital(workbench, rows, model) == expected_atoms(model, rows)


def test_tokens_of_many_persons_equal_the_reference(
    workbench: Workbench, population: Population
) -> None:
    tokens = as_hospital(workbench, population.hospital, "tok_acute_admission_day")
    assert tokens == index_tokens(acute.admission_days(population.hospital), 4)
    workbench.land({"kpr_care": population.municipality}, CARE_PERIOD)
    assert workbench.rows(COST_TOKENS) == cost_tokens(population.municipality)


def cost_tokens(rows: list[Row]) -> list[tuple[object, ...]]:
    before = acute.municipal_cost_tokens(rows, CARE_PERIOD)
    after = acute.municipal_cost_tokens(rows, CARE_PERIOD, after=True)
    return sorted(before | after, key=repr)


def test_the_population_reaches_every_branch(population: Population) -> None:
    """Else the comparisons above would prove less than they say."""
    rows = population.hospital
    by_model = {model: units(rows) for model, units in UNITS.items()}
    atoms = {model: {unit.atom for unit in units} for model, units in by_model.items()}
    assert atoms["atom_acute_admissions"] == {"somatic", "mental_health_addiction"}
    assert len(atoms["atom_discharge_ready"]) == 6
    assert atoms["atom_death_after_discharge"] == {"died", "survived"}
    assert atoms["atom_hospital_cost"] == {"acute", "planned"}
    assert atoms["atom_pathway_hospital_cost"] == {"before", "admission", "after"}
    assert atoms["atom_acute_admissions_10_percent"] == {"isf", "trust", "municipality"}
    assert {unit.cell[0] for unit in by_model["atom_acsc_admissions"]} >= {
        "heart_failure", "copd", "pneumonia", "pyelonephritis", "dehydration", "angina", "other",
    }  # fmt: skip
    assert 365 in {unit.amount for unit in by_model["atom_discharge_ready_days"]}
    assert 5_000_000 in {unit.amount for unit in by_model["atom_hospital_cost"]}
    assert 5_000_000 in {unit.amount for unit in by_model["atom_acute_stay_cost"]}
    assert {unit.cell[0] for unit in by_model["atom_acute_stay_cost"]} >= {
        "sector_diakonhjemmet", "outside_sectors",
    }  # fmt: skip
    assert 500_000 in {unit.amount for unit in by_model["atom_acute_admissions_10_percent"]}
    assert {unit.cell[0] for unit in by_model["atom_acute_admissions"]} >= {
        "030105", "030112", "030199", "helse_sor_ost", "other_regions", "unknown",
    }  # fmt: skip
    counted = {row[-1] for row in expected_atoms("atom_acute_admissions", rows)}
    assert counted == {True, False}
    classes = {token[-1] for token in cost_tokens(population.municipality)}
    assert classes == {band["class"] for band in seed("municipal_cost_band")}


@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(draw=st.randoms(use_true_random=False))
def test_any_population_equals_the_reference(workbench: Workbench, draw: random.Random) -> None:
    rows = hospital_rows(3, draw)
    for model in UNITS:
        assert as_hospital(workbench, rows, model) == expected_atoms(model, rows), model
    tokens = as_hospital(workbench, rows, "tok_acute_admission_day")
    assert tokens == index_tokens(acute.admission_days(rows), 4)


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(draw=st.randoms(use_true_random=False))
def test_any_municipal_cost_equals_the_reference(workbench: Workbench, draw: random.Random) -> None:
    rows = care_rows(2, draw)
    workbench.land({"kpr_care": rows}, CARE_PERIOD)
    assert workbench.rows(COST_TOKENS) == cost_tokens(rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "model", "right", "wrong"),
    [
        ("atom_acute_admissions", "int_acute_admission", "having bool_or(is_acute)", ""),
        ("atom_acute_admissions", "int_acute_admission", "arg_min(stay_id, (admitted_at",
         "arg_max(stay_id, (admitted_at"),
        ("atom_acute_admissions", "int_acute_admission", "chain_number is null and is_acute",
         "chain_number is null"),
        ("atom_acute_admissions", "atom_acute_admissions", "is_linkable and ", ""),
        ("atom_acsc_admissions", "atom_acsc_admissions", "between acsc.code_from and acsc.code_to",
         "= acsc.code_from"),
        ("atom_discharge_ready", "int_ready_stay", "0 as place", "2 as place"),
        ("atom_discharge_ready", "int_ready_stay", "discharged_on + 30,", "discharged_on + 31,"),
        ("atom_discharge_ready", "int_ready_stay", "discharged_on + 31)", "discharged_on + 30)"),
        ("atom_discharge_ready", "int_ready_stay", "<= discharged_on", "<= discharged_on + 1"),
        ("atom_discharge_ready", "int_ready_stay", "1 following and unbounded following",
         "1 following and 1 following"),
        ("atom_discharge_ready", "atom_discharge_ready", "days_over > 0", "days_over > 1"),
        ("atom_discharge_ready_days", "atom_discharge_ready_days", "365", "366"),
        ("atom_discharge_ready_cost", "atom_discharge_ready_cost",
         "price.year = year(ready.discharged_on)", "price.year = year(ready.discharged_on) - 1"),
        ("atom_death_after_discharge", "int_discharge_survival", "date + 30,", "date + 29,"),
        ("atom_death_after_discharge", "int_discharge_survival",
         "last_stay.state_at_discharge = 1", "last_stay.state_at_discharge is null"),
        ("atom_hospital_cost", "int_priced_stay", "price.year = year(stay.discharged_at)",
         "price.year = year(stay.admitted_at)"),
        ("atom_acute_stay_cost", "atom_acute_stay_cost", " and stay.is_of_acute_admission", ""),
        ("atom_hospital_isf_income", "int_priced_stay", " * price.share", ""),
        ("atom_acute_admissions_10_percent", "atom_acute_admissions_10_percent",
         "full_price - isf_income", "full_price"),
        ("tok_acute_admission_day", "int_acute_admission_day", "coalesce(sector.area_group, ",
         "coalesce("),
        ("tok_acute_admission_day", "int_acute_admission_day", "order by admitted_at, episode_id",
         "order by episode_id"),
        ("tok_acute_admission_day", "int_acute_admission_day", "where is_linkable", ""),
        ("tok_acute_admission_day", "tok_acute_admission_day", ") <= 4", ") <= 5"),
        ("atom_pathway_hospital_cost", "atom_pathway_hospital_cost", "admission.day - 90",
         "admission.day - 91"),
        ("atom_pathway_hospital_cost", "atom_pathway_hospital_cost", "admission.day + 90",
         "admission.day + 91"),
        (COST_TOKENS, COST_SPANS, "day + (91)", "day + (90)"),
        (COST_TOKENS, COST_SPANS, "having sum(cost) != 0", "having sum(cost) > 0"),
        (COST_TOKENS, "int_municipal_cost_day", "max(price.nok)", "sum(price.nok)"),
        (COST_TOKENS, COST_SPANS, "day + (-90)", "day + (-89)"),
        (COST_TOKENS, COST_SPANS, "day + (0)", "day + (1)"),
    ],
)  # fmt: skip
def test_a_changed_rule_is_noticed(
    workbench: Workbench, population: Population, table: str, model: str, right: str, wrong: str
) -> None:
    sql = workbench.models[model].sql
    assert right in sql
    landing = {"npr_stay": population.hospital}, PERIOD
    if table == COST_TOKENS:
        landing = {"kpr_care": population.municipality}, CARE_PERIOD
    workbench.land(*landing)
    before = workbench.rows(table)
    assert workbench.rows(table, changed={model: sql.replace(right, wrong)}) != before
