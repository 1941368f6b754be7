"""One site's code location: landing, dbt models, ROS; nothing that crosses the border.

    defs = site_definitions(load_site(Path("sites/ous")), manifest)

Five sites differ in their `site.yaml` only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from dagster_project.dbt import asset_name, site_dbt_assets
from dagster_project.ros import ros_asset
from federated.site.config import SiteConfig
from federated.site.landing import SupersededDelivery, ingest
from federated.site.landing.contract import load_contract, tables_of
from federated.site.landing.quality import (
    FAMILIES,
    Family,
    QualityReport,
    report_folder,
    write_quality_report,
)


@dataclass(frozen=True)
class _Judged:
    """The quality report of one delivery, and the page it was written to."""

    quality: QualityReport
    page: Path


def site_definitions(site: SiteConfig, manifest: Path) -> dg.Definitions:
    """Landing, dbt assets and ROS of one site, keys prefixed with its id."""
    models = site_dbt_assets(site, manifest)
    return dg.Definitions(assets=[landing_assets(site), models, ros_asset(site, models)])


def landing_assets(site: SiteConfig) -> dg.AssetsDefinition:
    """Reads every register file that `site.yaml` names. One asset per landing table.

    The metadata say what happened, not how many: exact counts stay in the warehouse, where
    `landing.delivery` has them, and in the quality report in the site's state folder. A check of a
    table's quality holds back the models only where it fails with an error.

    Where a newer delivery has taken the place of the one in `site.yaml`, the newer one stays.
    """
    group = asset_name(site.id)
    tables = [table.name for table in load_contract()]

    @dg.multi_asset(
        name=f"landing_{group}",
        specs=[
            dg.AssetSpec(
                _landing_key(site, table),
                group_name=group,
                description=f"Holder: {site.holders.get(table, 'not delivered to this site')}",
                kinds={"duckdb"},
            )
            for table in ("delivery", *tables)
        ],
        check_specs=[
            dg.AssetCheckSpec(family, asset=_landing_key(site, table), blocking=True)
            for table in tables
            for family in FAMILIES
        ],
        pool=f"warehouse_{group}",
    )
    def landing(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        outcomes, judged, silence = dict[str, str](), list[_Judged](), dict[str, str]()
        for register in site.registers:
            try:
                report = ingest(
                    site, register.format, site.path(register.path), progress=context.log.debug
                )
            except SupersededDelivery as problem:
                context.log.warning(str(problem))
                outcomes[register.format] = "superseded"
                for table in tables_of(register.format) or load_contract():
                    silence[table.name] = "replaced by a newer delivery, judged when that landed"
                continue
            outcomes[register.format] = report.outcome
            folder = report_folder(site.state_path, report.delivery_id)
            judged.append(
                _Judged(report.quality, write_quality_report(report.quality, folder).html)
            )
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata={"deliveries": outcomes})
        for table in tables:
            for family in FAMILIES:
                yield _check(_landing_key(site, table), table, family, judged, silence)

    return landing


def _landing_key(site: SiteConfig, table: str) -> dg.AssetKey:
    return dg.AssetKey([site.id, "landing", table])


def _check(
    key: dg.AssetKey,
    table: str,
    family: Family,
    judged: Sequence[_Judged],
    silence: Mapping[str, str],
) -> dg.AssetCheckResult:
    """What the deliveries of one table say of one family: the rules that spoke, never how often.

    silence: table -> why nothing judged it, where it was delivered.
    """
    mine = [j for j in judged if j.quality.concerns(table)]
    findings = [f for j in mine for f in j.quality.of(family, table) if f.severity != "info"]
    worst = dg.AssetCheckSeverity.WARN
    if any(finding.severity == "error" for finding in findings):
        worst = dg.AssetCheckSeverity.ERROR
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=family,
        passed=not findings,
        severity=worst,
        description=None if mine else silence.get(table, "not delivered"),
        metadata={
            "rules": sorted({finding.rule for finding in findings}),
            "reports": [str(j.page) for j in mine],
        },
    )
