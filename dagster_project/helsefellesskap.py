"""All code locations of a helsefellesskap in one Dagster: the demo, and development.

    <root>/coordinator/coordinator.yaml
    <root>/sites/<id>/site.yaml

In operation each organisation loads its own location (`dagster_project.site`) in its own Dagster.
"""

from collections.abc import Collection, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_project.coordinator import FEDERATION, question_assets
from dagster_project.dbt import asset_name
from dagster_project.parsed import parse_project
from dagster_project.project import project_of
from dagster_project.site import site_definitions
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_catalogue
from federated.coordinator.config import CoordinatorConfig, load_coordinator
from federated.site.config import SITE_FILE, SiteConfig, load_site
from federated.transport.federation import Federation
from privacy.problem import Problem


@dataclass(frozen=True)
class Helsefellesskap:
    """The organisations of one root folder."""

    root: Path
    coordinator: CoordinatorConfig
    sites: tuple[SiteConfig, ...]

    @property
    def manifest(self) -> Path:
        return self.coordinator.path(self.coordinator.manifest)


def load_helsefellesskap(root: Path) -> Helsefellesskap:
    """Read every configuration file below `root`. Raises Problem."""
    sites = sorted((root / "sites").glob(f"*/{SITE_FILE}"))
    if not sites:
        raise Problem(
            "there is no helsefellesskap here", str(root), "Make one with `sloyfe demo --out DIR`."
        )
    return Helsefellesskap(
        root, load_coordinator(root / "coordinator"), tuple(load_site(file) for file in sites)
    )


def definitions(
    helsefellesskap: Helsefellesskap, federation: dg.ResourceDefinition | None = None
) -> dg.Definitions:
    """Every asset of every organisation, and a job for each site and each planned question.

    federation: a resource that yields a running Federation; by default one that starts every
    process when a run needs it and ends them with the run.
    """
    coordinator = helsefellesskap.coordinator
    manifest = helsefellesskap.manifest
    catalogue = load_catalogue(manifest, PROJECT_DIR)
    questions: list[dg.AssetsDefinition] = []
    jobs: list[Any] = []
    for plan in coordinator.questions:
        indicator = catalogue.get(plan.indicator)
        if indicator is None:
            raise Problem(
                f"there is no indicator `{plan.indicator}`",
                f"{coordinator.folder}, field questions",
                f"Choose one of: {', '.join(sorted(catalogue))}.",
            )
        assets = question_assets(coordinator, indicator, plan)
        questions += assets
        jobs.append(
            dg.define_asset_job(question_job(plan.indicator), dg.AssetSelection.assets(*assets))
        )
    return dg.Definitions.merge(
        site_locations(helsefellesskap, [site.id for site in helsefellesskap.sites]),
        dg.Definitions(
            assets=questions,
            jobs=jobs,
            resources={FEDERATION: federation or federation_resource(helsefellesskap)},
            # One process a run: the federation is started once, and a warehouse has one writer.
            executor=dg.in_process_executor,
        ),
    )


def site_locations(helsefellesskap: Helsefellesskap, ids: Collection[str]) -> dg.Definitions:
    """Every asset of these sites, and a job for each, run in one process."""
    sites = [site for site in helsefellesskap.sites if site.id in ids]
    return dg.Definitions.merge(
        *(site_definitions(site, _manifest(site, helsefellesskap.manifest)) for site in sites),
        dg.Definitions(
            jobs=[
                dg.define_asset_job(
                    build_job(site.id), selection=dg.AssetSelection.groups(asset_name(site.id))
                )
                for site in sites
            ],
            executor=dg.in_process_executor,
        ),
    )


def _manifest(site: SiteConfig, installed: Path) -> Path:
    """The site's own manifest where it has approved indicators, else the one all others share."""
    project = project_of(site)
    if project == PROJECT_DIR:
        return installed
    return parse_project(site.dbt_path, site.warehouse_path.name, project)


def build_job(site_id: str) -> str:
    return f"build_{asset_name(site_id)}"


def question_job(indicator: str) -> str:
    return f"release_{indicator}"


def federation_resource(helsefellesskap: Helsefellesskap) -> dg.ResourceDefinition:
    """Starts SuperLink, SuperNodes, relays and agents for a run, and ends them after it."""

    @dg.resource
    def federation() -> Generator[Federation]:
        with Federation(helsefellesskap.coordinator, helsefellesskap.sites) as running:
            running.start()
            yield running

    return federation
