"""What is counted of a delivery: rows, filled cells, codes and what each rule looks for.

Facts are numbers only: no verdicts (those are in `findings`) and no values of records but codes
that stand in a code list. They are what is kept of a delivery once its rows are gone.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from duckdb import DuckDBPyConnection

from federated.site.landing.contract import CODE_LISTS, Column, Table
from federated.site.landing.quality.checks import checks_of
from federated.site.landing.quality.roles import UNKNOWN_BIRTH_YEAR, roles_of
from federated.site.landing.rules import typed
from federated.site.landing.sql import identifier, literal

NO_MONTH = ""
"""Rows whose date lies outside the period (a service that began earlier), or that have none."""

_DATA_YEAR = "aar"

OTHER_CODE = ""
"""Every code that does not stand in the list, together: what they are is not kept."""


@dataclass(frozen=True)
class Tally:
    """How often a rule's fault occurs (`count`) among what it looks at (`of`), in the rule's unit.

    month: `2024-03`, or None where the rule does not belong to one.
    """

    rule: str
    variable: str | None
    month: str | None
    count: int
    of: int
    reason: str | None = None


@dataclass(frozen=True)
class TableFacts:
    """One landing table of one delivery. Months are `2024-03`, or NO_MONTH.

    rows: month -> rows that landed. quarantined: month -> rows that did not. filled: register name
    -> month -> rows with a value; a column without any is left out. codes: register name -> code ->
    rows, for columns with a code list.
    """

    table: str
    rows: dict[str, int]
    quarantined: dict[str, int]
    filled: dict[str, dict[str, int]] = field(default_factory=dict)
    codes: dict[str, dict[str, int]] = field(default_factory=dict)
    tallies: tuple[Tally, ...] = ()

    @property
    def landed(self) -> int:
        return sum(self.rows.values())

    @property
    def received(self) -> int:
        return self.landed + sum(self.quarantined.values())

    @property
    def reasons(self) -> dict[str, int]:
        """Reason for quarantine -> rows; a row with two is in both."""
        counts = dict[str, int]()
        for tally in self.tallies:
            if tally.reason is not None:
                counts[tally.reason] = counts.get(tally.reason, 0) + tally.count
        return counts

    @property
    def received_by_month(self) -> dict[str, int]:
        months = self.rows.keys() | self.quarantined.keys()
        return {m: self.rows.get(m, 0) + self.quarantined.get(m, 0) for m in sorted(months)}


@contextmanager
def code_lists(connection: DuckDBPyConnection) -> Iterator[None]:
    """The seed of code lists as the temporary table `quality_code` while the facts are counted."""
    connection.execute(
        f"""
        create or replace temp table quality_code as
        select code_list, code, try_cast(valid_from as date) as valid_from,
            try_cast(valid_to as date) as valid_to
        from read_csv({literal(str(CODE_LISTS))}, header = true, all_varchar = true)
        """
    )
    try:
        yield
    finally:
        connection.execute("drop table temp.quality_code")


def count_table(
    connection: DuckDBPyConnection,
    table: Table,
    delivery_id: str,
    period: tuple[date, date] | None,
) -> TableFacts:
    """Count one table of a delivery. Must run inside `code_lists`.

    period: first and last day; rows dated outside it belong to no month.
    """
    counting = _Counting(connection, table, delivery_id, period)
    rows, filled, tallies = counting.rows_and_checks()
    codes, code_tallies = counting.codes([c for c in table.columns if c.register_name in filled])
    quarantined, reasons = counting.quarantine(rows)
    return TableFacts(
        table=table.name,
        rows=rows,
        quarantined=quarantined,
        filled=filled,
        codes=codes,
        tallies=(*tallies, *code_tallies, *counting.persons(), *reasons),
    )


class _Counting:
    """The queries over one landing table, restricted to one delivery."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        table: Table,
        delivery_id: str,
        period: tuple[date, date] | None,
    ) -> None:
        self._connection = connection
        self._table = table
        self._columns = {c.register_name: c for c in table.columns}
        self._delivery = literal(delivery_id)
        self._period = period
        self._roles = roles_of(table.name)

    def rows_and_checks(self) -> tuple[dict[str, int], dict[str, dict[str, int]], list[Tally]]:
        """One pass over the table for everything that one row can tell."""
        checks = list(checks_of(self._roles, self._columns))
        aggregates = [
            "count(*)",
            *(f"count({identifier(c.name)})" for c in self._table.columns),
            *(
                f"count(*) filter (where {wanted})"
                for check in checks
                for wanted in (f"({check.condition}) and {check.applies}", check.applies)
            ),
        ]
        found = self._connection.execute(
            f"select {self._month()}, {', '.join(aggregates)} from {self._source()} group by 1"
        ).fetchall()
        by_month = sorted((_month_name(month), counts) for month, *counts in found)
        width = len(self._table.columns)
        rows = {month: counts[0] for month, counts in by_month}
        filled = {
            column.register_name: {month: counts[1 + i] for month, counts in by_month}
            for i, column in enumerate(self._table.columns)
            if any(counts[1 + i] for _, counts in by_month)
        }
        tallies = [
            Tally(check.rule, check.variable, month or None, count, of)
            for i, check in enumerate(checks)
            for month, counts in by_month
            for count, of in [counts[1 + width + 2 * i : 3 + width + 2 * i]]
            if of
        ]
        return rows, filled, tallies

    def codes(self, columns: list[Column]) -> tuple[dict[str, dict[str, int]], list[Tally]]:
        """Use of every listed code, by column; and of what the list, or its dates, do not have."""
        codes, tallies = dict[str, dict[str, int]](), list[Tally]()
        for column in columns:
            if column.code_list is None:
                continue
            use, of, unlisted, invalid = dict[str, int](), {}, {}, {}
            for day, code, rows, not_listed, not_valid in self._use(column, column.code_list):
                month = _month_name(day)
                use[code] = use.get(code, 0) + rows
                for tally, count in ((of, rows), (unlisted, not_listed), (invalid, not_valid)):
                    tally[month] = tally.get(month, 0) + count
            codes[column.register_name] = use
            tallies += [
                Tally(rule, column.register_name, month or None, count, of[month])
                for rule, counts in (
                    ("code_not_in_list", unlisted),
                    ("code_outside_validity", invalid),
                )
                for month, count in sorted(counts.items())
            ]
        return codes, tallies

    def persons(self) -> Iterator[Tally]:
        """What only shows between the rows of one person."""
        roles, columns = self._roles, self._columns
        person = columns.get(roles.person or "")
        looked_at = [
            (rule, column, known)
            for rule, name, known in (
                ("sex_differs", roles.sex, "in (1, 2)"),
                ("birth_year_differs", roles.birth_year, f"<> {UNKNOWN_BIRTH_YEAR}"),
                ("two_pseudonyms", roles.other_pseudonym, "is not null"),
            )
            if (column := columns.get(name or "")) is not None
        ]
        if person is None or not looked_at:
            return
        ends = ", ".join(
            f"min({value}) filter (where {value} {known}) as least_{i}, "
            f"max({value}) filter (where {value} {known}) as most_{i}"
            for i, (_, column, known) in enumerate(looked_at)
            for value in [identifier(column.name)]
        )
        counts = ", ".join(
            f"count(*) filter (where least_{i} <> most_{i}), count(least_{i})"
            for i in range(len(looked_at))
        )
        key = identifier(person.name)
        row = self._connection.execute(
            f"select {counts} from (select {ends} from {self._source()} "
            f"and {key} is not null group by {key})"
        ).fetchone()
        for (rule, column, _), count, of in zip(
            looked_at, (row or ())[::2], (row or ())[1::2], strict=True
        ):
            if of:
                yield Tally(rule, column.register_name, None, count, of)

    def quarantine(self, landed: dict[str, int]) -> tuple[dict[str, int], list[Tally]]:
        """Rejected rows and their reasons by month, where the raw row shows a date to place it."""
        event = self._columns.get(self._table.event_date or "")
        month = "null::date"
        if event is not None:
            path = f'$."{event.register_name}"'
            cell = f"(raw ->> {literal(path)})"
            month = self._in_period(f"({typed(cell, event.data_type)})::date")
        found = self._connection.execute(
            f"""
            with rejected as (
                select {month} as month, reasons from quarantine.rejected_row
                where delivery_id = {self._delivery} and table_name = {literal(self._table.name)}
            )
            select month, null as reason, count(*) as rows from rejected group by month
            union all
            select month, reason, count(*) from (
                select month, unnest(list_distinct(reasons)) as reason from rejected
            ) group by month, reason
            order by month nulls first, reason
            """
        ).fetchall()
        rows = {_month_name(month): count for month, reason, count in found if reason is None}
        received = {month: count + landed.get(month, 0) for month, count in rows.items()}
        # A rejected row without a date may belong to any month: it is counted among all rows.
        received[NO_MONTH] = sum(rows.values()) + sum(landed.values())
        tallies = [
            Tally(
                rule="quarantined",
                variable=column_of(reason),
                month=name or None,
                count=count,
                of=received[name],
                reason=reason,
            )
            for month, reason, count in found
            if reason is not None
            for name in [_month_name(month)]
        ]
        return rows, tallies

    def _use(self, column: Column, code_list: str) -> list[tuple[date | None, str, int, int, int]]:
        """Month, code (OTHER_CODE where not listed), rows, rows not listed, rows outside validity.

        A code may stand in the list several times, for several spans of days.
        """
        day = self._valid_on() or "null::date"
        return self._connection.execute(
            f"""
            with used as (
                select {identifier(column.name)}::varchar as code, {day} as day,
                    {self._month()} as month, count(*) as rows
                from {self._source()} and {identifier(column.name)} is not null group by all
            ), judged as (
                select used.month, used.code, used.rows,
                    count(listed.code) > 0 as is_listed,
                    bool_or(listed.code is not null and coalesce(day >= valid_from, true)
                        and coalesce(day <= valid_to, true)) as is_valid
                from used left join temp.quality_code as listed
                    on listed.code = used.code and listed.code_list = {literal(code_list)}
                group by used.month, used.code, used.day, used.rows
            )
            select month, if(is_listed, code, {literal(OTHER_CODE)}), sum(rows)::bigint,
                coalesce(sum(rows) filter (where not is_listed), 0)::bigint,
                coalesce(sum(rows) filter (where is_listed and not is_valid), 0)::bigint
            from judged group by all order by all
            """
        ).fetchall()

    def _source(self) -> str:
        return f"landing.{identifier(self._table.name)} where delivery_id = {self._delivery}"

    def _event(self) -> str | None:
        column = self._columns.get(self._table.event_date or "")
        return f"{identifier(column.name)}::date" if column is not None else None

    def _valid_on(self) -> str | None:
        """The day on which a row's codes must be valid.

        What lasts is coded anew in every data year: its codes are those of the year.
        """
        event, year = self._event(), self._columns.get(_DATA_YEAR)
        if event is None or self._table.event_end is None or year is None:
            return event
        return f"greatest({event}, make_date({identifier(year.name)}, 1, 1))"

    def _month(self) -> str:
        event = self._event()
        return self._in_period(event) if event else "null::date"

    def _in_period(self, day: str) -> str:
        if self._period is None:
            return "null::date"
        first, last = (f"date '{end}'" for end in self._period)
        return f"if({day} between {first} and {last}, date_trunc('month', {day})::date, null)"


def _month_name(day: date | None) -> str:
    return f"{day:%Y-%m}" if day is not None else NO_MONTH


def column_of(reason: str) -> str | None:
    """`missing:lopenr` speaks of a column, `discharge_before_admission` of the row."""
    _, colon, column = reason.partition(":")
    return column if colon else None
