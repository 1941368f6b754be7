"""What municipal services cost, by a price list in which most prices are unknown."""

from collections.abc import Iterator
from datetime import date, timedelta
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
)
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference.atoms import AtomRow, atom_rows
from tests.reference.municipal import Period, Prices, municipal_cost

MODEL = "atom_municipal_cost"
PERIOD = Period(FIRST, LAST)
LONG_TERM, SHORT_TERM, HOME_NURSING = 21, 18, 15
Landing = dict[str, list[dict[str, Any]]]
KNOWN: Prices = {
    (row["service"], int(row["year"])): (row["unit"], float(row["nok"]))
    for row in seed("municipal_price")
    if row["nok"]
}
MADE_UP: Prices = KNOWN | {
    ("home_nursing", 2024): ("hour", 612.5),
    ("personal_assistance", 2024): ("hour", 612.5),
    ("gp", 2024): ("contact", 400.4),
    ("municipal_acute_stay", 2024): ("day", 40_000.0),
}


@pytest.fixture(scope="module")
def priced(workbench: Workbench) -> Iterator[Workbench]:
    """A workbench whose price list knows more; the seed comes back afterwards."""
    run = workbench.connection.execute
    run("create temp table prices_kept as from seeds.municipal_price")
    for (service, year), (unit, nok) in MADE_UP.items():
        run(
            "update seeds.municipal_price set nok = ?, unit = ? where service = ? and year = ?",
            [nok, unit, service, year],
        )
    yield workbench
    run("delete from seeds.municipal_price")
    run("insert into seeds.municipal_price from prices_kept")
    run("drop table prices_kept")


def landing_of(pick: Pick[Any], persons: int) -> Landing:
    found: Landing = {"kpr_care": [], "kuhr_claim": []}
    for number in range(persons):
        person = f"p{number}"
        codes = pick(((LONG_TERM, SHORT_TERM, HOME_NURSING, 22, 3, 6), (LONG_TERM,)))
        found["kpr_care"] += care_rows(pick, person, pick((0, 1, 2, 4, 7)), codes)
        found["kuhr_claim"] += claim_rows(pick, person, pick((0, 1, 3)))[0]
    return found


def expected(landing: Landing, prices: Prices) -> list[AtomRow]:
    claims = landing.get("kuhr_claim", [])
    units = municipal_cost(landing["kpr_care"], claims, PERIOD, prices)
    return sorted(atom_rows(units, 4, 20), key=repr)


def care(first: date, last: date | None, code: int, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "service_id": f"c{number}", "person_id": "p", "data_year": 2024, "service_code": code,
        "started_on": first, "ended_on": last, "birth_year": 1939, "municipality_no": "0301",
        "bydel": "030105",
    } | more  # fmt: skip


def costs(workbench: Workbench, *rows: dict[str, Any], last: date = LAST) -> list[tuple[Any, ...]]:
    workbench.land({"kpr_care": list(rows)}, (FIRST, last))
    return workbench.rows(MODEL)


def cost(number: int, service: str, nok: int, period: str = "2024") -> tuple[Any, ...]:
    return (f"p/c{number}", "p", period, service, "030105", "85+", "service", nok, True)


def test_a_nursing_home_day_is_3850_kroner_and_both_ends_are_days(workbench: Workbench) -> None:
    rows = [care(date(2024, 2, 28), date(2024, 3, 1), LONG_TERM)]
    assert costs(workbench, *rows) == [cost(1, "long_term_stay", 3 * 3_850)]


def test_a_service_without_a_price_has_no_row(workbench: Workbench) -> None:
    rows = [
        care(date(2024, 2, 1), date(2024, 2, 10), HOME_NURSING, 1, hours_per_week=7.0),
        care(date(2024, 2, 1), date(2024, 2, 10), 6, 2),
    ]
    assert costs(workbench, *rows) == []


def test_a_day_of_two_grants_is_paid_once_and_grants_apart_each(workbench: Workbench) -> None:
    rows = [
        care(date(2024, 2, 1), date(2024, 2, 10), LONG_TERM, 1),
        care(date(2024, 2, 9), date(2024, 2, 12), LONG_TERM, 2),  # two days of its own
        care(date(2024, 2, 3), date(2024, 2, 4), LONG_TERM, 3),  # none of its own
        care(date(2024, 2, 3), date(2024, 2, 3), SHORT_TERM, 4),  # another service
    ]
    assert costs(workbench, *rows) == [
        cost(1, "long_term_stay", 38_500),
        cost(2, "long_term_stay", 7_700),
        cost(4, "short_term_stay", 3_850),
    ]


def test_death_and_the_end_of_data_end_the_cost_and_a_year_has_its_own(
    workbench: Workbench,
) -> None:
    rows = [
        care(date(2024, 12, 30), None, LONG_TERM, 1),
        care(date(2024, 2, 1), None, SHORT_TERM, 2, death_date=date(2024, 2, 2)),
        care(date(2024, 3, 2), date(2024, 3, 1), SHORT_TERM, 3),  # reversed
        care(date(2023, 3, 2), date(2024, 1, 1), SHORT_TERM, 4),
    ]
    assert costs(workbench, *rows, last=date(2025, 1, 4)) == [
        cost(1, "long_term_stay", 2 * 3_850),
        cost(1, "long_term_stay", 4 * 3_850, "2025"),
        cost(2, "short_term_stay", 2 * 3_850),
        cost(4, "short_term_stay", 3_850),
    ]


def test_hours_are_a_week_over_seven_and_one_service_costs_at_most_five_million(
    priced: Workbench,
) -> None:
    rows = [
        care(date(2024, 2, 1), date(2024, 2, 14), HOME_NURSING, 1, hours_per_week=3.5),
        care(date(2024, 2, 1), date(2024, 2, 14), HOME_NURSING, 2),  # no hours, no cost
        care(date(2024, 1, 1), None, 22, 3),  # 182 days at 40 000
        care(date(2024, 2, 1), date(2024, 2, 14), HOME_NURSING, 4, birth_year=9999),
    ]
    assert costs(priced, *rows) == [
        cost(1, "home_nursing", 4_288),  # 7 hours at 612.50 is 4287.50
        cost(3, "municipal_acute_stay", 5_000_000),
    ]


@pytest.fixture(scope="module")
def some_persons() -> tuple[Landing, list[AtomRow]]:
    landing = landing_of(seeded(61), 250)
    landing["kpr_care"] += [
        care(FIRST + timedelta(9 * number), FIRST + timedelta(9 * number + 2), LONG_TERM, number)
        | {"person_id": name}
        for name in "abc"
        for number in range(8)
    ]
    return landing, expected(landing, MADE_UP)


def built(workbench: Workbench, landing: Landing) -> list[tuple[object, ...]]:
    workbench.land(landing, (FIRST, LAST))
    return workbench.rows(MODEL)


def test_many_persons_equal_the_reference_and_reach_every_branch(
    priced: Workbench, some_persons: tuple[Landing, list[AtomRow]]
) -> None:
    landing, wanted = some_persons
    assert built(priced, landing) == wanted
    assert {row[3] for row in wanted} == {service for service, year in MADE_UP if year == 2024}
    assert {row[-1] for row in wanted} == {True, False}
    assert max(int(str(row[-2])) for row in wanted) == 5_000_000
    assert {row[5] for row in wanted} == {"0-17", "18-66", "67-74", "75-84", "85+"}


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pick=picks())
def test_any_persons_equal_the_reference(priced: Workbench, pick: Pick[Any]) -> None:
    landing = landing_of(pick, 2)
    assert built(priced, landing) == expected(landing, MADE_UP)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("nok > 0", "nok > 40000"),
        ("least(nok, 5000000)", "nok"),
        ("used.own_days", "used.own_days + 1"),
        ("used.year = price.year", "used.year = price.year + 1"),
        ("when 'hour' then used.hours", ""),
        (") <= 4", ") <= 3"),
    ],
)
def test_a_changed_rule_is_noticed(
    priced: Workbench, some_persons: tuple[Landing, list[AtomRow]], right: str, wrong: str
) -> None:
    landing, wanted = some_persons
    sql = priced.models[MODEL].sql
    assert right in sql
    priced.land(landing, (FIRST, LAST))
    assert priced.rows(MODEL, changed={MODEL: sql.replace(right, wrong)}) != wanted


def test_every_price_is_of_a_service_that_has_one_unit_and_an_unknown_one_is_empty() -> None:
    services = {row["service"] for row in seed("priced_service")}
    assert services <= {row["service"] for row in seed("service")}
    assert {row["service"] for row in seed("municipal_price")} == services
    for row in seed("municipal_price"):
        assert row["unit"] in ("day", "hour", "contact")
        assert (row["nok"] == "") == (row["standing"] == "not_found"), row
        assert not row["nok"] or float(row["nok"]) > 0
