"""A warehouse whose landing holds the benchmark's data, as `sloyfe ingest` would leave it.

The rows come by `insert ... select` from the Parquet files, not by the real ingest: its checks and
its quarantine are not what is measured here.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract

import hashlib
from datetime import datetime, time, timedelta
from pathlib import Path

import duckdb

from dagster_project.benchmark.data import Data
from federated.site.landing import create_landing
from federated.site.landing.contract import table_named


def load(data: Data, warehouse: Path, *, rows: bool = True) -> None:
    """Make `warehouse` anew, one current delivery a register; without rows, just the tables."""
    for file in (warehouse, warehouse.with_name(warehouse.name + ".wal")):
        file.unlink(missing_ok=True)
    with duckdb.connect(str(warehouse)) as connection:
        create_landing(connection)
        if rows:
            for name in data.rows:
                _deliver(connection, name, data)


def delivery_id(register: str) -> str:
    """As long as a real one, which is a hash too."""
    return hashlib.sha256(register.encode()).hexdigest()


def _deliver(connection: duckdb.DuckDBPyConnection, name: str, data: Data) -> None:
    """Insert the rows of one landing table, and its register's delivery if that is not there."""
    table = table_named(name)
    delivery = delivery_id(table.register)
    first, last = data.first_day, data.last_day
    connection.execute(
        "insert into landing.delivery "
        "(delivery_id, format, period_from, period_to, period_stated, data_end, state) "
        "select ?, ?, ?, ?, true, ?, 'current' "
        "where ? not in (select delivery_id from landing.delivery)",
        [
            *(delivery, table.register, first, last),
            *(datetime.combine(last + timedelta(days=1), time()), delivery),
        ],
    )
    file = data.parquet(name)
    there = {
        row[0]
        for row in connection.execute(f"describe select * from read_parquet('{file}')").fetchall()
    }
    columns = ", ".join(c.name for c in table.columns if c.name in there)
    connection.execute(
        f"insert into landing.{name} ({columns}, delivery_id, file, row_number) "
        f"select {columns}, ?, ?, file_row_number + 1 "
        f"from read_parquet('{file}', file_row_number = true)",
        [delivery, file.name],
    )
