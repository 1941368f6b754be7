"""The tables that every site's warehouse has, also where nothing was delivered."""

from duckdb import DuckDBPyConnection

from federated.site.landing.contract import load_contract
from federated.site.landing.quality.profile import create_delivery_profile
from federated.site.landing.sql import identifier

_DELIVERY = """
create table if not exists landing.delivery (
    delivery_id varchar, format varchar,
    period_from date, period_to date, period_stated boolean, data_end timestamp, extracted_on date,
    landed_at timestamp, sha256 varchar, file varchar,
    rows_in bigint, rows_landed bigint, rows_quarantined bigint,
    origin varchar, mark varchar, state varchar, replaced_by varchar
)
"""

_REJECTED_ROW = """
create table if not exists quarantine.rejected_row (
    delivery_id varchar, table_name varchar, file varchar, row_number bigint,
    reasons varchar[], raw json
)
"""


def create_landing(connection: DuckDBPyConnection) -> None:
    """Create every landing and quarantine table that is missing; leave those that are there."""
    connection.execute("create schema if not exists landing")
    connection.execute("create schema if not exists quarantine")
    for table in load_contract():
        columns = ", ".join(f"{identifier(c.name)} {c.data_type}" for c in table.columns)
        connection.execute(
            f"create table if not exists landing.{identifier(table.name)} "
            f"({columns}, delivery_id varchar, file varchar, row_number bigint)"
        )
    connection.execute(_DELIVERY)
    connection.execute(_REJECTED_ROW)
    create_delivery_profile(connection)
