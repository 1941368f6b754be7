"""The project's own rules, over dbt's manifest: what a model may be called, read and lack."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_models import PROJECT_DIR
from tests.dbt_models.conftest import BuiltSites

PREFIX = {
    "input_layer": "input_",
    "staging": "stg_",
    "intermediate": "int_",
    "marts": "fct_",
    "indicators": "atom_",
    "tokens": "tok_",
}
"""Folder, which is the schema too -> how its models are called."""
OTHERWISE_CALLED = {"source_status", "key_kind"}
"""Of what was delivered, not of what happened."""
READS = {
    "input_layer": {"source"},
    "staging": {"input_layer", "seeds"},
    "intermediate": {"input_layer", "staging", "intermediate", "marts", "seeds"},
    "marts": {"input_layer", "staging", "intermediate", "marts", "seeds"},
    "indicators": {"intermediate", "marts", "seeds"},
    "tokens": {"intermediate", "marts", "seeds"},
}
"""Folder -> what its models may read."""
ALSO_READS = {
    ("stg_landing__delivery", "source"): "which deliveries are current is the landing's own record",
    ("source_status", "source"): "whether a table was delivered is asked of the landing itself",
    ("atom_bup_referrals", "staging"): "a referral is its own row, no rule comes between",
    ("atom_bup_waiting", "staging"): "as above",
    ("atom_discharge_letter_within_1_day", "input_layer"): "a letter is its own row, as above",
}
"""(model, layer) that the table above does not allow -> why."""
PERSON_DAY = ("person_id", "day")
GRAIN = {
    "fct_stay": ("stay_id",),
    "fct_hospital_contact": ("stay_id",),
    "fct_care_service": ("person_id", "service_id"),
    "fct_service": ("register", "person_id", "service_id"),
    "fct_service_day": ("person_id", "day", "service"),
    "fct_population": ("period", "area", "age", "sex"),
    "tok_acute_admission_back_30d": PERSON_DAY,
    "tok_acute_admission_day": PERSON_DAY,
    "tok_admission_within_3_days": PERSON_DAY,
    "tok_discharge_alive_day": PERSON_DAY,
    "tok_discharge_day": PERSON_DAY,
    "tok_discharge_home_day": PERSON_DAY,
    "tok_gp_contact_class": PERSON_DAY,
    "tok_gp_contact_year": PERSON_DAY,
    "tok_home_care_class": PERSON_DAY,
    "tok_hospital_group_year": PERSON_DAY,
    "tok_hospital_stay_before": PERSON_DAY,
    "key_kind": ("register",),
    "tok_hospital_user_year": PERSON_DAY,
    "tok_kad_discharge_day": PERSON_DAY,
    "tok_legevakt_contact_year": PERSON_DAY,
    "tok_long_term_stay_start": PERSON_DAY,
    "tok_municipal_cost_band": ("person_id", "day", "service"),
    "tok_service_hour_band": ("person_id", "day", "service"),
    "tok_municipal_user_year": ("person_id", "day", "service"),
    "tok_service_day_band": ("person_id", "day", "service"),
    "tok_service_lag_class": ("person_id", "day", "service"),
    "tok_short_term_stay_class": PERSON_DAY,
}
"""What one row is of, where no data test says so at every build: it follows from the rule (a union,
a group by, one row per delivered row), so that it is looked at here and costs a site nothing."""
NOT_POPULATED = {
    "fct_population", "tok_discharge_home_day", "tok_gp_contact_class", "tok_gp_contact_year",
    "tok_hospital_group_year", "tok_kad_discharge_day", "tok_long_term_stay_start",
    "tok_municipal_cost_band", "tok_service_hour_band", "tok_short_term_stay_class",
}  # fmt: skip
"""Empty at the two sites that are built for these tests; their indicators' tests fill them."""
GRAIN_TESTS = {"unique", "unique_together", "atoms_are_sound"}


@pytest.fixture(scope="module")
def nodes(built_sites: BuiltSites) -> dict[str, dict[str, Any]]:
    text = (built_sites.built.artefacts / "target" / "manifest.json").read_text(encoding="utf-8")
    return json.loads(text)["nodes"]


def models(nodes: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [node for node in nodes.values() if node["resource_type"] == "model"]


def folder(node: dict[str, Any]) -> str:
    return Path(node["path"]).parts[0]


def test_a_model_s_folder_is_its_schema_and_says_how_it_is_called(
    nodes: dict[str, dict[str, Any]],
) -> None:
    for node in models(nodes):
        assert node["schema"] == folder(node)
        name = node["name"]
        assert name.startswith(PREFIX[folder(node)]) or name in OTHERWISE_CALLED, name


def layers_read(nodes: dict[str, dict[str, Any]], node: dict[str, Any]) -> set[str]:
    return {
        "source" if parent.startswith("source.") else nodes[parent]["schema"]
        for parent in node["depends_on"]["nodes"]
    }


def test_a_model_reads_only_what_its_layer_may(nodes: dict[str, dict[str, Any]]) -> None:
    beyond = {
        (node["name"], layer)
        for node in models(nodes)
        for layer in layers_read(nodes, node) - READS[folder(node)]
    }
    assert beyond == set(ALSO_READS)


def test_no_model_names_a_table_but_through_dbt(nodes: dict[str, dict[str, Any]]) -> None:
    """`ref` and `source` carry the lineage: a name written out would be built too early or late."""
    schemas = "|".join((*PREFIX, "landing", "seeds", "quarantine"))
    written_out = re.compile(rf"\b(?:from|join)\s+\"?(?:{schemas})\"?\s*\.", re.IGNORECASE)
    files = [*(PROJECT_DIR / "models").rglob("*.sql"), *(PROJECT_DIR / "macros").rglob("*.sql")]
    assert len(files) > len(models(nodes))
    assert [path.name for path in files if written_out.search(path.read_text("utf-8"))] == []
    assert written_out.search("select 1 from marts.fct_stay")


def of_others(nodes: dict[str, dict[str, Any]]) -> set[str]:
    """Models that somebody counts by."""
    return {
        node["name"] for node in models(nodes) if folder(node) in ("marts", "indicators", "tokens")
    }


def test_every_table_others_count_by_has_a_test_of_its_grain(
    nodes: dict[str, dict[str, Any]],
) -> None:
    tested = {
        nodes[node["attached_node"]]["name"]
        for node in nodes.values()
        if node["resource_type"] == "test" and node["test_metadata"]["name"] in GRAIN_TESTS
    }
    assert of_others(nodes) <= tested | set(GRAIN)
    assert set(GRAIN) <= of_others(nodes)


@pytest.mark.parametrize("model", GRAIN)
def test_the_grain_is_what_it_is_said_to_be(
    nodes: dict[str, dict[str, Any]], built_sites: BuiltSites, model: str
) -> None:
    (schema,) = {node["schema"] for node in models(nodes) if node["name"] == model}
    rows = 0
    for site in (built_sites.populated, built_sites.municipality):
        with duckdb.connect(str(site), read_only=True) as connection:
            found = connection.execute(
                f"select count(*), count(distinct ({', '.join(GRAIN[model])},)) "
                f"from {schema}.{model}"
            ).fetchall()
        ((number, distinct),) = found
        assert number == distinct
        rows += number
    assert rows > 0 or model in NOT_POPULATED
