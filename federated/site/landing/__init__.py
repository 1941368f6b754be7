"""Register files into a site's DuckDB, under the contract that stands in the dbt project."""

from federated.site.landing.delivery import Period, StatedPeriod, SupersededDelivery
from federated.site.landing.ingest import FORMATS, IngestReport, ingest
from federated.site.landing.national_id import refuse_real_national_ids
from federated.site.landing.schema import create_landing
from federated.site.landing.synthetic_mark import Origin, warehouse_origin

__all__ = [
    "FORMATS",
    "IngestReport",
    "Origin",
    "Period",
    "StatedPeriod",
    "SupersededDelivery",
    "create_landing",
    "ingest",
    "refuse_real_national_ids",
    "warehouse_origin",
]
