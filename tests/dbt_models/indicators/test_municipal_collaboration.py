"""Discharge letters, and the activities that only an own delivery could carry."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_models.municipal_populations import DAY, FIRST, LAST, Pick, picks, seeded, stay_rows
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference.atoms import AtomRow, atom_rows
from tests.reference.municipal import Period, collaboration, discharge_letters

LETTER = "atom_discharge_letter_within_1_day"
PERIOD = Period(FIRST, LAST)
Landing = dict[str, list[dict[str, Any]]]
BY_DAY = {
    "atom_collaboration_meetings": ("mote", "meeting"),
    "atom_digital_form_followup": ("skjema", "form"),
}
BY_QUARTER = {
    "atom_team_based_followup": ("team", "person"),
    "atom_individual_plan": ("plan", "person"),
}
MODELS = (LETTER, *BY_DAY, *BY_QUARTER)


def landing_of(pick: Pick[Any], persons: int) -> Landing:
    found: Landing = {"npr_stay": [], "discharge_letter": [], "collaboration_activity": []}
    for number in range(persons):
        person = f"p{number}"
        stays = stay_rows(pick, person, pick((0, 1, 2, 12)))
        found["npr_stay"] += stays
        for row in stays:
            leaves = max(row["admission_date"], row["discharge_date"])
            found["discharge_letter"] += [
                {
                    "episode_id": row["episode_id"],
                    "person_id": pick((person, person, person, "somebody else")),
                    "sent_on": min(leaves + pick((-1, 0, 1, 2, 30)) * DAY, LAST),
                }
                for _ in range(pick((0, 1, 1, 2)))
            ]
        found["collaboration_activity"] += [
            activity(
                person,
                pick(("mote", "team", "plan", "skjema", "annet")),
                FIRST + pick(range(182)) * DAY,
                pick(("o1", "o2")),
            )
            for _ in range(pick((0, 1, 4, 40)))
        ]
    return found


def activity(person: str, code: str, day: date, organisation: str = "o1") -> dict[str, Any]:
    return {
        "person_id": person, "activity_code": code, "activity_on": day,
        "organisation_id": organisation,
    }  # fmt: skip


def expected(landing: Landing) -> dict[str, list[AtomRow]]:
    rows = landing["collaboration_activity"]
    letters = discharge_letters(landing["npr_stay"], landing["discharge_letter"], PERIOD)
    found = {LETTER: atom_rows(letters, 2, 4)}
    for model, (code, atom) in BY_DAY.items():
        found[model] = atom_rows(collaboration(rows, code, atom, is_by_day=True), 3, 8)
    for model, (code, atom) in BY_QUARTER.items():
        found[model] = atom_rows(collaboration(rows, code, atom, is_by_day=False), 1, 4)
    return {model: sorted(of_model, key=repr) for model, of_model in found.items()}


def stay(number: int, last: date, at: time | None = time(12), **more: Any) -> dict[str, Any]:
    return {
        "episode_id": f"e{number}", "person_id": f"p{number}", "data_year": 2024, "care_level": 1,
        "admission_date": last, "discharge_date": last, "discharge_time": at, "birth_year": 1949,
    } | more  # fmt: skip


def letter(number: int, sent: date) -> dict[str, Any]:
    return {"episode_id": f"e{number}", "person_id": f"p{number}", "sent_on": sent}


def letters(workbench: Workbench, **landing: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    workbench.land(landing, (FIRST, LAST))
    return workbench.rows(LETTER)


def test_a_letter_is_in_time_on_the_day_and_the_day_after_and_not_before_or_later(
    workbench: Workbench,
) -> None:
    day = date(2024, 2, 28)
    waits = (-1, 0, 1, 2)
    stays = [stay(number, day, time(23, 59)) for number in range(5)]
    sent = [letter(number, day + timedelta(wait)) for number, wait in enumerate(waits)]
    found = letters(workbench, npr_stay=stays, discharge_letter=sent)
    assert [row[5] for row in found] == [
        "not_within_1_day", "within_1_day", "within_1_day", "not_within_1_day", "not_within_1_day",
    ]  # fmt: skip


def test_without_letters_there_is_no_figure(workbench: Workbench) -> None:
    assert letters(workbench, npr_stay=[stay(1, date(2024, 2, 28))]) == []


def test_one_of_several_letters_in_time_is_enough_and_another_s_letter_is_none(
    workbench: Workbench,
) -> None:
    day = date(2024, 2, 29)
    stays = [stay(1, day), stay(2, day, episode_id="e1")]
    sent = [letter(1, day + timedelta(9)), letter(1, date(2024, 3, 1)), letter(1, day)]
    found = letters(workbench, npr_stay=stays, discharge_letter=sent)
    assert found == [
        ("p1/e1", "p1", "2024", "75-84", "2024Q1", "within_1_day", True),
        ("p2/e1", "p2", "2024", "75-84", "2024Q1", "not_within_1_day", True),
    ]


def test_the_last_day_of_the_letters_is_not_followed(workbench: Workbench) -> None:
    stays = [stay(1, LAST), stay(2, LAST - DAY), stay(3, FIRST - DAY), stay(4, FIRST)]
    found = letters(workbench, npr_stay=stays, discharge_letter=[letter(2, LAST)])
    assert [row[0] for row in found] == ["p2/e2", "p4/e4"]


def test_only_stays_of_known_persons_of_known_age_the_dead_among_them(
    workbench: Workbench,
) -> None:
    day = date(2024, 5, 1)
    stays = [
        stay(1, day, care_level=3),
        stay(2, day, link_quality=4),
        stay(3, day, birth_year=9999),
        stay(4, day, state_at_discharge=2, death_date=day),
        stay(5, day - DAY, admission_date=day),  # reversed: it ends when it begins
    ]
    found = letters(workbench, npr_stay=stays, discharge_letter=[letter(5, day + DAY)])
    assert [row[0::5] for row in found] == [
        ("p4/e4", "not_within_1_day"),
        ("p5/e5", "within_1_day"),
    ]


def test_meetings_and_forms_count_days_teams_and_plans_persons(workbench: Workbench) -> None:
    day = date(2024, 3, 31)
    codes = ("mote", "skjema", "team", "plan")
    rows = [
        activity("p", code, on, by)
        for code in codes
        for on, by in ((day, "o1"), (day, "o2"), (day - DAY, "o1"), (day + DAY, "o1"))
    ]
    workbench.land({"collaboration_activity": rows}, (FIRST, LAST))
    for model, (_, atom) in BY_DAY.items():
        assert workbench.rows(model) == [
            ("p/2024-03-30", "p", "2024", "2024Q1", atom, True),
            ("p/2024-03-31", "p", "2024", "2024Q1", atom, True),
            ("p/2024-04-01", "p", "2024", "2024Q2", atom, True),
        ]
    for model, (_, atom) in BY_QUARTER.items():
        assert workbench.rows(model) == [
            ("p", "p", "2024", "2024Q1", atom, True),
            ("p", "p", "2024", "2024Q2", atom, True),
        ]


@pytest.fixture(scope="module")
def some_persons() -> tuple[Landing, dict[str, list[AtomRow]]]:
    landing = landing_of(seeded(81), 250)
    return landing, expected(landing)


def test_many_persons_equal_the_reference_and_reach_every_branch(
    workbench: Workbench, some_persons: tuple[Landing, dict[str, list[AtomRow]]]
) -> None:
    landing, wanted = some_persons
    workbench.land(landing, (FIRST, LAST))
    for model in MODELS:
        assert workbench.rows(model) == wanted[model], model
        assert wanted[model], model
    assert {row[5] for row in wanted[LETTER]} == {"within_1_day", "not_within_1_day"}
    for model in (LETTER, *BY_DAY):
        assert {row[-1] for row in wanted[model]} == {True, False}, model


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
        (LETTER, "stay.discharged_on + 1", "stay.discharged_on + 2"),
        (LETTER, "between stay.discharged_on and", "between stay.discharged_on - 1 and"),
        (LETTER, "< delivered.period_to", "<= delivered.period_to"),
        (LETTER, "replace(replace(letter.person_id,", "replace(replace(stay.person_id,"),
        (LETTER, "stay.is_linkable and ", ""),
        ("atom_collaboration_meetings", ") <= 3", ") <= 2"),
        ("atom_individual_plan", "select distinct", "select"),
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
