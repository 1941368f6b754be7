"""The one dbt project, run for one site: its own profile, target folder and asset keys.

A target folder shared between sites would break dbt's partial parse and let sites race; a shared
key space would let one site's failed check hide another's.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    dbt_assets,
)
from packaging.version import Version

from dagster_project.parsed import executable, parse_project, parsed_digest, write_profile
from dagster_project.project import project_of
from dagster_project.selection import left_out_of
from federated.site.build_stamp import begin_build, finish_build, is_built, is_built_with
from federated.site.config import SiteConfig
from federated.site.warehouse import drop_tables


def asset_name(site_id: str) -> str:
    """A site's id in the letters Dagster allows for names of ops, groups and pools."""
    return site_id.replace("-", "_")


class SiteTranslator(DagsterDbtTranslator):
    """Asset keys are [site, layer, name]; groups are the site's layers."""

    def __init__(self, site_id: str) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_code_references=False))
        self._site_id = site_id

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        return dg.AssetKey(
            [self._site_id, dbt_resource_props["schema"], dbt_resource_props["name"]]
        )

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        del dbt_resource_props  # every model of a site is in the site's group
        return asset_name(self._site_id)

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing but the column names: the definition is in the catalogue, the data stay put."""
        return {"columns": list(dbt_resource_props.get("columns", {}))}


def site_dbt_assets(site: SiteConfig, manifest: Path) -> dg.AssetsDefinition:
    """The dbt models and seeds that are this site's, and their tests, as its assets and checks."""
    translator = SiteTranslator(site.id)
    left_out = left_out_of(manifest, site)

    @dbt_assets(
        manifest=manifest,
        exclude=left_out.exclude,
        name=f"dbt_{asset_name(site.id)}",
        dagster_dbt_translator=translator,
        pool=f"warehouse_{asset_name(site.id)}",
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        project = project_of(site)
        parse_project(site.dbt_path, site.warehouse_path.name, project)
        digest = f"{parsed_digest(site.dbt_path)} {left_out.digest}"
        if not context.is_subset and is_built(site, digest):
            context.log.info("nothing has changed since the last build")
            return
        # What the last build left is gone on from only if it was of these very models and seeds.
        goes_on = is_built_with(site, digest)
        arguments = [
            *("build", "--exclude-resource-type", "unit_test"),  # those are for CI, not for sites
            *(("--exclude-resource-type", "seed") if goes_on else ("--full-refresh",)),
            *("--vars", json.dumps({"site_id": site.id})),
        ]
        begin_build(site)
        drop_tables(site.warehouse_path, left_out.relations)
        dbt = dbt_of(site, project)
        yield from dbt.cli(arguments, context=context, target_path=site.dbt_path).stream()
        if not context.is_subset:
            finish_build(site, project, digest, left_out.models)

    return models


class _InstalledDbt(DbtCliResource):
    """The dbt of this environment."""

    @cached_property
    def _cli_version(self) -> Version:
        """Known without asking: starting dbt for its version takes as long as a small build."""
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        """None: it would open the warehouse in Dagster's process, to make row counts metadata."""
        del args


def dbt_of(site: SiteConfig, project: Path) -> DbtCliResource:
    return _InstalledDbt(
        project_dir=str(project),
        profiles_dir=str(write_profile(site.dbt_path, site.warehouse_path)),
        dbt_executable=executable("sloyfe-dbt"),
        # The manifest is there already, and nobody reads what else dbt would write beside it.
        global_config_flags=["--no-use-colors", "--log-level-file", "none", "--no-write-json"],
    )
