"""Contacts by video, telephone and e-consultation, with the hospital and with the GP."""

from datetime import date, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_models.municipal_populations import (
    FIRST,
    LAST,
    Pick,
    claim_rows,
    picks,
    seeded,
    stay_rows,
)
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference.atoms import AtomRow, atom_rows
from tests.reference.municipal import remote_contacts_gp, remote_contacts_hospital

Landing = dict[str, list[dict[str, Any]]]
MODELS = ("atom_remote_contacts_hospital", "atom_remote_contacts_gp")
TARIFFS = (
    "2ad", "2AD", "2ae", "2AEK", "1bd", "1be", "1bk", "1g", "1ad", "1ak", "2ak", "11ad", "11ak",
    "1h", "1i", "2ed", "14", "l1", "5", "unknown",
)  # fmt: skip
FROGNER = ("030105", "75-84", "2024Q1")


def landing_of(pick: Pick[Any], persons: int) -> Landing:
    found: Landing = {"npr_stay": [], "kuhr_claim": [], "kuhr_tariff": []}
    for number in range(persons):
        found["npr_stay"] += stay_rows(pick, f"p{number}", pick((0, 1, 3, 16)))
        claims, lines = claim_rows(pick, f"p{number}", pick((0, 1, 3, 16)), TARIFFS)
        found["kuhr_claim"] += claims
        found["kuhr_tariff"] += lines
    return found


def expected(landing: Landing) -> dict[str, list[AtomRow]]:
    units = (
        remote_contacts_hospital(landing["npr_stay"]),
        remote_contacts_gp(landing["kuhr_claim"], landing["kuhr_tariff"]),
    )
    of_model = zip(MODELS, units, strict=True)
    return {model: sorted(atom_rows(found, 4, 10), key=repr) for model, found in of_model}


def visit(number: int, kind: int | None, **more: Any) -> dict[str, Any]:
    return {
        "episode_id": f"e{number}", "person_id": f"p{number}", "data_year": 2024, "care_level": 3,
        "admission_date": date(2024, 3, 31), "admission_time": time(2, 30),
        "discharge_date": date(2024, 3, 31), "contact_type": kind, "birth_year": 1949,
        "municipality_no": "0301", "bydel": "030105",
    } | more  # fmt: skip


def test_video_telephone_and_physical_contacts_and_what_is_neither(workbench: Workbench) -> None:
    kinds = (1, 2, 3, 5, 6, 7, 12, 99, None)
    stays = [visit(number, kind) for number, kind in enumerate(kinds)]
    workbench.land({"npr_stay": stays}, (FIRST, LAST))
    assert [row[6] for row in workbench.rows(MODELS[0])] == [
        "in_person", "in_person", "in_person", "other_form", "video", "telephone", "other_form",
        "other_form", "other_form",
    ]  # fmt: skip


def test_only_outpatient_contacts_of_known_persons_of_known_age(workbench: Workbench) -> None:
    stays = [
        *(visit(number, 6, care_level=level) for number, level in enumerate((1, 2, 8))),
        visit(4, 6, link_quality=4),
        visit(5, 6, birth_year=9999),
        visit(6, 6, birth_year=2025),
        visit(7, 6),
    ]
    workbench.land({"npr_stay": stays}, (FIRST, LAST))
    assert workbench.rows(MODELS[0]) == [("p7/e7", "p7", "2024", *FROGNER, "video", True)]


def gp(number: int, kind: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": f"k{number}", "person_id": "p", "data_year": 2024, "service_type": kind,
        "claim_date": date(2024, 3, 31), "birth_year": 1949, "municipality_no": "0301",
        "bydel": "030105",
    } | more  # fmt: skip


def forms(
    workbench: Workbench, claims: list[dict[str, Any]], *tariffs: str
) -> dict[object, object]:
    """Claim -> form. tariffs: of claim 0, 1, ..., several with a space between."""
    lines = [
        {"claim_id": f"k{number}", "tariff": tariff, "quantity": 1}
        for number, of_claim in enumerate(tariffs)
        for tariff in of_claim.split()
    ]
    workbench.land({"kuhr_claim": claims, "kuhr_tariff": lines}, (FIRST, LAST))
    return {row[0]: row[6] for row in workbench.rows(MODELS[1])}


def test_a_claim_s_form_is_that_of_its_tariffs_attendance_first(workbench: Workbench) -> None:
    tariffs = ("2AD", "2ae", "2aek 1bd", "2ae 2ak", "1bd", "1g 1be", "1be", "1h")
    claims = [gp(number) for number in range(len(tariffs))]
    assert forms(workbench, claims, *tariffs) == {
        "k0": "in_person", "k1": "e_consultation", "k2": "e_consultation", "k3": "in_person",
        "k4": "telephone", "k5": "e_contact", "k6": "e_contact", "k7": "other_form",
    }  # fmt: skip


def test_only_contacts_with_the_gp_and_of_a_kind_that_is_one(workbench: Workbench) -> None:
    claims = [gp(0), gp(1, kind=2), gp(2), gp(3), gp(4), gp(5, birth_year=None)]
    tariffs = ("2ae", "2ae", "2ae 14", "5", "", "2ae")  # 14: work across professions
    assert forms(workbench, claims, *tariffs) == {"k0": "e_consultation"}


def test_a_person_counts_four_times_in_a_quarter_and_ten_times_a_year(workbench: Workbench) -> None:
    days = [date(2024, month, day) for month in (1, 4, 7) for day in range(1, 7)]
    claims = [gp(number, claim_date=day) for number, day in enumerate(days)]
    lines = [{"claim_id": row["claim_id"], "tariff": "2ae", "quantity": 1} for row in claims]
    workbench.land({"kuhr_claim": claims, "kuhr_tariff": lines}, (FIRST, date(2024, 12, 31)))
    kept = [row[5] for row in workbench.rows(MODELS[1]) if row[-1]]
    assert len(kept) == 10
    assert max(kept.count(quarter) for quarter in kept) == 4


@pytest.fixture(scope="module")
def some_persons() -> tuple[Landing, dict[str, list[AtomRow]]]:
    landing = landing_of(seeded(71), 250)
    for number in range(60):  # three persons, often, in four cells each
        day = date(2024, 1 + number % 6, 1 + number // 3)
        often = {
            "person_id": f"often{number % 3}",
            "bydel": ("030105", "030103")[number // 6 % 2],
        }
        landing["npr_stay"].append(visit(number, 6, admission_date=day, discharge_date=day) | often)
        landing["kuhr_claim"].append(gp(number, claim_date=day) | often)
        landing["kuhr_tariff"].append({"claim_id": f"k{number}", "tariff": "2ae", "quantity": 1})
    return landing, expected(landing)


def test_many_persons_equal_the_reference_and_reach_every_branch(
    workbench: Workbench, some_persons: tuple[Landing, dict[str, list[AtomRow]]]
) -> None:
    landing, wanted = some_persons
    workbench.land(landing, (FIRST, LAST))
    for model in MODELS:
        assert workbench.rows(model) == wanted[model], model
        assert {row[-1] for row in wanted[model]} == {True, False}, model
    hospital, primary = (({row[6] for row in wanted[model]}) for model in MODELS)
    assert hospital == {"in_person", "video", "telephone", "other_form"}
    assert primary == {"in_person", "e_consultation", "telephone", "e_contact", "other_form"}


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
        (MODELS[0], "contact.care_level = 3", "contact.care_level in (3, 8)"),
        (MODELS[0], " and contact.is_linkable", ""),
        (MODELS[0], "'other_form'", "'in_person'"),
        (MODELS[1], "claim.contact_type in (2, 3, 4)", "claim.contact_type in (2, 3)"),
        (MODELS[1], "claim.service = 'gp' and ", ""),
        (MODELS[1], ") <= 10", ") <= 11"),
    ],
)
def test_a_changed_rule_is_noticed(
    workbench: Workbench,
    some_persons: tuple[Landing, dict[str, list[AtomRow]]],
    model: str,
    right: str,
    wrong: str,
) -> None:
    landing, wanted = some_persons
    sql = workbench.models[model].sql
    assert right in sql
    workbench.land(landing, (FIRST, LAST))
    assert workbench.rows(model, changed={model: sql.replace(right, wrong)}) != wanted[model]


def test_what_a_tariff_s_form_rests_on_is_said() -> None:
    kinds = {row["tariff"] for row in seed("tariff_contact_type")}
    assert {row["tariff"] for row in seed("tariff_contact_form")} <= kinds
    assert {row["standing"] for row in seed("tariff_contact_form")} == {"unconfirmed"}
