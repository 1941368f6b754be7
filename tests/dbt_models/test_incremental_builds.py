"""Real builds by dbt, delivery after delivery: every table is what a full build would make it."""

from collections.abc import Sequence
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import pytest

from tests.dbt_models.incremental import MODELS, Rows, difference, land, withdraw
from tests.dbt_models.municipal_populations import care_rows, claim_rows, seeded, stay_rows
from tests.dbt_models.sites import NO_UNIT_TESTS, Built, build, new_warehouse
from tests.dbt_models.workbench import Model, models_of

pytestmark = pytest.mark.slow

TARIFFS = ("2ad", "2ae", "11ad", "1f", "14", "zz")
GOING_ON = (*NO_UNIT_TESTS, "--exclude-resource-type", "seed")


def hospital(seed: int, persons: range) -> Rows:
    pick = seeded(seed)
    stays = [row for p in persons for row in stay_rows(pick, f"p{p}", 4)]
    return {"npr_stay": [{"main_diagnosis": "I500", **row} for row in stays]}


def claims(seed: int, persons: range) -> Rows:
    pick = seeded(seed)
    made = [claim_rows(pick, f"p{p}", 5, TARIFFS) for p in persons]
    return {
        "kuhr_claim": [row for rows, _ in made for row in rows],
        "kuhr_tariff": [row for _, lines in made for row in lines],
        "kuhr_diagnosis": [
            {"claim_id": row["claim_id"], "diagnosis": "T90", "is_main": 1, "code_number": 1}
            for rows, _ in made
            for row in rows[::2]
        ],
    }


def care(seed: int, persons: range) -> Rows:
    pick = seeded(seed)
    return {"kpr_care": [row for p in persons for row in care_rows(pick, f"p{p}", 3)]}


def first(connection: duckdb.DuckDBPyConnection) -> None:
    land(connection, "npr-1", "npr", hospital(1, range(80)))
    land(connection, "kuhr-1", "kuhr", claims(2, range(80)))
    land(connection, "care-1", "kpr-omsorg", care(3, range(80)))


def the_next_of_each(connection: duckdb.DuckDBPyConnection) -> None:
    land(connection, "npr-2", "npr", hospital(4, range(80, 120)), "2025")
    land(connection, "kuhr-2", "kuhr", claims(5, range(80, 120)), "2025")
    connection.execute("update landing.kpr_care set ended_on = null where service_id = 'c1'")
    withdraw(connection, ["care-1"])
    land(connection, "care-2", "kpr-omsorg", care(6, range(100)), "2025")


def late_ones_out_of_order(connection: duckdb.DuckDBPyConnection) -> None:
    land(connection, "npr-0", "npr", hospital(7, range(120, 140)), "2023")
    land(connection, "kuhr-0", "kuhr", {}, "2023")
    land(connection, "care-0", "kpr-omsorg", care(8, range(100, 110)), "2023")


def revised_ones(connection: duckdb.DuckDBPyConnection) -> None:
    """The first deliveries again, with other rows of some of the same persons, and fewer."""
    withdraw(connection, ["npr-1", "kuhr-1", "care-2"])
    land(connection, "npr-1b", "npr", hospital(9, range(60)))
    land(connection, "kuhr-1b", "kuhr", claims(10, range(70)))
    land(connection, "care-2b", "kpr-omsorg", care(11, range(90)), "2025")


def a_claim_in_two_parts(connection: duckdb.DuckDBPyConnection) -> None:
    tariffs = [{"claim_id": "p1-k0", "tariff": "1f", "quantity": 1}]
    land(connection, "kuhr-3", "kuhr", {"kuhr_tariff": tariffs}, "2026")
    withdraw(connection, ["npr-2"])


CHAPTERS = (
    first, the_next_of_each, late_ones_out_of_order, revised_ones, a_claim_in_two_parts,
)  # fmt: skip


def unequal(warehouse: Path, full: dict[str, Model], copy: Path) -> list[str]:
    """Tables that differ from what their whole query makes of the landing now, all of them anew."""
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(warehouse.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{warehouse}' as built (read_only)")
        for name in _in_order(full):
            model = full[name]
            if model.is_view:
                continue
            connection.execute(f"create or replace table {model.relation} as {model.sql}")
        return [
            name
            for name, model in full.items()
            if not model.is_view
            and difference(
                connection,
                _rounded(connection, f"built.{model.relation}"),
                _rounded(connection, model.relation),
            )
        ]


def _in_order(models: dict[str, Model]) -> list[str]:
    """A table after those that it is made from."""
    return list(TopologicalSorter({name: of.parents for name, of in models.items()}).static_order())


def _rounded(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Sums of doubles depend on the order of the rows in their last digits."""
    types = connection.execute(f"describe {relation}").fetchall()
    columns = (f"round({c}, 6) as {c}" if kind == "DOUBLE" else c for c, kind, *_ in types)
    return f"select {', '.join(columns)} from {relation}"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """Unequal tables after each chapter."""
    work = tmp_path_factory.mktemp("incremental-builds")
    warehouse = new_warehouse(work / "site" / "warehouse.duckdb")
    full: dict[str, Model] = {}
    found: list[list[str]] = []
    for number, chapter in enumerate(CHAPTERS):
        with duckdb.connect(str(warehouse)) as connection:
            chapter(connection)
        arguments: dict[str, Sequence[str]] = {"site": GOING_ON if number else NO_UNIT_TESTS}
        built: Built = build({"site": warehouse}, work / "dbt", arguments)
        assert ("new_delivery" in built.compiled("fct_claim")) == bool(number)
        full = full or models_of(built.artefacts)
        found.append(unequal(warehouse, full, work / f"copy-{number}" / "warehouse.duckdb"))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for model, schema in MODELS.items():
            rows = connection.execute(f"select distinct delivery_id from {schema}.{model}")
            assert len(rows.fetchall()) > 1, model
    return found


def test_after_each_delivery_every_table_is_what_a_build_in_full_makes_it(
    story: list[list[str]],
) -> None:
    assert story == [[] for _ in CHAPTERS]
    assert len(CHAPTERS) >= 4
