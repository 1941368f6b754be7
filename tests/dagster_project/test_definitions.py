"""Every organisation's assets in one Dagster, each under its own keys."""

import json
from collections import Counter

import dagster as dg
import pytest

from dagster_project.helsefellesskap import definitions, load_helsefellesskap
from dagster_project.selection import left_out_of
from privacy.problem import Problem
from tests.dagster_project.homes import make_helsefellesskap, plan
from tests.federated.contract.parsed_project import INDICATOR

HOSPITALS = ["ous", "diakonhjemmet"]
SITES = [*HOSPITALS, "oslo"]


@pytest.fixture(scope="module")
def helsefellesskap(tmp_path_factory, manifest):
    return make_helsefellesskap(tmp_path_factory.mktemp("home") / "demo", manifest, plan())


@pytest.fixture(scope="module")
def repository(helsefellesskap):
    loaded = definitions(helsefellesskap)
    dg.Definitions.validate_loadable(loaded)
    return loaded.get_repository_def()


@pytest.fixture(scope="module")
def keys(repository):
    return [tuple(key.path) for key in repository.asset_graph.get_all_asset_keys()]


@pytest.fixture(scope="module")
def nodes(manifest):
    return json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()


def of(site, keys):
    return {key[1:] for key in keys if key[0] == site}


def test_every_key_begins_with_its_organisation(keys):
    assert {key[0] for key in keys} == {*SITES, "coordinator"}
    assert max(Counter(keys).values()) == 1


def test_a_site_has_the_models_and_seeds_that_are_its_own_and_no_others(
    keys, nodes, helsefellesskap
):
    for site in helsefellesskap.sites:
        left_out = left_out_of(helsefellesskap.manifest, site)
        expected = {
            (node["schema"], node["name"])
            for node in nodes
            if node["resource_type"] in ("model", "seed")
            and node["name"] not in left_out.models | left_out.seeds
        }
        landing = {key for key in of(site.id, keys) if key[0] in ("landing", "answer", "ros")}
        assert of(site.id, keys) - landing == expected
        assert {("marts", "fct_stay"), ("marts", "fct_claim")} <= expected


def test_sites_of_one_kind_have_the_same_assets_but_for_the_answers(keys):
    assert of("ous", keys) == of("diakonhjemmet", keys)
    assert ("answer", INDICATOR) in of("ous", keys) and ("answer", INDICATOR) not in of(
        "oslo", keys
    )
    assert ("landing", "npr_stay") in of("oslo", keys)


def test_the_coordinator_has_question_release_and_receipt(keys):
    steps = ("question", "release", "receipt")
    assert of("coordinator", keys) == {(step, INDICATOR) for step in steps}


def test_an_answer_hangs_on_its_own_sites_atom_table_and_on_the_question(repository):
    graph = repository.asset_graph
    for site in HOSPITALS:
        parents = {
            tuple(k.path) for k in graph.get(dg.AssetKey([site, "answer", INDICATOR])).parent_keys
        }
        assert parents == {
            (site, "indicators", f"atom_{INDICATOR}"),
            ("coordinator", "question", INDICATOR),
        }


def test_no_asset_of_a_site_hangs_on_another_sites(repository):
    graph = repository.asset_graph
    for key in graph.get_all_asset_keys():
        if key.path[0] != "coordinator":
            owners = {parent.path[0] for parent in graph.get(key).parent_keys}
            assert owners <= {key.path[0], "coordinator"}


def test_the_release_hangs_on_every_answer_and_the_receipt_on_the_release(repository):
    graph = repository.asset_graph
    release = dg.AssetKey(["coordinator", "release", INDICATOR])
    answers = {dg.AssetKey([site, "answer", INDICATOR]) for site in HOSPITALS}
    assert graph.get(release).parent_keys == answers
    receipt = graph.get(dg.AssetKey(["coordinator", "receipt", INDICATOR]))
    assert receipt.parent_keys == {release}


def test_the_models_hang_on_the_landing_of_their_own_site(repository):
    graph = repository.asset_graph
    stay = graph.get(dg.AssetKey(["ous", "input_layer", "input_npr_stay"]))
    assert dg.AssetKey(["ous", "landing", "npr_stay"]) in stay.parent_keys


def test_the_ros_of_a_site_is_built_after_its_models(repository):
    graph = repository.asset_graph
    for site in SITES:
        parents = graph.get(dg.AssetKey([site, "ros"])).parent_keys
        assert parents and {key.path[0] for key in parents} == {site}
    assert dg.AssetKey(["ous", "indicators", f"atom_{INDICATOR}"]) in graph.get_ancestor_asset_keys(
        dg.AssetKey(["ous", "ros"])
    )


def test_checks_of_two_sites_are_distinct(repository):
    checks = repository.asset_graph.asset_check_keys
    by_site = {
        site: {(tuple(c.asset_key.path[1:]), c.name) for c in checks if c.asset_key.path[0] == site}
        for site in SITES
    }
    assert by_site["ous"] == by_site["diakonhjemmet"]
    assert len(checks) == sum(len(of_site) for of_site in by_site.values()) > 90


def test_questions_are_partitioned_by_the_planned_periods(repository):
    graph = repository.asset_graph
    for key in (["coordinator", "question", INDICATOR], ["ous", "answer", INDICATOR]):
        partitions = graph.get(dg.AssetKey(key)).partitions_def
        assert partitions.get_partition_keys() == ["2023", "2024"]


def test_there_is_a_job_for_every_site_and_question(repository):
    names = {job.name for job in repository.get_all_jobs()}
    assert {"build_ous", "build_diakonhjemmet", "build_oslo", f"release_{INDICATOR}"} <= names


def test_an_indicator_that_nobody_defines_is_one_clear_line(tmp_path, manifest):
    helsefellesskap = make_helsefellesskap(tmp_path / "demo", manifest, plan())
    file = helsefellesskap.coordinator.folder / "coordinator.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(INDICATOR, "readmission_to_anywhere"), encoding="utf-8")
    with pytest.raises(Problem, match="no indicator `readmission_to_anywhere`") as caught:
        definitions(load_helsefellesskap(tmp_path / "demo"))
    assert INDICATOR in caught.value.mend


def test_a_folder_without_sites_is_one_clear_line(tmp_path):
    with pytest.raises(Problem, match="there is no helsefellesskap here"):
        load_helsefellesskap(tmp_path)
