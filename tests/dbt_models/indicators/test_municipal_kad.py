"""Municipal acute beds: stays, days, occupancy, and tokens for admissions soon after."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_models.municipal_populations import (
    DAY,
    FIRST,
    LAST,
    Pick,
    care_rows,
    picks,
    seeded,
    stay_rows,
)
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference.atoms import atom_rows
from tests.reference.municipal import (
    Period,
    kad_days,
    kad_discharge_days,
    kad_occupancy,
    kad_stays,
    kad_use,
    onward_classes,
)
from tests.reference.tokens import index_tokens

PERIOD = Period(FIRST, LAST)
KAD, HOME_NURSING = 22, 15
Landing = dict[str, list[dict[str, Any]]]
BEDS = [
    {"institution_id": "i", "data_year": 2024, "month": month, "care_level": level, "beds": 8.0}
    for month, level in ((1, 1), (2, 2), (3, 1), (6, 1))
]
MODELS = (
    "atom_kad_use", "atom_kad_days", "atom_kad_occupancy", "tok_kad_discharge_day",
    "tok_admission_within_3_days",
)  # fmt: skip


def landing_of(pick: Pick[Any], persons: int) -> Landing:
    found: Landing = {"kpr_care": [], "npr_stay": [], "bed_capacity": BEDS}
    for number in range(persons):
        codes = (KAD, KAD, KAD, HOME_NURSING)
        found["kpr_care"] += care_rows(pick, f"p{number}", pick((0, 1, 2, 4, 14)), codes)
        found["npr_stay"] += stay_rows(pick, f"p{number}", pick((0, 1, 3, 6)))
    return found


def expected(landing: Landing) -> dict[str, list[tuple[object, ...]]]:
    care = landing["kpr_care"]
    beds = landing.get("bed_capacity", [])
    months = {f"2024-{row['month']:02}" for row in beds if row["care_level"] == 1}
    found: dict[str, list[tuple[object, ...]]] = {
        "atom_kad_use": atom_rows(kad_use(care, PERIOD), 4, 6),
        "atom_kad_days": atom_rows(kad_days(care, PERIOD), 4, 12),
        "atom_kad_occupancy": atom_rows(kad_occupancy(care, PERIOD, months), 4, 24),
        "tok_kad_discharge_day": index_tokens(kad_discharge_days(care, PERIOD), 6),
        "tok_admission_within_3_days": onward_classes(landing["npr_stay"], FIRST),
    }
    return {model: sorted(rows, key=repr) for model, rows in found.items()}


def kad(first: date, last: date | None, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "service_id": f"c{number}", "person_id": "p", "data_year": 2024, "service_code": KAD,
        "started_on": first, "ended_on": last, "birth_year": 1940, "municipality_no": "0301",
        "bydel": "030105",
    } | more  # fmt: skip


FROGNER = ("030105", "75-84")


@pytest.fixture
def built(workbench: Workbench) -> Callable[..., list[tuple[object, ...]]]:
    def build(model: str, *care: dict[str, Any], **more: Any) -> list[tuple[object, ...]]:
        workbench.land({"kpr_care": list(care)} | more, (FIRST, LAST))
        return workbench.rows(model)

    return build


def test_services_that_overlap_or_touch_are_one_stay_and_a_day_apart_are_two(
    built: Callable[..., Any],
) -> None:
    care = [
        kad(date(2024, 2, 1), date(2024, 2, 3), 1),
        kad(date(2024, 2, 3), date(2024, 2, 6), 2, bydel="030112", birth_year=1960),  # touches
        kad(date(2024, 2, 4), date(2024, 2, 5), 3),  # inside
        kad(date(2024, 2, 7), date(2024, 2, 7), 4),  # the day after
    ]
    assert built("atom_kad_use", *care) == [
        ("p/c1", "p", "2024", *FROGNER, "2024Q1", "stay", True),
        ("p/c4", "p", "2024", *FROGNER, "2024Q1", "stay", True),
    ]


def test_nights_count_and_a_stay_of_one_day_has_one(built: Callable[..., Any]) -> None:
    care = [
        kad(date(2024, 2, 1), date(2024, 2, 1), 1),
        kad(date(2024, 2, 28), date(2024, 3, 1), 2),  # over the leap day: 28 and 29 February
        kad(
            date(2024, 3, 30), date(2024, 4, 2), 3
        ),  # over the quarter, and over the clock's change
        kad(date(2024, 5, 1), date(2024, 4, 30), 4),  # reversed: no service
    ]
    assert built("atom_kad_days", *care) == [
        ("p/c1", "p", "2024", *FROGNER, "2024Q1", "stay", 1, True),
        ("p/c2", "p", "2024", *FROGNER, "2024Q1", "stay", 2, True),
        ("p/c3", "p", "2024", *FROGNER, "2024Q1", "stay", 2, True),
        ("p/c3", "p", "2024", *FROGNER, "2024Q2", "stay", 1, True),
    ]


def test_a_stay_that_lasts_ends_with_the_data_and_with_death(built: Callable[..., Any]) -> None:
    care = [
        kad(date(2024, 6, 29), None, 1),
        kad(date(2024, 2, 1), None, 2, person_id="q", death_date=date(2024, 2, 4)),
        kad(date(2024, 2, 1), date(2024, 9, 1), 3, person_id="r", death_date=date(2024, 1, 31)),
        kad(date(2023, 12, 30), date(2024, 1, 2), 4, person_id="s"),  # begun before the period
    ]
    assert built("atom_kad_days", *care) == [
        ("p/c1", "p", "2024", *FROGNER, "2024Q2", "stay", 2, True),
        ("q/c2", "q", "2024", *FROGNER, "2024Q1", "stay", 3, True),
        ("s/c4", "s", "2024", *FROGNER, "2024Q1", "stay", 1, True),
    ]
    assert [row[0] for row in built("atom_kad_use", *care)] == ["p/c1", "q/c2"]


def test_unknown_age_is_left_out_and_unknown_residence_is_an_area(
    built: Callable[..., Any],
) -> None:
    care = [
        kad(date(2024, 2, 1), date(2024, 2, 3), 1, birth_year=9999),
        kad(date(2024, 4, 1), date(2024, 4, 3), 2, municipality_no="-1", bydel=None),
        kad(date(2024, 5, 1), date(2024, 5, 3), 3, municipality_no="4601", bydel=None),
    ]
    assert built("atom_kad_use", *care) == [
        ("p/c2", "p", "2024", "unknown", "75-84", "2024Q2", "stay", True),
        ("p/c3", "p", "2024", "other_regions", "75-84", "2024Q2", "stay", True),
    ]


def test_occupancy_needs_the_month_s_beds(built: Callable[..., Any]) -> None:
    care = [kad(date(2024, 2, 28), date(2024, 3, 3), 1)]
    assert built("atom_kad_occupancy", *care) == []
    assert built("atom_kad_occupancy", *care, bed_capacity=BEDS) == [
        ("p/c1", "p", "2024", "2024-03", "stay", 2, True)
    ]


def test_a_discharge_is_alive_and_within_the_period(built: Callable[..., Any]) -> None:
    care = [
        kad(date(2024, 2, 1), date(2024, 2, 3), 1),
        kad(date(2024, 2, 1), date(2024, 2, 3), 2, person_id="dead", death_date=date(2024, 2, 3)),
        kad(date(2024, 2, 1), date(2024, 2, 3), 3, person_id="later", death_date=date(2024, 2, 4)),
        kad(date(2024, 6, 30), None, 4, person_id="lasts"),
        kad(date(2024, 6, 30), date(2024, 7, 1), 5, person_id="after"),
    ]
    assert built("tok_kad_discharge_day", *care) == [
        ("later", date(2024, 2, 3), "2024", "sector_diakonhjemmet/75-84", True),
        ("p", date(2024, 2, 3), "2024", "sector_diakonhjemmet/75-84", True),
    ]


def test_the_days_before_an_admission_have_one_class_that_of_the_next(
    built: Callable[..., Any],
) -> None:
    stays = [
        {
            "episode_id": f"e{day}", "person_id": "p", "data_year": 2024, "care_level": 1,
            "admission_date": date(2024, 3, day), "admission_time": time(2, 30),
            "discharge_date": date(2024, 3, day), "discharge_time": time(3), "urgency": urgency,
        }
        for day, urgency in ((10, 1), (12, 1), (20, 4))
    ]  # fmt: skip
    assert built("tok_admission_within_3_days", npr_stay=stays) == [
        ("p", date(2024, 3, day), "onward_admission", f"days_{name}")
        for day, name in ((10, "0"), (11, "1_3"), (12, "0"), (7, "1_3"), (8, "1_3"), (9, "1_3"))
    ]


@pytest.fixture(scope="module")
def some_persons() -> tuple[Landing, dict[str, list[tuple[object, ...]]]]:
    landing = landing_of(seeded(51), 250)
    landing["kpr_care"] += [
        kad(FIRST + 8 * number * DAY, FIRST + (8 * number + 2) * DAY, number, person_id=name)
        for name in "abc"
        for number in range(20)
    ]
    return landing, expected(landing)


def test_many_persons_equal_the_reference_and_reach_every_branch(
    workbench: Workbench, some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]]
) -> None:
    landing, wanted = some_persons
    workbench.land(landing, (FIRST, LAST))
    for model in MODELS:
        assert workbench.rows(model) == wanted[model], model
        assert wanted[model], model
    stays = kad_stays(landing["kpr_care"])
    assert max(len(stay.services) for stay in stays) > 2
    assert {stay.is_ended_by_death for stay in stays} == {True, False}
    assert {stay.stopped_on is None for stay in stays} == {True, False}
    assert {stay.age_group is None for stay in stays} == {True, False}
    assert any(stay.first.started_on < FIRST <= (stay.stopped_on or LAST) for stay in stays)
    assert any(stay.first.area != stay.last.area for stay in stays)
    for model in ("atom_kad_use", "atom_kad_days", "tok_kad_discharge_day"):
        assert {row[-1] for row in wanted[model]} == {True, False}, model
    onward = {row[3] for row in wanted["tok_admission_within_3_days"]}
    assert onward == {"days_0", "days_1_3"}
    discharges = {row[:2] for row in wanted["tok_kad_discharge_day"]}
    assert len(discharges) == len(wanted["tok_kad_discharge_day"])
    assert discharges & {row[:2] for row in wanted["tok_admission_within_3_days"]}


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
    ("atoms", "model", "right", "wrong"),
    [
        ("atom_kad_use", "int_kad_stay", "started_on > max(least(stopped_on",
         "started_on >= max(least(stopped_on"),
        ("atom_kad_use", "int_kad_stay", "between unbounded preceding and 1 preceding",
         "between 1 preceding and 1 preceding"),
        ("atom_kad_use", "int_kad_stay", "arg_min_null(birth_year", "arg_max_null(birth_year"),
        ("atom_kad_use", "atom_kad_use", " and started_on between period_from and period_to", ""),
        ("atom_kad_use", "atom_kad_use", ") <= 6", ") <= 7"),
        ("atom_kad_days", "int_kad_month", " - 1), period_to", "), period_to"),
        ("atom_kad_days", "int_kad_month", "greatest(started_on, period_from)", "started_on"),
        ("atom_kad_occupancy", "atom_kad_occupancy", "inner join", "left join"),
        ("tok_kad_discharge_day", "int_kad_stay", "death_date <= coalesce",
         "death_date < coalesce"),
        ("tok_kad_discharge_day", "tok_kad_discharge_day", "and not is_ended_by_death", ""),
        ("tok_admission_within_3_days", "int_onward_admission_span",
         "event_on - event_class.day_to", "event_on - event_class.day_to + 1"),
        ("tok_admission_within_3_days", "int_onward_admission_span", ") + 1 - 0", ") + 0 - 0"),
        ("tok_admission_within_3_days", "int_onward_admission_span", "period_from - 0",
         "period_from - 1"),
        ("tok_admission_within_3_days", "int_onward_admission_span", "where is_linkable", ""),
    ],
)  # fmt: skip
def test_a_changed_rule_is_noticed(
    workbench: Workbench,
    some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]],
    atoms: str,
    model: str,
    right: str,
    wrong: str,
) -> None:
    landing, wanted = some_persons
    sql = workbench.models[model].sql
    assert right in sql
    workbench.land(landing, (FIRST, LAST))
    assert workbench.rows(atoms, changed={model: sql.replace(right, wrong)}) != wanted[atoms]


def test_the_bed_days_of_a_stay_are_told_one_by_one() -> None:
    """The reference itself, by hand."""
    (stay,) = kad_stays([kad(FIRST - 2 * DAY, FIRST + 2 * DAY)])
    assert stay.bed_days(PERIOD) == [FIRST, FIRST + DAY]
