"""Every indicator's definition against the model beside which it stands."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_versions
from tests.dbt_models.conftest import BuiltSites


@pytest.fixture(scope="module")
def manifest_file(built_sites: BuiltSites) -> Path:
    return built_sites.built.artefacts / "target" / "manifest.json"


@pytest.fixture(scope="module")
def nodes(manifest_file: Path) -> dict[str, dict[str, Any]]:
    content = json.loads(manifest_file.read_text(encoding="utf-8"))
    return {node["name"]: node for node in content["nodes"].values()} | {
        source["name"]: source for source in content["sources"].values()
    }


@pytest.fixture(scope="module")
def indicators(manifest_file: Path) -> list[Indicator]:
    return load_versions(manifest_file, PROJECT_DIR)


def atom_tables(indicators: list[Indicator]) -> list[Indicator]:
    found = [i for i in indicators if not i.definition.tokens]
    assert found
    return found


def test_keys_and_atoms_are_the_columns_of_the_table(
    indicators: list[Indicator], nodes: dict[str, dict[str, Any]]
) -> None:
    for indicator in atom_tables(indicators):
        amount = ["amount"] if indicator.definition.amount else []
        assert list(nodes[indicator.model]["columns"]) == [
            "unit_id", "person_id", "period", *indicator.key_names, "atom", *amount, "is_counted",
        ], indicator.model  # fmt: skip


def test_an_atom_table_is_named_after_its_indicator_and_stands_beside_it(
    indicators: list[Indicator], nodes: dict[str, dict[str, Any]]
) -> None:
    for indicator in atom_tables(indicators):
        version = indicator.definition.version
        assert indicator.model == f"atom_{indicator.id}" + (f"_v{version}" if version > 1 else "")
        assert indicator.relation[0] == "indicators"
        beside = Path(nodes[indicator.model]["patch_path"].partition("://")[2])
        assert beside.parent == Path(nodes[indicator.model]["original_file_path"]).parent
        assert beside.stem == indicator.model.removeprefix("atom_")


def test_every_atom_table_is_held_to_its_definition(
    indicators: list[Indicator], nodes: dict[str, dict[str, Any]]
) -> None:
    tested = {
        node["attached_node"].rpartition(".")[2]
        for node in nodes.values()
        if (node.get("test_metadata") or {}).get("name") == "atoms_are_sound"
    }
    assert {indicator.model for indicator in atom_tables(indicators)} == tested


def test_bounds_come_from_the_definition(
    indicators: list[Indicator], built_sites: BuiltSites
) -> None:
    for indicator in atom_tables(indicators):
        sql = built_sites.built.compiled(indicator.model)
        assert f"<= {indicator.bound.per_cell} as is_in_cell" in sql, indicator.model
        assert f"<= {indicator.bound.total} as is_counted" in sql, indicator.model


def test_what_an_indicator_needs_is_what_its_models_read(
    indicators: list[Indicator], nodes: dict[str, dict[str, Any]]
) -> None:
    """A landing table that is named but not read would make it `not_delivered` for nothing."""
    for indicator in indicators:
        read = set().union(
            *(_landing_below(nodes, m) for m in indicator.definition.tokens or [indicator.model])
        )
        assert set(indicator.definition.needs) <= read, indicator.id


def _landing_below(nodes: dict[str, dict[str, Any]], model: str) -> set[str]:
    found, waiting, seen = set[str](), [model], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        node = nodes[name]
        if node["resource_type"] == "source":
            found.add(name)
        waiting += [
            below.rpartition(".")[2] for below in node.get("depends_on", {}).get("nodes", [])
        ]
    return found


def test_tokens_that_are_named_exist(
    indicators: list[Indicator], nodes: dict[str, dict[str, Any]]
) -> None:
    for indicator in indicators:
        for token in indicator.definition.tokens:
            assert nodes[token]["schema"] == "tokens", token


def test_a_rollup_groups_every_value_of_its_key(indicators: list[Indicator]) -> None:
    for indicator in indicators:
        for key in indicator.definition.keys:
            if key.rollup is None:
                continue
            lines = (PROJECT_DIR / "seeds" / f"{key.rollup}.csv").read_text(encoding="utf-8")
            header, *rows = (line.split(",") for line in lines.splitlines())
            place = header.index(key.name)
            assert {row[place] for row in rows} == set(indicator.seed_values[key.name]), key.rollup


def test_meta_is_plain_json() -> None:
    """An unquoted date becomes a date: dbt then cannot write the manifest that sites share."""
    for file in sorted((PROJECT_DIR / "models").rglob("*.yml")):
        for model in YAML(typ="safe").load(file.read_text(encoding="utf-8")).get("models", ()):
            json.dumps(model.get("config", {}).get("meta", {}))
