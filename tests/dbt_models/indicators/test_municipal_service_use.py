"""Use of municipal services before an acute admission: the tokens of both sides."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_models.municipal_populations import (
    CARE_CODES,
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
from tests.reference.acute import admission_days
from tests.reference.municipal import (
    BANDS,
    LAGS,
    LOOKBACK,
    SERVICES,
    Period,
    contact_days,
    days,
    service_day_bands,
    service_lag_classes,
)
from tests.reference.tokens import HOUR_BANDS, IN_HOURS, index_tokens, service_hour_bands

PERIOD = Period(FIRST, LAST)
TOTAL = 4
GP, HOME_NURSING, PRACTICAL_HELP = 1, 15, 1
Landing = dict[str, list[dict[str, Any]]]


def landing_of(pick: Pick[Any], persons: int) -> Landing:
    found: Landing = {"kuhr_claim": [], "kpr_care": [], "npr_stay": []}
    for number in range(persons):
        person = f"p{number}"
        found["kuhr_claim"] += claim_rows(pick, person, pick((0, 1, 2, 4)))[0]
        found["kpr_care"] += care_rows(
            pick, person, pick((0, 1, 2, 3, 7)), pick((CARE_CODES, (HOME_NURSING,)))
        )
        found["npr_stay"] += stay_rows(pick, person, pick((0, 1, 2, 3, 8, 25)))
    return found


def often_admitted(person: str) -> list[dict[str, Any]]:
    """Nine acute admissions, twelve days apart."""
    days_in = [FIRST + timedelta(12 * number) for number in range(9)]
    return [
        stay(number, day, time(8), day, time(12), person_id=person)
        for number, day in enumerate(days_in)
    ]


def tokens(
    workbench: Workbench, landing: Landing, model: str, changed: Mapping[str, str] | None = None
) -> list[tuple[object, ...]]:
    workbench.land(landing, (FIRST, LAST))
    return workbench.rows(model, changed=changed)


def expected(landing: Landing) -> dict[str, list[tuple[object, ...]]]:
    contacts = contact_days(landing["kuhr_claim"], landing["kpr_care"], PERIOD, PERIOD)
    found = {
        "tok_acute_admission_day": index_tokens(admission_days(landing["npr_stay"]), TOTAL),
        "tok_service_lag_class": service_lag_classes(contacts, PERIOD),
        "tok_service_day_band": service_day_bands(contacts, PERIOD),
        "tok_service_hour_band": service_hour_bands(landing["kpr_care"], PERIOD),
    }
    return {model: sorted(rows, key=repr) for model, rows in found.items()}


def claim(day: date, kind: int = GP, person: str = "p") -> dict[str, Any]:
    return {
        "claim_id": f"{person}{day}{kind}", "person_id": person, "data_year": day.year,
        "claim_date": day, "service_type": kind,
    }  # fmt: skip


def care(first: date, last: date | None, code: int = HOME_NURSING, **more: Any) -> dict[str, Any]:
    return {
        "service_id": f"{first}{last}{code}", "person_id": "p", "data_year": 2024,
        "service_code": code, "started_on": first, "ended_on": last,
    } | more  # fmt: skip


def spans(first: date, last: date, service: str, name: str) -> list[tuple[object, ...]]:
    return [("p", day, service, name) for day in days(first, last)]


def by_day(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[1], row[2]


def classes(workbench: Workbench, **landing: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    return sorted(tokens(workbench, landing, "tok_service_lag_class"), key=by_day)


def bands(workbench: Workbench, **landing: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    return sorted(tokens(workbench, landing, "tok_service_day_band"), key=by_day)


def test_a_contact_covers_day_1_to_90_and_neither_its_own_day_nor_day_91(
    workbench: Workbench,
) -> None:
    assert classes(workbench, kuhr_claim=[claim(date(2024, 2, 28))]) == [
        *spans(date(2024, 2, 29), date(2024, 3, 6), "gp", "1-7"),
        *spans(date(2024, 3, 7), date(2024, 3, 29), "gp", "8-30"),
        *spans(date(2024, 3, 30), date(2024, 5, 28), "gp", "31-90"),
    ]
    assert (date(2024, 5, 28) - date(2024, 2, 28)).days == 90


def test_the_day_of_the_next_contact_still_belongs_to_the_one_before(workbench: Workbench) -> None:
    contacts = [claim(date(2024, 4, 1)), claim(date(2024, 4, 20)), claim(date(2024, 6, 28))]
    assert classes(workbench, kuhr_claim=contacts) == [
        *spans(date(2024, 4, 2), date(2024, 4, 8), "gp", "1-7"),
        *spans(date(2024, 4, 9), date(2024, 4, 20), "gp", "8-30"),
        *spans(date(2024, 4, 21), date(2024, 4, 27), "gp", "1-7"),
        *spans(date(2024, 4, 28), date(2024, 5, 20), "gp", "8-30"),
        *spans(date(2024, 5, 21), date(2024, 6, 28), "gp", "31-90"),
        *spans(date(2024, 6, 29), date(2024, 6, 30), "gp", "1-7"),  # the delivered period ends
    ]


def test_a_care_service_is_a_contact_on_each_of_its_days_to_death_or_the_end_of_data(
    workbench: Workbench,
) -> None:
    ended = care(date(2024, 3, 1), date(2024, 3, 4))
    assert classes(workbench, kpr_care=[ended]) == [
        *spans(date(2024, 3, 2), date(2024, 3, 11), "home_nursing", "1-7"),
        *spans(date(2024, 3, 12), date(2024, 4, 3), "home_nursing", "8-30"),
        *spans(date(2024, 4, 4), date(2024, 6, 2), "home_nursing", "31-90"),
    ]
    running = care(date(2024, 6, 20), None)
    assert classes(workbench, kpr_care=[running]) == spans(
        date(2024, 6, 21), LAST, "home_nursing", "1-7"
    )
    died = care(date(2024, 3, 1), None, death_date=date(2024, 3, 4))
    assert classes(workbench, kpr_care=[died]) == classes(workbench, kpr_care=[ended])
    assert classes(workbench, kpr_care=[care(date(2024, 3, 4), date(2024, 3, 1))]) == []


def test_contacts_before_the_delivered_period_count_but_days_outside_it_do_not(
    workbench: Workbench,
) -> None:
    before = care(date(2023, 10, 1), date(2023, 12, 25))
    assert classes(workbench, kpr_care=[before]) == [
        *spans(date(2024, 1, 1), date(2024, 1, 1), "home_nursing", "1-7"),
        *spans(date(2024, 1, 2), date(2024, 1, 24), "home_nursing", "8-30"),
        *spans(date(2024, 1, 25), date(2024, 3, 24), "home_nursing", "31-90"),
    ]


def test_services_are_apart_and_day_activity_and_day_stay_are_one(workbench: Workbench) -> None:
    day = date(2024, 6, 28)
    found = classes(
        workbench,
        kuhr_claim=[claim(day, 2), claim(day, 3), claim(day, 6)],  # a dentist is none of them
        kpr_care=[care(day, day, 4), care(day, day, 17), care(day, day, 21)],
    )
    assert found == [
        ("p", on, service, "1-7")
        for on in (date(2024, 6, 29), date(2024, 6, 30))
        for service in ("day_centre", "legevakt", "physiotherapy")
    ]


def test_the_band_is_how_many_of_the_90_days_before_had_the_service(workbench: Workbench) -> None:
    found = bands(
        workbench,
        kuhr_claim=[claim(date(2024, 1, 10)), claim(date(2024, 1, 10), 2), claim(date(2024, 4, 9))],
    )
    assert found == sorted(
        [
            *spans(date(2024, 1, 11), date(2024, 4, 9), "gp", "1-2"),  # one, the 90th day back
            *spans(date(2024, 1, 11), date(2024, 4, 9), "legevakt", "1-2"),
            *spans(date(2024, 4, 10), LAST, "gp", "1-2"),  # the first is 91 days back
        ],
        key=by_day,
    )
    whole = [care(date(2024, 1, 1), None), care(date(2024, 1, 3), date(2024, 2, 1))]
    assert bands(workbench, kpr_care=whole) == [
        *spans(date(2024, 1, 2), date(2024, 1, 3), "home_nursing", "1-2"),
        *spans(date(2024, 1, 4), date(2024, 1, 8), "home_nursing", "3-7"),
        *spans(date(2024, 1, 9), date(2024, 1, 31), "home_nursing", "8-30"),
        *spans(date(2024, 2, 1), LAST, "home_nursing", "31-90"),
    ]


def test_the_band_falls_again_when_the_days_are_91_days_back(workbench: Workbench) -> None:
    nine = care(date(2024, 1, 10), date(2024, 1, 18))
    assert bands(workbench, kpr_care=[nine]) == [
        *spans(date(2024, 1, 11), date(2024, 1, 12), "home_nursing", "1-2"),
        *spans(date(2024, 1, 13), date(2024, 1, 17), "home_nursing", "3-7"),
        *spans(date(2024, 1, 18), date(2024, 4, 10), "home_nursing", "8-30"),
        *spans(date(2024, 4, 11), date(2024, 4, 15), "home_nursing", "3-7"),
        *spans(date(2024, 4, 16), date(2024, 4, 17), "home_nursing", "1-2"),
    ]


def hours(workbench: Workbench, *rows: dict[str, Any]) -> list[tuple[object, ...]]:
    found = tokens(workbench, {"kpr_care": list(rows)}, "tok_service_hour_band")
    return sorted(found, key=by_day)


def test_hours_rise_by_a_seventh_of_the_week_a_day_and_the_edge_is_in_the_higher_band(
    workbench: Workbench,
) -> None:
    """13 hours a week are 13/7 a day: 26 after 14 days, 91 after 49, and in 90 days never 270."""
    found = hours(workbench, care(date(2023, 12, 31), None, hours_per_week=13.0))
    assert found == [
        *spans(date(2024, 1, 1), date(2024, 1, 13), "home_nursing", "0-25"),
        *spans(date(2024, 1, 14), date(2024, 2, 17), "home_nursing", "26-89"),
        *spans(date(2024, 2, 18), LAST, "home_nursing", "90-269"),
    ]


def test_hours_are_gone_91_days_after_and_death_ends_them(workbench: Workbench) -> None:
    """28 hours a week for a week, over the leap day: 4 a day, 28 in all."""
    week = care(date(2024, 2, 26), date(2024, 3, 3), hours_per_week=28.0)
    wanted = [
        *spans(date(2024, 2, 27), date(2024, 3, 3), "home_nursing", "0-25"),
        *spans(date(2024, 3, 4), date(2024, 5, 26), "home_nursing", "26-89"),
        *spans(date(2024, 5, 27), date(2024, 6, 1), "home_nursing", "0-25"),
    ]
    assert date(2024, 5, 26) - date(2024, 2, 26) == timedelta(90)
    assert hours(workbench, week) == wanted
    died = {**week, "ended_on": None, "death_date": date(2024, 3, 3)}
    assert hours(workbench, died) == wanted


def test_services_granted_at_once_add_up_and_others_do_not(workbench: Workbench) -> None:
    day = date(2024, 6, 23)
    found = hours(
        workbench,
        care(day, day, hours_per_week=91.0),  # 13 hours that day
        care(day, day, hours_per_week=91.0, service_id="b"),
        care(day, day, PRACTICAL_HELP, hours_per_week=91.0),
        care(day, day, 18, hours_per_week=91.0),  # a short-term stay is not granted in hours
        care(day, day, hours_per_week=None, service_id="c"),
        care(day, day, hours_per_week=0.0, service_id="d"),
        care(day, day - timedelta(1), hours_per_week=91.0, service_id="e"),  # reversed
    )
    week = (date(2024, 6, 24), LAST)
    assert found == sorted(
        [*spans(*week, "home_nursing", "26-89"), *spans(*week, "practical_help", "0-25")],
        key=by_day,
    )


def test_hours_of_a_service_that_ended_before_the_period_count_as_last_reported(
    workbench: Workbench,
) -> None:
    before = care(date(2023, 10, 1), date(2023, 12, 1), hours_per_week=28.0)
    found = hours(
        workbench,
        {**before, "data_year": 2023, "hours_per_week": 7.0},
        before,
    )
    # On 1 January the window is from 3 October: 60 days of 4 hours, and one less each day. On
    # 7 February 23 of them are left (92 hours), on 23 February 7 (28 hours).
    assert found == [
        *spans(date(2024, 1, 1), date(2024, 2, 7), "home_nursing", "90-269"),
        *spans(date(2024, 2, 8), date(2024, 2, 23), "home_nursing", "26-89"),
        *spans(date(2024, 2, 24), date(2024, 2, 29), "home_nursing", "0-25"),
    ]


def stay(number: int, day: date, at: time, last: date, until: time, **more: Any) -> dict[str, Any]:
    return {
        "episode_id": f"e{number}", "person_id": "p", "data_year": 2024, "care_level": 1,
        "admission_date": day, "admission_time": at, "discharge_date": last,
        "discharge_time": until, "urgency": 1, "link_quality": 1, "birth_year": 1945,
        "municipality_no": "0301", "bydel": "030112",
    } | more  # fmt: skip


def test_a_day_of_admission_is_the_first_of_an_acute_episode_and_counts_once(
    workbench: Workbench,
) -> None:
    day, morning, noon = date(2024, 3, 31), time(2, 30), time(12)
    stays = [
        stay(1, day, morning, day, time(3)),
        stay(2, day, noon, day + timedelta(days=1), noon),  # more than 8 h later, same day
        stay(3, day + timedelta(days=1), noon, day + timedelta(days=5), noon),  # transfer
        stay(4, date(2024, 5, 1), noon, date(2024, 5, 2), noon, urgency=4),  # planned
        stay(5, date(2024, 5, 10), noon, date(2024, 5, 9), noon, bydel="030103"),  # reversed
        stay(6, date(2024, 5, 20), noon, date(2024, 5, 22), noon, link_quality=4),
        stay(7, date(2024, 6, 20), noon, date(2024, 6, 22), noon, birth_year=9999),
        stay(8, date(2024, 6, 25), noon, date(2024, 6, 25), noon, care_level=3),
    ]
    assert sorted(
        tokens(workbench, {"npr_stay": stays}, "tok_acute_admission_day"), key=by_day
    ) == [
        ("p", day, "2024", "sector_ahus/75-84", True),
        ("p", date(2024, 5, 10), "2024", "sector_ous/75-84", True),
    ]


def test_alna_changes_sector_with_the_year_and_other_regions_are_elsewhere(
    workbench: Workbench,
) -> None:
    noon = time(12)
    stays = [
        stay(1, date(2025, 12, 31), noon, date(2025, 12, 31), noon),
        stay(2, date(2026, 1, 2), noon, date(2026, 1, 2), noon),
        stay(3, date(2024, 3, 2), noon, date(2024, 3, 2), noon, bydel=None, municipality_no="4601"),
    ]
    assert sorted(
        tokens(workbench, {"npr_stay": stays}, "tok_acute_admission_day"), key=by_day
    ) == [
        ("p", date(2024, 3, 2), "2024", "elsewhere/75-84", True),
        ("p", date(2025, 12, 31), "2025", "sector_ahus/75-84", True),
        ("p", date(2026, 1, 2), "2026", "sector_ous/75-84", True),
    ]


@pytest.fixture(scope="module")
def some_persons() -> tuple[Landing, dict[str, list[tuple[object, ...]]]]:
    landing = landing_of(seeded(41), 120)
    landing["npr_stay"] += [row for name in "abc" for row in often_admitted(name)]
    whole = {"person_id": "reversed", "hours_per_week": 35.0}
    landing["kpr_care"] += [
        care(date(2024, 2, 1), date(2024, 4, 1), **whole),
        care(date(2024, 3, 1), date(2024, 2, 1), **whole),
    ]
    return landing, expected(landing)


def test_many_persons_equal_the_reference_and_reach_every_branch(
    workbench: Workbench, some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]]
) -> None:
    landing, wanted = some_persons
    for model, rows in wanted.items():
        assert tokens(workbench, landing, model) == rows, model
    lag, band = wanted["tok_service_lag_class"], wanted["tok_service_day_band"]
    assert {row[3] for row in lag} == {name for name, *_ in LAGS}
    assert {row[3] for row in band} == {name for name, *_ in BANDS}
    assert {row[2] for row in lag} == {row[2] for row in band} == set(SERVICES.values())
    assert {row[1] for row in lag} == set(days(FIRST, LAST))
    assert len({row[:3] for row in lag}) == len(lag)
    assert {row[:3] for row in lag} == {row[:3] for row in band}
    index = wanted["tok_acute_admission_day"]
    assert {row[4] for row in index} == {True, False}
    assert len({row[:2] for row in index}) == len(index)
    assert {str(row[3]).partition("/")[0] for row in index} == {
        "sector_ahus", "sector_diakonhjemmet", "sector_ous", "oslo", "rest_of_region", "elsewhere",
    }  # fmt: skip
    hours = wanted["tok_service_hour_band"]
    assert {row[3] for row in hours} == {name for name, *_ in HOUR_BANDS}
    assert {row[2] for row in hours} == set(IN_HOURS)
    assert len({row[:3] for row in hours}) == len(hours)


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pick=picks())
def test_any_persons_equal_the_reference(workbench: Workbench, pick: Pick[Any]) -> None:
    landing = landing_of(pick, 2)
    for model, rows in expected(landing).items():
        assert tokens(workbench, landing, model) == rows, model


def met_in_one_place(landing: Landing) -> list[tuple[object, ...]]:
    """What the reference's tokens of both sides tell of each admission when they meet."""
    wanted = expected(landing)
    admitted = {row[:2] for row in wanted["tok_acute_admission_day"]}
    return sorted((r for r in wanted["tok_service_lag_class"] if r[:2] in admitted), key=repr)


ADMISSION_SERVICE = ("person_id", "day", "service", "class")


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pick=picks())
def test_a_holder_of_both_registers_finds_what_the_tokens_tell(
    workbench: Workbench, pick: Pick[Any]
) -> None:
    landing = landing_of(pick, 2)
    workbench.land(landing, (FIRST, LAST))
    assert workbench.rows("int_admission_service", ADMISSION_SERVICE) == met_in_one_place(landing)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (" // 90 - 1\n", " // 90\n"),
        ("admission.day - 90 and", "admission.day - 89 and"),
        ("and admission.day - 1\n", "and admission.day\n"),
        ("care.started_on < admission.day", "care.started_on <= admission.day"),
        ("least(care.ended_on, care.death_date, delivered.period_to, admission.day - 1)",
         "least(care.ended_on, delivered.period_to, admission.day - 1)"),
        ("between lag_class.day_from and", "between lag_class.day_from + 1 and"),
    ],
)  # fmt: skip
def test_a_changed_rule_of_admission_and_service_is_noticed(
    workbench: Workbench,
    some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]],
    right: str,
    wrong: str,
) -> None:
    landing, _ = some_persons
    workbench.land(landing, (FIRST, LAST))
    sql = workbench.models["int_admission_service"].sql
    assert right in sql
    wanted = met_in_one_place(landing)
    assert workbench.rows("int_admission_service", ADMISSION_SERVICE) == wanted
    changed = {"int_admission_service": sql.replace(right, wrong)}
    assert workbench.rows("int_admission_service", ADMISSION_SERVICE, changed) != wanted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tokens_of", "model", "right", "wrong"),
    [
        ("tok_service_lag_class", "int_service_run", "care.death_date, ", ""),
        ("tok_service_lag_class", "int_service_run", "lead(first_day)", "lead(last_day)"),
        ("tok_service_lag_class", "int_service_run", "greatest(last_day, lasted_until)",
         "last_day"),
        ("tok_service_day_band", "int_service_run", "lasted_until + 1)", "lasted_until)"),
        ("tok_service_lag_class", "int_service_run", "between unbounded preceding and 1 preceding",
         "between 1 preceding and 1 preceding"),
        ("tok_service_day_band", "int_service_day_segment", "'day': last_day + 2",
         "'day': last_day + 1"),
        ("tok_service_day_band", "int_service_day_segment", "last_day + 90 + 1", "last_day + 90"),
        ("tok_service_day_band", "int_service_day_segment", "first_new_day + 90 + 1",
         "first_new_day + 90"),
        ("tok_service_day_band", "int_service_day_segment", "- change.day + 1)", "- change.day)"),
        ("tok_service_day_band", "int_service_day_segment", "first_new_day = last_day",
         "first_day = last_day"),
        ("tok_service_hour_band", "int_service_hour_segment", "- day_from + 1))::bigint",
         "- day_from))::bigint"),
        ("tok_service_lag_class", "int_service_lag_span", ", run.next_first_day", ""),
        ("tok_service_lag_class", "int_service_lag_span", "run.last_day) + lag_class",
         "run.first_day) + lag_class"),
        ("tok_service_day_band", "int_service_band_span", "else 0\n            end,\n            0",
         "else 0\n            end,\n            -9"),
        ("tok_service_day_band", "int_service_band_span", "floor((stretch.amount - band.days_from)",
         "floor((stretch.amount - band.days_to)"),
        ("tok_service_hour_band", "int_service_hour_segment", "care.death_date, ", ""),
        ("tok_service_hour_band", "int_service_hour_segment", "hours_per_week * 60",
         "hours_per_week * 59"),
        ("tok_service_hour_band", "int_service_hour_segment", " and named.is_in_hours", ""),
        ("tok_service_hour_band", "int_service_hour_segment", "first_day <= last_day and ", ""),
        ("tok_service_hour_band", "int_service_hour_segment", "'day': last_day + 2",
         "'day': last_day + 1"),
        ("tok_service_hour_band", "int_service_hour_segment", "first_day + 90 + 1",
         "first_day + 90"),
        ("tok_service_hour_band", "int_service_hour_span", "* 420", "* 421"),
        ("tok_service_hour_band", "int_service_hour_span", " * 420 - 1", " * 420"),
        ("tok_service_hour_band", "int_service_hour_span", "greatest(1, ", "greatest(0, "),
        ("tok_service_lag_class", "tok_service_lag_class", "common.register = 'kpr'",
         "common.register = 'npr'"),
        ("tok_acute_admission_day", "int_acute_admission_day",
         "order by admitted_at, episode_id) = 1", "order by admitted_at, episode_id) >= 1"),
    ],
)  # fmt: skip
def test_a_changed_rule_is_noticed(
    workbench: Workbench,
    some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]],
    tokens_of: str,
    model: str,
    right: str,
    wrong: str,
) -> None:
    landing, wanted = some_persons
    sql = workbench.models[model].sql
    assert right in sql
    changed = {model: sql.replace(right, wrong)}
    assert tokens(workbench, landing, tokens_of, changed) != wanted[tokens_of]


def test_the_seeds_say_what_the_definition_says() -> None:
    lags = [(r["class"], int(r["day_from"]), int(r["day_to"])) for r in seed("lag_class")]
    bands_ = [
        (r["class"], int(r["days_from"]), int(r["days_to"])) for r in seed("service_day_band")
    ]
    for classes_, wanted in ((lags, LAGS), (bands_, BANDS)):
        assert tuple(classes_) == wanted
        covered = [day for _, low, high in classes_ for day in range(low, high + 1)]
        assert covered == list(range(1, LOOKBACK + 1))
    assert {r["service"]: r["service_group"] for r in seed("pre_admission_service")} == SERVICES
    assert set(SERVICES) <= {row["service"] for row in seed("service")}


def test_the_bands_of_hours_leave_no_gap_and_the_services_have_hours() -> None:
    rows = seed("service_hour_band")
    found = [
        (r["class"], int(r["hours_from"]), int(r["hours_below"]) if r["hours_below"] else None)
        for r in rows
    ]
    assert tuple(found) == HOUR_BANDS
    assert [below for *_, below in found[:-1]] == [least for _, least, _ in found[1:]]
    assert {
        r["service_group"] for r in seed("pre_admission_service") if r["is_in_hours"] == "true"
    } == set(IN_HOURS)
