"""One site's code location: landing, dbt models, nothing that crosses the border.

    defs = site_definitions(load_site(Path("sites/ous")), manifest)

Five sites differ in their `site.yaml` only.
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from dagster_project.dbt import asset_name, site_dbt_assets
from federated.site.config import SiteConfig
from federated.site.landing import ingest
from federated.site.landing.contract import load_contract


def site_definitions(site: SiteConfig, manifest: Path) -> dg.Definitions:
    """Landing and dbt assets of one site, keys prefixed with its id."""
    return dg.Definitions(assets=[landing_assets(site), site_dbt_assets(site, manifest)])


def landing_assets(site: SiteConfig) -> dg.AssetsDefinition:
    """Reads every register file that `site.yaml` names. One asset per landing table.

    The metadata say what happened, not how many: exact counts stay in the warehouse, where
    `landing.delivery` has them.
    """
    group = asset_name(site.id)

    @dg.multi_asset(
        name=f"landing_{group}",
        specs=[
            dg.AssetSpec(
                dg.AssetKey([site.id, "landing", table]),
                group_name=group,
                description=f"Holder: {site.holders.get(table, 'not delivered to this site')}",
                kinds={"duckdb"},
            )
            for table in ("delivery", *(table.name for table in load_contract()))
        ],
        pool=f"warehouse_{group}",
    )
    def landing(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        outcomes = {
            register.format: ingest(
                site, register.format, site.path(register.path), progress=context.log.debug
            ).outcome
            for register in site.registers
        }
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata={"deliveries": outcomes})

    return landing
