"""Landing and dbt models of one site, as its own Dagster would run them on a schedule."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg

from dagster_project.parsed import parse_project
from dagster_project.project import project_of
from dagster_project.ros import ros_key
from dagster_project.running import open_instance, run_job
from dagster_project.site import site_definitions
from federated.contract.catalogue import read_manifest
from federated.site.config import SiteConfig
from federated.site.ros.flows import Run
from federated.site.ros.lineage import Table

BUILD_JOB, ROS_JOB = "build", "ros"


def build_site(site: SiteConfig, progress: Callable[[str], None]) -> None:
    """Land every delivery that `site.yaml` names, build every model, then the ROS. Raises Problem.

    The ROS is a job of its own: it is built anew where the models are as they were, too.
    """
    site.dbt_path.mkdir(parents=True, exist_ok=True)
    progress("dbt project")
    manifest = parse_project(site.dbt_path, site.warehouse_path.name, project_of(site))
    everything = build_definitions(site, manifest)
    progress(f"landing and dbt models of {site.name}")
    with open_instance(site.state_path / "dagster") as instance:
        run_job(everything, BUILD_JOB, instance, site.dbt_path / "build.log")
        progress(f"ROS of {site.name}")
        run_job(everything, ROS_JOB, instance, site.dbt_path / "build.log")


def build_definitions(site: SiteConfig, manifest: Path) -> dg.Definitions:
    """The site's assets; a job that makes all tables, and one for the ROS, which looks at them."""
    ros = dg.AssetSelection.assets(ros_key(site))
    jobs = [
        dg.define_asset_job(BUILD_JOB, selection=dg.AssetSelection.all() - ros),
        dg.define_asset_job(ROS_JOB, selection=ros),
    ]
    return dg.Definitions.merge(
        site_definitions(site, manifest),
        dg.Definitions(jobs=jobs, executor=dg.in_process_executor),
    )


def runs_of(site: SiteConfig, manifest: Path) -> list[Run]:
    """What each job that makes tables makes, as the site's ROS tells it. Raises Problem."""
    read_manifest(manifest)  # says what is wrong where there is none
    repository = build_definitions(site, manifest).get_repository_def()
    found: list[Run] = []
    for name in sorted(repository.job_names):
        if name.startswith("__") or name == ROS_JOB:  # Dagster's own, of everything; no table
            continue
        keys = repository.get_job(name).asset_layer.selected_asset_keys
        checks = repository.asset_graph.get_check_keys_for_assets(keys)
        tables = sorted(Table(layer, table) for _, layer, table in (key.path for key in keys))
        found.append(Run(name, tuple(tables), len(checks)))
    return found
