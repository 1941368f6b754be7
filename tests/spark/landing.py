"""A landing taken from DuckDB to where Spark reads it. A site on Spark lands by means of its own;
what the models ask of it stands in docs/spark.md, and is no more than this gives.
"""

from pathlib import Path

import duckdb

from federated.site.landing.contract import load_contract

DELIVERY_COLUMNS = ("delivery_id", "format", "period_from", "period_to", "data_end", "state")
"""What the source `landing.delivery` is described with; DuckDB's has more."""


def export_landing(warehouse: Path, folder: Path) -> None:
    """One Parquet file per landing table, with the contract's columns and `delivery_id`."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in load_contract():
            columns = [
                f"{column.name}::varchar as {column.name}"
                if column.data_type == "time"
                else column.name
                for column in table.columns
            ]
            _copy(connection, table.name, [*columns, "delivery_id"], folder)
        _copy(connection, "delivery", DELIVERY_COLUMNS, folder)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: list[str] | tuple[str, ...],
    to: Path,
) -> None:
    connection.execute(
        f"copy (select {', '.join(columns)} from landing.{table}) "
        f"to '{to / table}.parquet' (format parquet)"
    )
