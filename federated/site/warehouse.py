"""Reading a site's DuckDB for an answer: bounded rows, codes instead of names, nothing else."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
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
    finally:
        connection.close()


def atom_rows(connection: duckdb.DuckDBPyConnection, indicator: Indicator, period: str) -> Rows:
    """The atom table's rows of one period, as integer codes, and which the bounds have kept.

    A person's code is a dense rank, made here and thrown away with the rows. Cells and atoms are
    positions in the public domain; -1 where a row's keys are not in it. Amounts are read where the
    definition clips them; what is no whole number of 64 bits is read as missing.
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
    is_summed = indicator.bound.clip is not None
    amount = "coalesce(try_cast(amount as bigint), -1)" if is_summed else "null::bigint"
    found = connection.execute(
        f"""
        select
            dense_rank() over (order by person_id) as person,
            coalesce(public_cell.code, -1) as cell,
            coalesce(public_atom.code, -1) as atom,
            coalesce(is_counted, false) as kept,
            {amount} as amount
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
        kept=np.asarray(found["kept"], dtype=np.bool_),
        amount=np.asarray(found["amount"], dtype=np.int64) if is_summed else None,
    )


def require_atoms(connection: duckdb.DuckDBPyConnection, indicator: Indicator) -> None:
    """Fail where the atom table is not built: asked before anything is charged for it."""
    schema, table = indicator.relation
    amount = () if indicator.bound.clip is None else ("amount",)
    names = ("person_id", "period", *indicator.key_names, "atom", *amount, "is_counted")
    columns = ", ".join(f'"{name}"' for name in names)
    try:
        connection.execute(
            f'select {columns} from "{schema}"."{table}" limit 0'  # noqa: S608 -- as above
        )
    except (duckdb.CatalogException, duckdb.BinderException):
        raise NotReady from None


def drop_tables(warehouse: Path, relations: Collection[tuple[str, str]]) -> None:
    """Drop what a build no longer makes: it would stay as the last build that made it left it.

    relations: (schema, table); those that are not there are passed over.
    """
    with duckdb.connect(str(warehouse)) as connection:
        for schema, name, kind in connection.execute(
            "select table_schema, table_name, if(table_type = 'VIEW', 'view', 'table') "
            "from information_schema.tables"
        ).fetchall():
            if (schema, name) in relations:
                connection.execute(f'drop {kind} "{schema}"."{name}" cascade')


@dataclass(frozen=True)
class Deliveries:
    """What the current deliveries of a site say of themselves.

    through: month that each register reaches, by format. first_year, last_year: in which the
    earliest begins and the latest ends.
    stated: formats whose period the sender stated; the period of the others was taken from their
    rows, so that one person's record may have moved it.
    """

    through: dict[str, str]
    first_year: int
    last_year: int
    stated: frozenset[str]


def current_deliveries(connection: duckdb.DuckDBPyConnection) -> Deliveries:
    """Raises NotReady where none has landed."""
    try:
        rows = connection.execute(
            "select format, min(period_from), max(period_to), bool_and(period_stated) "
            "from landing.delivery where state = 'current' and period_to is not null group by 1"
        ).fetchall()
    except duckdb.CatalogException:
        raise NotReady from None
    if not rows:
        raise NotReady
    ends = {name: _as_date(end) for name, _, end, _ in rows}
    return Deliveries(
        through={name: f"{end:%Y-%m}" for name, end in ends.items()},
        first_year=min(_as_date(start).year for _, start, _, _ in rows),
        last_year=max(end.year for end in ends.values()),
        stated=frozenset(name for name, _, _, stated in rows if stated),
    )


def _as_date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _code_table(columns: tuple[str, ...], values: list[tuple[str, ...]]) -> pa.Table:
    arrays = [pa.array([value[i] for value in values]) for i in range(len(columns))]
    return pa.table([*arrays, pa.array(range(len(values)))], names=[*columns, "code"])
