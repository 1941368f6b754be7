"""The profile of a delivery: its facts as they are kept, so that the next one can be compared.

A replaced delivery's rows are gone; its profile in `landing.delivery_profile` stays. It holds exact
counts and never leaves the site.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection
from pydantic import TypeAdapter, ValidationError

from federated.site.landing.contract import Table, load_contract, tables_of
from federated.site.landing.quality.facts import TableFacts, code_lists, count_table
from federated.site.landing.sql import identifier

VERSION = 1
"""Of the stored form. A profile of another version is not compared with."""

_DELIVERY_PROFILE = """
create table if not exists landing.delivery_profile (
    delivery_id varchar, version integer, profile json
)
"""


@dataclass(frozen=True)
class Profile:
    """What is known of a delivery without its rows. Tables without a row are left out."""

    delivery_id: str
    format: str
    period_from: date | None
    period_to: date | None
    period_stated: bool
    extracted_on: date | None
    tables: tuple[TableFacts, ...]


_STORED = TypeAdapter(Profile)


def create_delivery_profile(connection: DuckDBPyConnection) -> None:
    """Create the table of profiles if it is missing."""
    connection.execute(_DELIVERY_PROFILE)


def profile_of(connection: DuckDBPyConnection, delivery_id: str) -> Profile | None:
    """The profile of a known delivery: the kept one, else counted from its rows and then kept.

    None where the rows are gone and no profile was kept, or the delivery is unknown. A kept profile
    is not counted anew: a delivery's rows never change.
    """
    create_delivery_profile(connection)
    kept = connection.execute(
        "select profile from landing.delivery_profile where delivery_id = ? and version = ?",
        [delivery_id, VERSION],
    ).fetchone()
    if kept is not None:
        try:
            return _STORED.validate_json(kept[0])
        except ValidationError:
            return None
    counted = _count(connection, delivery_id)
    if counted is not None:
        connection.execute(
            "insert into landing.delivery_profile values (?, ?, ?)",
            [delivery_id, VERSION, _STORED.dump_json(counted).decode()],
        )
    return counted


def previous_profile(
    connection: DuckDBPyConnection, delivery_id: str, register: str
) -> Profile | None:
    """Of the delivery of this format that landed last before this one, replaced or not."""
    row = connection.execute(
        """
        select delivery_id from landing.delivery
        where format = ? and landed_at < (
            select landed_at from landing.delivery where delivery_id = ?
        )
        order by landed_at desc limit 1
        """,
        [register, delivery_id],
    ).fetchone()
    return profile_of(connection, row[0]) if row else None


def _count(connection: DuckDBPyConnection, delivery_id: str) -> Profile | None:
    row = connection.execute(
        "select format, period_from, period_to, period_stated, extracted_on "
        "from landing.delivery where delivery_id = ? and state = 'current'",
        [delivery_id],
    ).fetchone()
    if row is None:
        return None
    register, first, last, stated, extracted_on = row
    period = (first, last) if first and last else None
    with code_lists(connection):
        tables = tuple(
            count_table(connection, table, delivery_id, period)
            for table in _tables(connection, register, delivery_id)
        )
    return Profile(delivery_id, register, first, last, bool(stated), extracted_on, tables)


def _tables(connection: DuckDBPyConnection, register: str, delivery_id: str) -> list[Table]:
    """The tables in which the delivery has rows; a format without a contract may fill any."""
    return [
        table
        for table in tables_of(register) or load_contract()
        if connection.execute(
            f"select 1 from landing.{identifier(table.name)} where delivery_id = ? "
            "union all select 1 from quarantine.rejected_row "
            "where delivery_id = ? and table_name = ? limit 1",
            [delivery_id, delivery_id, table.name],
        ).fetchone()
    ]
