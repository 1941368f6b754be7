"""Which models and seeds are built where: no more than a site can feed, all that it needs."""

import json

import duckdb
import pytest

from dagster_project.selection import left_out_of
from federated.site.warehouse import drop_tables
from tests.dagster_project.homes import make_helsefellesskap, plan


@pytest.fixture(scope="module")
def helsefellesskap(tmp_path_factory, manifest):
    made = plan(claims_at="register")
    return make_helsefellesskap(tmp_path_factory.mktemp("home") / "demo", manifest, made)


@pytest.fixture(scope="module")
def content(manifest):
    return json.loads(manifest.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(helsefellesskap, content):
    """Site -> unique ids of the models and seeds that it builds."""
    out = {site.id: left_out_of(helsefellesskap.manifest, site) for site in helsefellesskap.sites}
    return {
        site: {
            key
            for key, node in content["nodes"].items()
            if node["resource_type"] in ("model", "seed")
            and (node["schema"], node["name"]) not in left_out.relations
        }
        for site, left_out in out.items()
    }


def names(keys, schema, content):
    nodes = (content["nodes"][key] for key in keys)
    return {node["name"] for node in nodes if node["schema"] == schema}


def test_an_indicator_is_built_at_the_kinds_of_site_that_its_definition_names(
    built, content, helsefellesskap
):
    for site in helsefellesskap.sites:
        expected = {
            node["name"]
            for node in content["nodes"].values()
            if (indicator := node["config"].get("meta", {}).get("indicator"))
            and indicator["status"] != "linked"
            and site.kind.value in indicator["levels"]
        }
        assert names(built[site.id], "indicators", content) == expected != set()


@pytest.mark.parametrize(
    ("site", "tokens"),
    [
        ("ous", {"tok_admission_day", "tok_discharge_day", "tok_hospital_user_year"}),
        ("fhi", {"tok_gp_contact_class", "tok_service_lag_class", "tok_municipal_user_year"}),
        ("oslo", {"tok_home_care_class", "tok_kad_discharge_day", "tok_municipal_user_year"}),
    ],
)
def test_tokens_are_built_where_their_registers_are_held(built, content, site, tokens):
    found = names(built[site], "tokens", content)
    assert tokens <= found
    others = {"ous": {"tok_home_care_class"}, "fhi": {"tok_kad_discharge_day"}}
    assert not found & others.get(site, {"tok_admission_day", "tok_gp_contact_class"})


def test_every_token_table_is_built_at_some_site(built, content):
    everywhere = set().union(*(names(keys, "tokens", content) for keys in built.values()))
    assert everywhere == names(content["nodes"], "tokens", content)


def test_input_staging_and_marts_are_the_same_at_every_site(built, content):
    for schema in ("input_layer", "staging", "marts"):
        for keys in built.values():
            assert names(keys, schema, content) == names(
                [key for key in content["nodes"] if key.startswith("model.")], schema, content
            )


def test_what_is_built_finds_all_that_it_reads(built, content):
    for keys in built.values():
        for key in keys:
            parents = content["nodes"][key].get("depends_on", {}).get("nodes", [])
            assert {p for p in parents if not p.startswith("source.")} <= keys


def test_no_test_of_a_built_model_is_lost_for_want_of_what_it_compares_with(built, content):
    for keys in built.values():
        for node in content["nodes"].values():
            if node["resource_type"] == "test" and set(node["depends_on"]["nodes"]) & keys:
                assert set(node["depends_on"]["nodes"]) <= keys, node["name"]


def test_every_list_of_public_keys_is_there_for_the_indicators_that_have_it(built, content):
    for keys in built.values():
        for key in keys:
            definition = content["nodes"][key]["config"].get("meta", {}).get("indicator", {})
            for named in definition.get("keys", []):
                if "seed" in named:
                    assert f"seed.sloyfe.{named['seed']}" in keys


def test_hardly_anything_is_built_in_vain(built, content):
    everything = [k for k in content["nodes"] if k.startswith(("model.", "seed."))]
    for keys in built.values():
        assert len(keys) < 0.75 * len(everything)


def test_another_site_file_is_another_build(helsefellesskap):
    (site,) = (site for site in helsefellesskap.sites if site.id == "oslo")
    with_claims = site.model_copy(update={"holders": site.holders | {"kuhr_claim": "Oslo"}})
    before, after = (left_out_of(helsefellesskap.manifest, s) for s in (site, with_claims))
    assert "tok_gp_contact_class" in before.models - after.models
    assert before.digest != after.digest


def test_what_is_left_out_does_not_stay_from_an_earlier_build(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create schema tokens; create table tokens.tok_old as select 1 as a;"
            "create view tokens.tok_view as select * from tokens.tok_old;"
            "create table tokens.tok_kept as select 1 as a"
        )
    gone = {("tokens", "tok_old"), ("tokens", "tok_view"), ("tokens", "tok_never")}
    drop_tables(warehouse, gone)
    with duckdb.connect(str(warehouse)) as connection:
        found = connection.execute("select table_name from information_schema.tables").fetchall()
    assert found == [("tok_kept",)]
