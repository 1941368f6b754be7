"""What a site's ROS says that Dagster runs is what Dagster runs."""

import json

import dagster as dg
import pytest

from dagster_project.build import BUILD_JOB, build_definitions, runs_of
from dagster_project.ros import ros_key
from dagster_project.selection import left_out_of
from federated.site.ros.lineage import Table
from privacy.problem import Problem
from tests.dagster_project.homes import make_helsefellesskap, plan


@pytest.fixture(scope="module")
def helsefellesskap(tmp_path_factory, manifest):
    return make_helsefellesskap(tmp_path_factory.mktemp("home") / "demo", manifest, plan())


def test_a_run_is_every_table_that_the_job_makes(helsefellesskap):
    manifest = helsefellesskap.manifest
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    for site in helsefellesskap.sites:
        (run,) = runs_of(site, manifest)
        assert run.job == BUILD_JOB
        left_out = left_out_of(manifest, site)
        built = {
            Table(node["schema"], node["name"])
            for node in nodes
            if node["resource_type"] in ("model", "seed")
            and node["name"] not in left_out.models | left_out.seeds
        }
        assert {table for table in run.tables if table.layer != "landing"} == built
        assert Table("landing", "delivery") in run.tables
        graph = build_definitions(site, manifest).resolve_asset_graph()
        of_the_ros = graph.get_check_keys_for_assets({ros_key(site)})
        assert run.checks == len(graph.asset_check_keys) - len(of_the_ros)


def test_an_asset_that_dagster_gets_is_in_the_run(helsefellesskap, monkeypatch):
    site = helsefellesskap.sites[0]

    @dg.asset(key=[site.id, "marts", "fct_new"])
    def new():
        pass

    with_new = dg.Definitions.merge(
        build_definitions(site, helsefellesskap.manifest), dg.Definitions(assets=[new])
    )
    monkeypatch.setattr("dagster_project.build.build_definitions", lambda *_: with_new)
    (run,) = runs_of(site, helsefellesskap.manifest)
    assert Table("marts", "fct_new") in run.tables


def test_a_site_that_is_not_built_is_told_so(helsefellesskap, tmp_path):
    with pytest.raises(Problem, match="there is no dbt manifest"):
        runs_of(helsefellesskap.sites[0], tmp_path / "manifest.json")
