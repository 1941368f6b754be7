"""Which deliveries and definitions the marts were built from.

The atom table alone does not tell: after a new delivery has landed, or while a build is under way
or has failed half-way, it is still there and still the old one. An answer from it would be
published under a vintage and a definition that are not its own. So a build takes the stamp away
first and writes it last, and the agent answers only where the stamp is what the site has now.
"""

import json
from collections.abc import Collection
from pathlib import Path

import duckdb

from federated.contract.catalogue import Indicator, load_versions
from federated.site.config import SiteConfig
from federated.site.warehouse import NotReady


def _stamp(site: SiteConfig) -> Path:
    return site.dbt_path / "built.json"


def begin_build(site: SiteConfig) -> None:
    """From here on nothing is answered until the build is finished."""
    _stamp(site).unlink(missing_ok=True)


def finish_build(
    site: SiteConfig, project: Path, digest: str = "", left_out: Collection[str] = ()
) -> None:
    """Say what the marts were built from. project: folder of the dbt project; digest: of all of
    it, models that belong to no indicator included; left_out: models that this site does not build.
    """
    installed = load_versions(site.manifest_path, project)
    with duckdb.connect(str(site.warehouse_path), read_only=True) as connection:
        content = {
            "deliveries": _current_deliveries(connection),
            "project": digest,
            "definitions": {
                found.model: found.fingerprint for found in installed if found.model not in left_out
            },
        }
    fresh = _stamp(site).with_suffix(".new")
    fresh.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    fresh.replace(_stamp(site))


def is_built_with(site: SiteConfig, digest: str) -> bool:
    """Whether the last build came to its end, and was of this very project."""
    try:
        return json.loads(_stamp(site).read_text(encoding="utf-8")).get("project") == digest
    except (OSError, ValueError):
        return False


def is_built(site: SiteConfig, digest: str) -> bool:
    """Whether a finished build was of the current deliveries and of this very project."""
    try:
        content = json.loads(_stamp(site).read_text(encoding="utf-8"))
        with duckdb.connect(str(site.warehouse_path), read_only=True) as connection:
            deliveries = _current_deliveries(connection)
    except (OSError, ValueError, duckdb.Error):
        return False
    return (content.get("deliveries"), content.get("project")) == (deliveries, digest)


def require_built(
    site: SiteConfig, connection: duckdb.DuckDBPyConnection, indicator: Indicator
) -> None:
    """Raise NotReady unless the marts belong to the current deliveries and this definition."""
    try:
        content = json.loads(_stamp(site).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotReady from None
    if content.get("deliveries") != _current_deliveries(connection):
        raise NotReady
    if content.get("definitions", {}).get(indicator.model) != indicator.fingerprint:
        raise NotReady


def _current_deliveries(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select delivery_id from landing.delivery where state = 'current' order by 1"
    ).fetchall()
    return [name for (name,) in rows]
