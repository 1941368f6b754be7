"""What a site has been given, and what it says of the rest: `not_delivered`, never a figure."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.seeds import seed
from tests.dbt_models.sites import rows
from tests.dbt_models.test_contracts import FORMATS, TABLES

DELIVERED, MISSING = "delivered", "not_delivered"


def status_of(warehouse: Path, kind: str) -> dict[str, tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = ("kind", "name", "status", "latest_day", "format", "register", "landing_table")
        found = rows(connection, columns, "marts.source_status")
    return {str(row[1]): row[2:] for row in found if row[0] == kind}


def test_a_site_without_deliveries_has_every_source_and_none_delivered(
    built_sites: BuiltSites,
) -> None:
    tables = status_of(built_sites.empty, "landing_table")
    assert {name: row[3] for name, row in tables.items()} == FORMATS
    indicators = status_of(built_sites.empty, "indicator")
    assert set(indicators) == {row["indicator"] for row in seed("indicator_source")}
    for status, latest_day, form, *_ in (*tables.values(), *indicators.values()):
        assert (status, latest_day, form) == (MISSING, None, None)


def test_a_hospital_has_its_stays_and_the_newest_day_of_current_deliveries(
    built_sites: BuiltSites,
) -> None:
    tables = status_of(built_sites.populated, "landing_table")
    assert tables.pop("npr_stay")[:3] == (DELIVERED, date(2024, 12, 31), "npr")
    assert {row[0] for row in tables.values()} == {MISSING}


def test_a_delivered_register_has_its_whole_tables_but_not_a_part_that_may_be_missing(
    built_sites: BuiltSites,
) -> None:
    tables = status_of(built_sites.municipality, "landing_table")
    delivered = {name for name, row in tables.items() if row[0] == DELIVERED}
    assert delivered == {"kuhr_claim", "kuhr_diagnosis", "kuhr_tariff", "kpr_care"}
    assert TABLES["kpr_function"]["config"]["meta"]["optional"]
    indicators = status_of(built_sites.municipality, "indicator")
    assert indicators["function_level"][0] == MISSING


@pytest.mark.parametrize("table", ["npr_referral", "kpr_function", "bed_capacity"])
def test_an_indicator_is_delivered_with_its_table_and_not_by_a_replaced_delivery(
    built_sites: BuiltSites, table: str
) -> None:
    sql = built_sites.built.compiled("source_status")
    indicators = {r["indicator"] for r in seed("indicator_source") if r["landing_table"] == table}
    assert indicators
    with duckdb.connect(str(built_sites.municipality)) as connection:
        connection.begin()
        for delivery, state, day in (
            ("newest", "replaced", "2026-01-31"),
            ("newer", "current", "2025-12-31"),
            ("older", "current", "2025-11-30"),
        ):
            connection.execute(
                "insert into landing.delivery (delivery_id, format, period_to, state) "
                "values (?, ?, ?, ?)",
                [delivery, FORMATS[table], day, state],
            )
            connection.execute(f"insert into landing.{table} (delivery_id) values (?)", [delivery])
        found = connection.execute(
            f"select name, status, latest_day, format from ({sql}) "
            "where kind = 'indicator' and landing_table = ?",
            [table],
        ).fetchall()
        connection.rollback()
    day = date(2025, 12, 31)
    assert sorted(found) == sorted((name, DELIVERED, day, FORMATS[table]) for name in indicators)


def test_every_indicator_rests_on_a_column_of_its_table_or_on_none() -> None:
    for row in seed("indicator_source"):
        if row["landing_table"]:
            columns = {column["name"] for column in TABLES[row["landing_table"]]["columns"]}
            assert row["column_name"] in columns, row["indicator"]
        else:
            assert row["column_name"] == ""
