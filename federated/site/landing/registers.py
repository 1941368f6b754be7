"""Deliveries that have the shape of their register: `npr`, `kuhr`, `kpr-omsorg` and the others."""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`
# ruff: noqa: A002 -- `format` is the word of the site file and of the command line

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from duckdb import DuckDBPyConnection

from federated.site.landing.contract import Table, tables_of
from federated.site.landing.delivery import Period
from federated.site.landing.mapping import NO_MAPPING, Mapping
from federated.site.landing.quarantine import land, mark_duplicates, reject
from federated.site.landing.readable import Readable
from federated.site.landing.rules import NO_SUCH_CLAIM, checked
from federated.site.landing.sql import identifier, literal
from federated.site.landing.staging import Staged, stage

_YEAR, _MONTH = "aar", "maaned"
_CLAIM, _PERSON_KEY = "enkeltregning_lnr", "person_key"


@dataclass(frozen=True)
class CheckedTable:
    """The temporary table `name` holds every row of the files, typed, with its reasons.

    Of the contract's columns it has those that some file has (`delivered`, by register name).
    """

    contract: Table
    name: str
    files: tuple[Staged, ...]

    @property
    def delivered(self) -> frozenset[str]:
        return frozenset(name for file in self.files for name in file.columns)


@dataclass(frozen=True)
class RegisterReading:
    """A delivery that has been read and checked, not yet written. tables: those delivered."""

    connection: DuckDBPyConnection
    tables: tuple[CheckedTable, ...]

    @property
    def rows_in(self) -> int:
        return sum(file.rows for table in self.tables for file in table.files)

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(name for table in self.tables for file in table.files for name in file.header)

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        names = (name for table in self.tables for file in table.files for name in file.ignored)
        return tuple(dict.fromkeys(names))

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(
            note
            for table in self.tables
            for notes in (_absent(table), self._ambiguous_persons(table))
            for note in notes
        )

    def period_of_data(self) -> tuple[Period | None, datetime | None]:
        """The period of the first table's sound rows.

        From 1 January of the least `aar` (else the first event) to the last event; where rows have
        a year and no event, whole years (or months). None where nothing tells.
        """
        table = self.tables[0]
        first, last = _period_columns(table.contract)
        if not first or not last:
            return None, None
        row = self.connection.execute(
            f"select min({first}), max({last}) from {table.name} where len(reasons) = 0"
        ).fetchone()
        if row is None or row[0] is None or row[1] is None:
            return None, None
        begins, ends = row
        return Period(min(begins, ends), ends), None

    def settle(self) -> None:
        """Find what only shows between rows: duplicates, and parts of claims that did not land."""
        for table in self.tables:
            if table.contract.key:
                columns = [identifier(table.contract.column(n).name) for n in table.contract.key]
                mark_duplicates(
                    self.connection,
                    table.name,
                    columns,
                    [f"select {', '.join(columns)} from landing.{identifier(table.contract.name)}"],
                    f"duplicate:{table.contract.key[0]}",
                )
        claims = [t for t in self.tables if _CLAIM in t.contract.key]
        parts = [t for t in self.tables if t not in claims and _has(t.contract, _CLAIM)]
        for claim in claims:
            for part in parts:
                self._refuse_orphans(part, claim)

    def _refuse_orphans(self, part: CheckedTable, claim: CheckedTable) -> None:
        number = identifier(claim.contract.column(_CLAIM).name)
        own = identifier(part.contract.column(_CLAIM).name)
        self.connection.execute(
            f"update {part.name} set reasons = list_append(reasons, ?) "
            f"where {own} is not null and {own} not in "
            f"(select {number} from {claim.name} where len(reasons) = 0)",
            [NO_SUCH_CLAIM],
        )

    def write(self, delivery_id: str) -> None:
        for table in self.tables:
            values = {
                c.name: identifier(c.name)
                for c in table.contract.columns
                if c.register_name in table.delivered
            }
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

    def _ambiguous_persons(self, table: CheckedTable) -> Iterator[str]:
        """How many pseudonyms of a key file stand for more than one of the other register."""
        if table.contract.name != _PERSON_KEY:
            return
        one, other = (c for c in table.contract.columns[:2])
        for column, its in ((one, other), (other, one)):
            row = self.connection.execute(
                f"select count(*) from (select 1 from {table.name} where len(reasons) = 0 "
                f"group by {identifier(column.name)} "
                f"having count(distinct {identifier(its.name)}) > 1)"
            ).fetchone()
            if row and row[0]:
                yield (
                    f"{row[0]} {column.register_name} have more than one {its.register_name}: "
                    "they landed, and are flagged where they are used."
                )


def read_registers(
    connection: DuckDBPyConnection,
    format: str,
    files: Sequence[Readable],
    mapping: Mapping = NO_MAPPING,
    period: Period | None = None,
) -> RegisterReading:
    """Read the files of a delivery and check each row by the contract of its table.

    period: the stated one, outside which no row may lie; None where nobody stated it.
    """
    parts = {file.part for file in files}
    return RegisterReading(
        connection,
        tuple(
            _read_table(connection, table, files, mapping, period)
            for table in tables_of(format)
            if table.part in parts
        ),
    )


def _read_table(
    connection: DuckDBPyConnection,
    contract: Table,
    files: Sequence[Readable],
    mapping: Mapping,
    period: Period | None,
) -> CheckedTable:
    staged = tuple(
        stage(
            connection,
            file,
            table=f"staged_{contract.name}_{ordinal}",
            ordinal=ordinal,
            wanted=[c.register_name for c in contract.columns],
            required=contract.required,
            mapping=mapping,
        )
        for ordinal, file in enumerate(f for f in files if f.part == contract.part)
    )
    checked_table = CheckedTable(contract, f"checked_{contract.name}", staged)
    rows = " union all ".join(
        f"({checked(contract, file, checked_table.delivered, mapping.notation, period)})"
        for file in staged
    )
    connection.execute(f"create temp table {checked_table.name} as {rows}")
    return checked_table


def can_tell_period(table: Table) -> bool:
    """Whether the rows of a table show the time they are about."""
    return all(_period_columns(table))


def _period_columns(table: Table) -> tuple[str, str]:
    """SQL of a row's first and last day, each a date; empty where the table tells neither."""
    event = identifier(table.column(table.event_date).name) if table.event_date else ""
    if not _has(table, _YEAR):
        return event, event
    year = identifier(table.column(_YEAR).name)
    if event:
        return f"make_date({year}, 1, 1)", f"{event}::date"
    if _has(table, _MONTH):
        month = identifier(table.column(_MONTH).name)
        return f"make_date({year}, {month}, 1)", f"last_day(make_date({year}, {month}, 1))"
    return f"make_date({year}, 1, 1)", f"make_date({year}, 12, 31)"


def _has(table: Table, register_name: str) -> bool:
    return any(column.register_name == register_name for column in table.columns)


def _absent(table: CheckedTable) -> Iterator[str]:
    """Which optional columns a file does not have, and a word where one may be misspelt."""
    for file in table.files:
        absent = [
            c.register_name for c in table.contract.columns if c.register_name not in file.columns
        ]
        if not absent:
            continue
        misspelt = [
            f"`{near[0]}` is ignored: is it `{name}`?"
            for name in absent
            if (
                near := get_close_matches(name.casefold(), map(str.casefold, file.ignored), 1, 0.85)
            )
        ]
        yield " ".join([f"{file.file} has no {_shortly(absent)}.", *misspelt])


def _shortly(names: Sequence[str], at_most: int = 12) -> str:
    """Names for a sentence; a wide register's file may lack more than anyone reads."""
    shown = ", ".join(f"`{name}`" for name in names[:at_most])
    more = len(names) - at_most
    return f"{shown} and {more} more columns" if more > 0 else shown
