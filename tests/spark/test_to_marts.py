"""The models from input layer to marts on Spark: the same rows, columns and types as on DuckDB."""

import csv
import json
from typing import Any

import duckdb
import pytest

from dbt_models import PROJECT_DIR
from tests.dbt_models.conftest import project_files
from tests.spark.changes import CHANGES, Change
from tests.spark.conftest import CHANGED, BothBuilt
from tests.spark.datasets import HOSPITAL, MUNICIPALITY
from tests.spark.engines import differences, tables_in

pytestmark = [pytest.mark.spark, pytest.mark.slow]

LAYERS = ("input_layer", "staging", "marts")
OF_HOSPITAL = ("fct_stay", "fct_episode", "fct_index_stay", "fct_hospital_contact")
OF_MUNICIPALITY = (
    "fct_claim", "fct_claim_month", "fct_care_service", "fct_service", "fct_service_day",
)  # fmt: skip
FILLED = {
    "empty": ("source_status",),
    HOSPITAL: (*OF_HOSPITAL, "fct_population", "source_status"),
    MUNICIPALITY: (*OF_MUNICIPALITY, "fct_population", "source_status"),
    "edges": (*OF_HOSPITAL, *OF_MUNICIPALITY, "fct_population", "source_status"),
}
"""The marts that hold rows at each site."""


def manifest(built: BothBuilt) -> dict[str, Any]:
    file = built.work.parent / "dbt" / "target" / "manifest.json"
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("site", FILLED)
def test_every_table_is_the_same_on_both_engines(built: BothBuilt, site: str) -> None:
    nodes = manifest(built)["nodes"].values()
    expected = {
        f"{node['schema']}.{node['alias']}"
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] in LAYERS
    }
    results = built.results[site]
    compared = tables_in(results)
    assert compared >= expected
    for table in sorted(compared):
        assert differences(built.warehouses[site], results, table) == [], table


@pytest.mark.parametrize("site", FILLED)
def test_the_marts_that_are_compared_hold_rows(built: BothBuilt, site: str) -> None:
    marts = [table for table in tables_in(built.results[site]) if table.startswith("marts.")]
    with duckdb.connect(str(built.warehouses[site]), read_only=True) as connection:
        filled = {
            table for table in marts if connection.execute(f"from {table} limit 1").fetchall()
        }
    assert filled == {f"marts.{name}" for name in FILLED[site]}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.shows_in)
def test_a_changed_macro_is_noticed(built: BothBuilt, change: Change) -> None:
    assert differences(built.warehouses["edges"], built.results[CHANGED], change.shows_in)


def test_a_broken_contract_stops_the_model(built: BothBuilt) -> None:
    assert "enforced contract that failed" in built.said


def test_every_seed_is_its_file_with_the_types_it_is_given(built: BothBuilt) -> None:
    """Against the files: DuckDB's builds hold the seeds of the marts alone."""
    seeds = [n for n in manifest(built)["nodes"].values() if n["resource_type"] == "seed"]
    results = built.results["seeds"]
    assert tables_in(results) == {f"seeds.{seed['name']}" for seed in seeds}
    with duckdb.connect() as connection:
        for seed in seeds:
            types = seed["config"]["column_types"]
            with (PROJECT_DIR / "seeds" / f"{seed['name']}.csv").open(
                newline="", encoding="utf-8"
            ) as file:
                header = next(csv.reader(file))
            names = ", ".join(header)
            ours = ", ".join(f"{name}::{types[name]} as {name}" for name in header)
            spark = f"select {names} from read_parquet('{results}/seeds.{seed['name']}/*.parquet')"
            text = (
                f"select {ours} from read_csv('{PROJECT_DIR}/seeds/{seed['name']}.csv', "
                "header = true, all_varchar = true)"
            )
            described = [connection.execute(f"describe {sql}").fetchall() for sql in (spark, text)]
            assert described[0] == described[1], seed["name"]
            for one, other in ((spark, text), (text, spark)):
                found = connection.execute(f"{one} except all {other}").fetchall()
                assert found == [], seed["name"]


def test_nothing_is_written_into_the_project(built: BothBuilt) -> None:
    assert project_files() == built.project_before
