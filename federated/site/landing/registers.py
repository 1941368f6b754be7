"""Deliveries that have the shape of their register: `npr`, `kuhr`, `kpr-omsorg`."""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`
# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from duckdb import DuckDBPyConnection

from federated.site.landing.contract import Table, tables_of
from federated.site.landing.delivery import Period
from federated.site.landing.quarantine import land, mark_duplicates, reject
from federated.site.landing.rules import NO_SUCH_CLAIM, checked
from federated.site.landing.source import Fingerprint, SourceFile
from federated.site.landing.sql import identifier, literal
from federated.site.landing.staging import Staged, stage

_YEAR = "aar"


@dataclass(frozen=True)
class CheckedTable:
    """The temporary table `name` holds every row of the files, typed, with its reasons."""

    contract: Table
    name: str
    files: tuple[Staged, ...]


@dataclass(frozen=True)
class RegisterReading:
    """A delivery that has been read and checked, not yet written."""

    connection: DuckDBPyConnection
    tables: tuple[CheckedTable, ...]

    @property
    def rows_in(self) -> int:
        return sum(file.rows for table in self.tables for file in table.files)

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        names = (name for table in self.tables for file in table.files for name in file.ignored)
        return tuple(dict.fromkeys(names))

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(
            note for table in self.tables for f in table.files if (note := _absent(table, f))
        )

    def period_of_data(self) -> tuple[Period | None, datetime | None]:
        """From 1 January of the least `aar` to the latest required date of the sound rows."""
        table = self.tables[0]
        year = table.contract.column(_YEAR).name
        dates = [c.name for c in table.contract.columns if c.required and c.data_type == "date"]
        latest = ", ".join(f"max({identifier(name)})" for name in dates)
        row = self.connection.execute(
            f"select min({identifier(year)}), greatest({latest}) from {table.name} "
            "where len(reasons) = 0"
        ).fetchone()
        if row is None or row[0] is None:
            return None, None
        first = date(row[0], 1, 1)
        return Period(min(first, row[1]), row[1]), None

    def settle(self) -> None:
        """Find what only shows between rows: duplicates, and parts of claims that did not land."""
        for table in self.tables:
            for column in table.contract.columns:
                if column.unique:
                    key = identifier(column.name)
                    mark_duplicates(
                        self.connection,
                        table.name,
                        key,
                        [f"select {key} from landing.{identifier(table.contract.name)}"],
                        f"duplicate:{column.register_name}",
                    )
        claim, *parts = self.tables
        for part in parts:
            self.connection.execute(
                f"update {part.name} set reasons = list_append(reasons, ?) "
                "where claim_id is not null and claim_id not in "
                f"(select claim_id from {claim.name} where len(reasons) = 0)",
                [NO_SUCH_CLAIM],
            )

    def write(self, delivery_id: str) -> None:
        for table in self.tables:
            values = {c.name: identifier(c.name) for c in table.contract.columns}
            sound = f"{table.name} where len(reasons) = 0"
            land(self.connection, table.contract.name, values, sound, delivery_id)
            for file in table.files:
                reject(
                    self.connection,
                    table.name,
                    file,
                    delivery_id=delivery_id,
                    table_name=literal(table.contract.name),
                )


def read_registers(
    connection: DuckDBPyConnection,
    format: str,
    files: Sequence[tuple[SourceFile, Fingerprint]],
) -> RegisterReading:
    """Read the files of a delivery and check each row by the contract of its table."""
    return RegisterReading(
        connection, tuple(_read_table(connection, table, files) for table in tables_of(format))
    )


def _read_table(
    connection: DuckDBPyConnection,
    contract: Table,
    files: Sequence[tuple[SourceFile, Fingerprint]],
) -> CheckedTable:
    mine = [(f, fp) for f, fp in files if f.part == (contract.file or contract.name)]
    staged = tuple(
        stage(
            connection,
            file,
            fingerprint,
            table=f"staged_{contract.name}_{ordinal}",
            ordinal=ordinal,
            wanted=[c.register_name for c in contract.columns],
            required=contract.required,
        )
        for ordinal, (file, fingerprint) in enumerate(mine)
    )
    name = f"checked_{contract.name}"
    rows = " union all ".join(f"({checked(contract, file)})" for file in staged)
    connection.execute(f"create temp table {name} as {rows}")
    return CheckedTable(contract, name, staged)


def _absent(table: CheckedTable, file: Staged) -> str | None:
    """Which optional columns a file does not have, and a word where one may be misspelt."""
    absent = [
        c.register_name for c in table.contract.columns if c.register_name not in file.columns
    ]
    if not absent:
        return None
    misspelt = [
        f"`{near[0]}` is ignored: is it `{name}`?"
        for name in absent
        if (near := get_close_matches(name.casefold(), map(str.casefold, file.ignored), 1, 0.85))
    ]
    return " ".join([f"{file.file} has no {', '.join(f'`{a}`' for a in absent)}.", *misspelt])
