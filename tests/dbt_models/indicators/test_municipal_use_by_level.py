"""Who uses hospital, primary care and care services in a year, and who uses both."""

from datetime import date, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_models.municipal_populations import (
    FIRST,
    LAST,
    Pick,
    care_rows,
    claim_rows,
    picks,
    seeded,
    stay_rows,
)
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference.atoms import atom_rows
from tests.reference.municipal import (
    LIFE,
    Period,
    care_use,
    hospital_use,
    hospital_user_years,
    municipal_user_years,
    primary_use,
    users,
)
from tests.reference.readmission import AGE_GROUPS
from tests.reference.tokens import index_tokens

PERIOD = Period(FIRST, LAST)
HOSPITAL, PRIMARY, CARE = (f"atom_use_by_level_{kind}" for kind in ("hospital", "primary", "care"))
TOTALS = {HOSPITAL: 4, PRIMARY: 4, CARE: 6}
MODELS = (*TOTALS, "tok_hospital_user_year", "tok_municipal_user_year")
SECTORS = ("1", "2", "3", "4", "4", "5", "SOM", "PHV", None)
CARE_CODES = (15, 1, 3, 9, 7, 8, 4, 18, 21, 22, 29, 12, 6)
BORN = (2020, 2018, 2012, 2011, 2006, 1957, 1949, 1939, None, 9999)
Landing = dict[str, list[dict[str, Any]]]


def landing_of(pick: Pick[Any], persons: int) -> Landing:
    found: Landing = {"npr_stay": [], "kuhr_claim": [], "kpr_care": []}
    for number in range(persons):
        person = f"p{number}"
        stays = stay_rows(pick, person, pick((0, 1, 3, 16)))
        found["npr_stay"] += [
            row | {"sector": pick(SECTORS), "birth_year": pick(BORN)} for row in stays
        ]
        found["kuhr_claim"] += [
            row | {"service_type": pick((1, 2, 3, 4, 9, 6)), "birth_year": pick(BORN)}
            for row in claim_rows(pick, person, pick((0, 1, 3, 8)))[0]
        ]
        care = care_rows(pick, person, pick((0, 1, 3, 16)), CARE_CODES)
        found["kpr_care"] += [row | {"birth_year": pick(BORN)} for row in care]
    return found


def expected(landing: Landing) -> dict[str, list[tuple[object, ...]]]:
    hospital = hospital_use(landing["npr_stay"])
    primary = primary_use(landing["kuhr_claim"])
    care = care_use(landing["kpr_care"], PERIOD)
    found: dict[str, list[tuple[object, ...]]] = {
        "tok_hospital_user_year": index_tokens(hospital_user_years(hospital), 1),
        "tok_municipal_user_year": municipal_user_years(primary, care),
    }
    for (model, total), uses in zip(TOTALS.items(), (hospital, primary, care), strict=True):
        found[model] = atom_rows(users(uses), 1, total)
    return {model: sorted(rows, key=repr) for model, rows in found.items()}


def visit(
    number: int, day: date, sector: str | None, level: int = 3, **more: Any
) -> dict[str, Any]:
    return {
        "episode_id": f"e{number}", "person_id": "p", "data_year": 2024, "care_level": level,
        "admission_date": day, "admission_time": time(8), "discharge_date": day, "sector": sector,
        "birth_year": 2012, "municipality_no": "0301", "bydel": "030105",
    } | more  # fmt: skip


def kinds(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """(period, kind, area, age group)"""
    return [row[2:6] for row in rows]


def test_a_person_counts_once_a_kind_and_year_as_at_the_first_contact(
    workbench: Workbench,
) -> None:
    stays = [
        visit(1, date(2024, 2, 29), "3"),
        visit(2, date(2024, 1, 5), "3", bydel="030112"),  # the first
        visit(3, date(2024, 1, 2), "3", birth_year=9999),  # of unknown age
        visit(4, date(2023, 12, 31), "3"),  # another year, another age
        visit(5, date(2024, 1, 1), "4", 1),
        visit(6, date(2024, 1, 1), "4", 2),
        visit(7, date(2024, 1, 1), None),
        visit(8, date(2024, 1, 1), "1", link_quality=4),
    ]
    workbench.land({"npr_stay": stays}, (date(2023, 1, 1), LAST))
    assert kinds(workbench.rows(HOSPITAL)) == [
        ("2023", "child_mental_health", "030105", "6-12"),
        ("2024", "child_mental_health", "030112", "6-12"),
        ("2024", "somatic_inpatient", "030105", "6-12"),
        ("2024", "somatic_outpatient", "030105", "6-12"),
        ("2024", "unknown_sector", "030105", "6-12"),
    ]
    assert workbench.rows("tok_hospital_user_year") == [
        ("p", date(2023, 1, 1), "2023", "sector_diakonhjemmet/0-17", True),
        ("p", date(2024, 1, 1), "2024", "sector_diakonhjemmet/0-17", True),
    ]


@pytest.mark.parametrize(
    ("born", "group"),
    [
        (2024, "0-5"), (2019, "0-5"), (2018, "6-12"), (2012, "6-12"), (2011, "13-17"),
        (2007, "13-17"), (2006, "18-66"), (1939, "85+"),
    ],
)  # fmt: skip
def test_children_have_groups_of_their_own(workbench: Workbench, born: int, group: str) -> None:
    workbench.land({"npr_stay": [visit(1, FIRST, "4", birth_year=born)]}, (FIRST, LAST))
    assert kinds(workbench.rows(HOSPITAL)) == [("2024", "somatic_outpatient", "030105", group)]


def test_a_care_service_counts_in_each_year_it_has_a_day_in(workbench: Workbench) -> None:
    base = {
        "person_id": "p", "data_year": 2024, "service_code": 15, "birth_year": 1940,
        "municipality_no": "4601",
    }  # fmt: skip
    care = [
        base | {"service_id": "a", "started_on": date(2022, 5, 1), "ended_on": date(2024, 1, 1)},
        base | {"service_id": "b", "service_code": 21, "started_on": date(2023, 12, 31),
                "ended_on": None, "death_date": date(2023, 12, 31)},
        base | {"service_id": "c", "service_code": 1, "started_on": date(2024, 1, 9),
                "ended_on": date(2024, 1, 8)},
        base | {"service_id": "d", "service_code": 6, "started_on": FIRST, "ended_on": None},
    ]  # fmt: skip
    workbench.land({"kpr_care": care}, (date(2023, 1, 1), LAST))
    assert kinds(workbench.rows(CARE)) == [
        ("2023", "home_nursing", "other_regions", "75-84"),
        ("2024", "home_nursing", "other_regions", "75-84"),
        ("2023", "long_term_stay", "other_regions", "75-84"),
    ]
    assert workbench.rows("tok_municipal_user_year") == [
        ("p", date(2023, 1, 1), "care_use", "user"),
        ("p", date(2024, 1, 1), "care_use", "user"),
    ]


def test_claims_of_other_services_are_no_use(workbench: Workbench) -> None:
    claims = [
        {
            "claim_id": f"k{kind}", "person_id": "p", "data_year": 2024, "service_type": kind,
            "claim_date": date(2024, 3, 31), "birth_year": 2015,
        }
        for kind in (1, 2, 3, 4, 6, 9, 14)
    ]  # fmt: skip
    workbench.land({"kuhr_claim": claims}, (FIRST, LAST))
    assert kinds(workbench.rows(PRIMARY)) == [
        ("2024", kind, "unknown", "6-12")
        for kind in ("gp", "health_station", "legevakt", "physiotherapy")
    ]
    assert workbench.rows("tok_municipal_user_year") == [("p", FIRST, "primary_use", "user")]


@pytest.fixture(scope="module")
def some_persons() -> tuple[Landing, dict[str, list[tuple[object, ...]]]]:
    landing = landing_of(seeded(91), 200)
    return landing, expected(landing)


def test_many_persons_equal_the_reference_and_reach_every_branch(
    workbench: Workbench, some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]]
) -> None:
    landing, wanted = some_persons
    workbench.land(landing, (FIRST, LAST))
    for model in MODELS:
        assert workbench.rows(model) == wanted[model], model
    for model in TOTALS:
        named = f"use_kind_{model.rpartition('_')[2]}"
        assert {row[3] for row in wanted[model]} == {row["kind"] for row in seed(named)}
        assert len({row[5] for row in wanted[model]}) == len(LIFE)
    for model in (HOSPITAL, CARE):
        assert {row[-1] for row in wanted[model]} == {True, False}, model
    assert {row[2] for row in wanted["tok_municipal_user_year"]} == {"primary_use", "care_use"}


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pick=picks())
def test_any_persons_equal_the_reference(workbench: Workbench, pick: Pick[Any]) -> None:
    landing = landing_of(pick, 2)
    wanted = expected(landing)
    workbench.land(landing, (FIRST, LAST))
    for model in MODELS:
        assert workbench.rows(model) == wanted[model], model


@pytest.mark.parametrize(
    ("model", "right", "wrong"),
    [
        (HOSPITAL, "order by used.began, used.contact_key", "order by used.contact_key desc"),
        (HOSPITAL, ") <= 4", ") <= 5"),
        (PRIMARY, "used.person_id, used.year, used.kind", "used.person_id, used.kind, used.area"),
        (CARE, "used.year - used.birth_year", "used.year - used.birth_year - 1"),
        ("tok_hospital_user_year", "order by began, contact_key) = 1", "order by began) > 1"),
        ("tok_municipal_user_year", "union\n", "union all\n"),
    ],
)
def test_a_changed_rule_is_noticed(
    workbench: Workbench,
    some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]],
    model: str,
    right: str,
    wrong: str,
) -> None:
    landing, wanted = some_persons
    sql = workbench.models[model].sql
    assert right in sql
    workbench.land(landing, (FIRST, LAST))
    assert workbench.rows(model, changed={model: sql.replace(right, wrong)}) != wanted[model]


def test_the_age_groups_cover_every_age_once_and_nest_in_the_ordinary_ones() -> None:
    rows = [(r["age_group"], int(r["age_from"]), int(r["age_to"])) for r in seed("age_group_life")]
    assert tuple(rows) == LIFE
    assert [age for _, low, high in rows for age in range(low, high + 1)] == list(range(131))
    for _, low, high in rows:
        assert any(wide_low <= low and high <= wide_high for _, wide_low, wide_high in AGE_GROUPS)
