"""Use of municipal services before an acute admission: the tokens of both sides."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dbt_models.conftest import BuiltSites
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
from tests.reference.atoms import Unit, counted
from tests.reference.municipal import (
    BANDS,
    LAGS,
    LOOKBACK,
    SERVICES,
    Period,
    admission_days,
    contact_days,
    days,
    service_day_bands,
    service_lag_classes,
)

PERIOD = Period(FIRST, LAST)
TOTAL = 4
GP, HOME_NURSING, KAD = 1, 15, 22
Landing = dict[str, list[dict[str, Any]]]
MADE_OF = {
    "tok_service_lag_class": "int_service_run",
    "tok_service_day_band": "int_service_day_segment",
}


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
    """Rows of a token model; a view is read after the table that it is made of."""
    workbench.land(landing, (FIRST, LAST))
    if model not in MADE_OF:
        return workbench.rows(model, changed=changed)
    workbench.rows(MADE_OF[model], changed=changed)
    found = workbench.connection.execute(f"select * from tokens.{model}").fetchall()
    return sorted(found, key=repr)


def expected(landing: Landing) -> dict[str, list[tuple[object, ...]]]:
    contacts = contact_days(landing["kuhr_claim"], landing["kpr_care"], PERIOD, PERIOD)
    index = admission_days(landing["npr_stay"])
    units = [Unit(f"{day}", person, f"{day.year}", (), "") for person, day, _ in index]
    kept = {(unit.person_id, unit.unit_id) for unit in counted(units, TOTAL, TOTAL)}
    found = {
        "tok_admission_day": [
            (person, day, bucket, (person, f"{day}") in kept) for person, day, bucket in index
        ],
        "tok_service_lag_class": service_lag_classes(contacts, PERIOD),
        "tok_service_day_band": service_day_bands(contacts, PERIOD),
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
    assert sorted(tokens(workbench, {"npr_stay": stays}, "tok_admission_day"), key=by_day) == [
        ("p", day, "75-84/sector_ahus", True),
        ("p", date(2024, 5, 10), "75-84/sector_ous", True),
    ]


def test_alna_changes_sector_with_the_year_and_elsewhere_is_outside(workbench: Workbench) -> None:
    noon = time(12)
    stays = [
        stay(1, date(2025, 12, 31), noon, date(2025, 12, 31), noon),
        stay(2, date(2026, 1, 2), noon, date(2026, 1, 2), noon),
        stay(3, date(2024, 3, 2), noon, date(2024, 3, 2), noon, bydel=None, municipality_no="4601"),
    ]
    assert sorted(tokens(workbench, {"npr_stay": stays}, "tok_admission_day"), key=by_day) == [
        ("p", date(2024, 3, 2), "75-84/outside_sectors", True),
        ("p", date(2025, 12, 31), "75-84/sector_ahus", True),
        ("p", date(2026, 1, 2), "75-84/sector_ous", True),
    ]


@pytest.fixture(scope="module")
def some_persons() -> tuple[Landing, dict[str, list[tuple[object, ...]]]]:
    landing = landing_of(seeded(41), 120)
    landing["npr_stay"] += [row for name in "abc" for row in often_admitted(name)]
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
    index = wanted["tok_admission_day"]
    assert {row[3] for row in index} == {True, False}
    assert len({row[:2] for row in index}) == len(index)
    assert {str(row[2]).partition("/")[2] for row in index} == {
        "sector_ahus", "sector_diakonhjemmet", "sector_ous", "outside_sectors",
    }  # fmt: skip


@settings(
    max_examples=12,
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
    admitted = {row[:2] for row in wanted["tok_admission_day"]}
    return sorted((r for r in wanted["tok_service_lag_class"] if r[:2] in admitted), key=repr)


ADMISSION_SERVICE = ("person_id", "day", "service", "class")


@settings(
    max_examples=12,
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
        ("tok_admission_day", "tok_admission_day", "episode.is_acute and ", ""),
        ("tok_admission_day", "tok_admission_day", " and episode.is_linkable", ""),
        ("tok_admission_day", "tok_admission_day", "order by admitted_at, episode_id) = 1",
         "order by admitted_at, episode_id) >= 1"),
        ("tok_admission_day", "tok_admission_day", ") <= 4", ") <= 5"),
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


@pytest.mark.parametrize(
    ("view", "right", "wrong"),
    [
        ("int_service_lag_span", ", run.next_first_day", ""),
        ("int_service_lag_span", "run.last_day) + lag_class", "run.first_day) + lag_class"),
        ("int_service_band_span", "greatest(days_in, 0)", "days_in"),
    ],
)
def test_a_changed_rule_of_a_view_is_noticed(
    workbench: Workbench,
    built_sites: BuiltSites,
    some_persons: tuple[Landing, dict[str, list[tuple[object, ...]]]],
    view: str,
    right: str,
    wrong: str,
) -> None:
    landing, wanted = some_persons
    model = "tok_service_lag_class" if "lag" in view else "tok_service_day_band"
    tokens(workbench, landing, model)
    (file,) = (built_sites.built.artefacts / "target" / "compiled").rglob(f"models/**/{view}.sql")
    sql = file.read_text(encoding="utf-8")
    assert right in sql
    relation = f'"warehouse"."intermediate"."{view}"'
    token_sql = built_sites.built.compiled(model)
    assert relation in token_sql
    mutant = token_sql.replace(relation, f"({sql.replace(right, wrong)})")
    found = workbench.connection.execute(mutant).fetchall()
    assert sorted(found, key=repr) != wanted[model]


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


def test_a_bucket_is_an_age_group_and_a_sector_and_every_pair_is_one() -> None:
    sectors = {row["area_group"] for row in seed("area_group")}
    sectors = {name for name in sectors if name.startswith("sector_")} | {"outside_sectors"}
    pairs = {(row["age_group"], name) for row in seed("age_group") for name in sectors}
    assert {(row["age_group"], row["sector"]) for row in seed("age_sector")} == pairs
    assert len(seed("age_sector")) == len(pairs)
    for row in seed("age_sector"):
        assert row["bucket"] == f"{row['age_group']}/{row['sector']}"
