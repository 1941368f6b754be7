"""Whether all that has landed at a site is proved to be synthetic."""

from duckdb import DuckDBPyConnection

from federated.site.config import SiteConfig
from federated.site.landing.synthetic_mark import Origin, warehouse_origin
from federated.site.warehouse import NotReady, reading


def origin_of(site: SiteConfig, connection: DuckDBPyConnection) -> Origin:
    """Generated, declared synthetic, or real: the least sure of all deliveries."""
    generator = site.keys.generator
    return warehouse_origin(
        connection, site.path(generator) if generator else None, site.declared_synthetic
    )


def is_synthetic(site: SiteConfig) -> bool:
    """False where nothing has landed yet."""
    try:
        with reading(site.warehouse_path) as connection:
            return origin_of(site, connection) != "real"
    except NotReady:
        return False
