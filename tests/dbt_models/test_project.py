"""The project as a whole: described, typed, bounded from one place, quiet, and tidy."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_models import PROJECT_DIR
from tests.dbt_models.conftest import BuiltSites, project_files
from tests.dbt_models.populations import DATA_END
from tests.dbt_models.sites import NO_UNIT_TESTS, deliver, keyed, new_warehouse, run_build
from tests.reference.readmission import AGE_GROUPS


@pytest.fixture(scope="module")
def manifest(built_sites: BuiltSites) -> dict[str, Any]:
    text = (built_sites.built.artefacts / "target" / "manifest.json").read_text(encoding="utf-8")
    return json.loads(text)


def of_type(manifest: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]


def columns_of(warehouse: Path) -> dict[tuple[str, str], set[str]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        ).fetchall()
    columns: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in found:
        columns.setdefault((schema, table), set()).add(column)
    return columns


def mentions(text: str, count: int) -> bool:
    """Whether a count stands in it as a number: not inside an id or a time, nor as dbt's own use of
    memory and processor."""
    lines = [line for line in text.splitlines() if "Resource report" not in line]
    return any(re.search(rf"(?<![\w.:-]){count}(?![\w:-]|\.\d)", line) for line in lines)


def test_every_model_seed_and_column_is_described(
    built_sites: BuiltSites, manifest: dict[str, Any]
) -> None:
    """The columns that really are in the warehouse, not only those that somebody listed."""
    built = columns_of(built_sites.populated)
    nodes = of_type(manifest, "model", "seed")
    for node in nodes:
        name = node["name"]
        assert node["description"].strip(), name
        described = {c["name"] for c in node["columns"].values() if c["description"].strip()}
        assert described == built[node["schema"], name], name
    sources = manifest["sources"].values()
    assert all(source["description"].strip() for source in sources)
    assert {node["schema"] for node in nodes} <= {
        "input_layer", "staging", "intermediate", "marts", "indicators", "tokens", "seeds",
    }  # fmt: skip


def test_an_empty_site_has_every_table_and_no_row(
    built_sites: BuiltSites, manifest: dict[str, Any]
) -> None:
    layers = ("marts", "indicators", "tokens")
    made = {
        f"{node['schema']}.{node['alias']}"
        for node in of_type(manifest, "model")
        if node["schema"] in layers
    }
    assert "marts.source_status" in made
    with duckdb.connect(str(built_sites.empty), read_only=True) as connection:
        for table in made - {"marts.source_status"}:
            assert connection.execute(f"select count(*) from {table}").fetchall() == [(0,)], table


def test_contracts_are_enforced_on_what_others_read(manifest: dict[str, Any]) -> None:
    layers = {"input_layer", "marts", "indicators", "tokens"}
    enforced = {
        node["name"]: node["contract"]["enforced"]
        for node in of_type(manifest, "model")
        if node["schema"] in layers
    }
    assert enforced and all(enforced.values()), enforced


def test_every_data_test_says_why_and_how_severe(manifest: dict[str, Any]) -> None:
    tests = of_type(manifest, "test")
    assert tests
    for test in tests:
        meta = test["config"]["meta"]
        assert meta["why"].strip(), test["name"]
        assert meta["severity"] == test["config"]["severity"].lower(), test["name"]


def test_data_tests_keep_no_rows_and_count_none(manifest: dict[str, Any]) -> None:
    for test in of_type(manifest, "test"):
        assert test["config"]["limit"] == 1, test["name"]
        assert not test["config"]["store_failures"], test["name"]


def test_building_writes_nothing_into_the_project(built_sites: BuiltSites) -> None:
    assert project_files() == built_sites.project_before


def test_neither_log_nor_artefact_holds_anything_of_a_record(built_sites: BuiltSites) -> None:
    (contact,) = keyed(built_sites.contacts[:1])
    needles = [contact.episode_id, built_sites.contacts[0].episode_id, contact.person_id]
    needles = [f"{needle}'" for needle in needles] + [f'"{needle}"' for needle in needles]
    files = [path for path in built_sites.built.artefacts.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"dbt.log", "manifest.json", "run_results.json"}
    for path in files:
        content = path.read_bytes()
        for needle in needles:
            assert needle.encode() not in content, path.name
    assert not mentions(built_sites.built.output, len(built_sites.contacts))


@pytest.mark.slow
def test_a_stay_delivered_twice_stops_the_build_and_the_log_does_not_say_whose(
    built_sites: BuiltSites, tmp_path: Path
) -> None:
    warehouse = new_warehouse(tmp_path / "site" / "warehouse.duckdb")
    stays = [stay for stay in built_sites.contacts if stay.care_level == 1][:1_234]
    with duckdb.connect(str(warehouse)) as connection:
        deliver(connection, stays, DATA_END, "first")
        deliver(connection, stays, DATA_END, "second")
    log_file = built_sites.built.artefacts / "logs" / "dbt.log"
    logged_before = log_file.stat().st_size
    done = run_build({"site": warehouse}, built_sites.built.artefacts, {"site": NO_UNIT_TESTS})
    log = log_file.read_bytes()[logged_before:].decode()
    assert done.returncode != 0
    assert "FAIL 1 unique_stg_npr__stay_stay_id" in log
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        marts = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
    assert {name for (name,) in marts} == {
        "fct_care_service", "fct_claim", "fct_claim_month", "fct_population", "source_status",
    }  # fmt: skip
    for said in (log, done.stdout, done.stderr):
        assert not mentions(said, len(stays))
        for contact in (stays[0], *keyed(stays[:1])):
            assert not any(f"{quote}{contact.episode_id}{quote}" in said for quote in "'\"")


def test_the_age_groups_cover_every_age_once() -> None:
    with (PROJECT_DIR / "seeds" / "age_group.csv").open(newline="", encoding="utf-8") as file:
        groups = [
            (row["age_group"], int(row["age_from"]), int(row["age_to"]))
            for row in csv.DictReader(file)
        ]
    ages = [age for _, low, high in groups for age in range(low, high + 1)]
    assert ages == list(range(131))
    assert tuple(groups) == AGE_GROUPS
