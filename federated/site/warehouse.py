"""Reading a site's DuckDB for an answer: bounded rows, codes instead of names, nothing else."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from federated.contract.catalogue import Indicator
from privacy.bounds import Rows


class NotReady(Exception):
    """The warehouse is not there, is being built, or lacks a table. Says nothing of its rows."""


@contextmanager
def reading(warehouse: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open for reading, for the length of one question, so that a dbt build can have it between."""
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error:
        raise NotReady from None
    try:
        yield connection
    except duckdb.CatalogException:
        raise NotReady from None
    finally:
        connection.close()


def atom_rows(connection: duckdb.DuckDBPyConnection, indicator: Indicator, period: str) -> Rows:
    """The atom table's rows of one period as integer codes.

    A person's code is a dense rank, made here and thrown away with the rows. Cells and atoms are
    positions in the public domain; -1 where a row's keys are not in it.
    """
    schema, table = indicator.relation
    keys = indicator.key_names
    connection.register(
        "public_cell",
        _code_table(keys, indicator.domain(period)),
    )
    connection.register(
        "public_atom", _code_table(("atom",), [(atom,) for atom in indicator.definition.atoms])
    )
    columns = ", ".join(f'"{key}"' for key in keys)
    found = connection.execute(
        f"""
        select
            dense_rank() over (order by person_id) as person,
            coalesce(public_cell.code, -1) as cell,
            coalesce(public_atom.code, -1) as atom
        from "{schema}"."{table}"
        left join public_cell using ({columns})
        left join public_atom using (atom)
        where period = ?
        """,  # noqa: S608 -- names come from this site's own manifest
        [period],
    ).fetchnumpy()
    return Rows(
        person=np.asarray(found["person"], dtype=np.int64),
        cell=np.asarray(found["cell"], dtype=np.int64),
        atom=np.asarray(found["atom"], dtype=np.int64),
    )


def last_data_year(connection: duckdb.DuckDBPyConnection) -> int:
    """Year in which the current deliveries end, as their senders state it."""
    (end,) = connection.execute(
        "select max(period_to) from landing.delivery where state = 'current'"
    ).fetchall()[0]
    if end is None:
        raise NotReady
    return _as_date(end).year


def data_through(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Month that each register's current deliveries reach: `{format: 'YYYY-MM'}`."""
    rows = connection.execute(
        "select format, max(period_to) from landing.delivery where state = 'current' group by 1"
    ).fetchall()
    return {name: f"{_as_date(end):%Y-%m}" for name, end in rows}


def _as_date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _code_table(columns: tuple[str, ...], values: list[tuple[str, ...]]) -> pa.Table:
    arrays = [pa.array([value[i] for value in values]) for i in range(len(columns))]
    return pa.table([*arrays, pa.array(range(len(values)))], names=[*columns, "code"])
