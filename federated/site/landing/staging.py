"""From a file to rows of text cells in a temporary table, in the file's order, none lost.

CSV. DuckDB's own CSV parser is not let loose on the records: one quote that is never closed makes
it swallow the rest of a buffer and report a single rejected line (1.3 of 2 million rows, DuckDB
2.0), and mixed line ends lose a character. So it reads whole lines, and a line is the unit:

* a line that splits into exactly as many fields as the header is a row;
* else, if it opens a quoted field that a later line (at most `MULTI_LINE` on) closes, and the lines
  together make one row, they are one row (blank lines inside the field are dropped);
* else the line alone is unreadable: counted, kept as it stands, and the next line is read afresh.

Blank lines are no rows. Row numbers count from 1 below the header. The number of lines is checked
against a count of the bytes (`source.fingerprint`), Parquet against the file's own footer.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb
from duckdb import DuckDBPyConnection

from federated.site.landing.source import FIELD_SEPARATOR, Fingerprint, SourceFile
from federated.site.landing.sql import identifier, literal
from privacy.problem import Problem

MULTI_LINE = 1000
"""A quoted field may run over this many lines; a quote left open is not looked for further on."""

_DELIMITERS = (",", ";")
_MAX_LINE_BYTES = 1 << 23


@dataclass(frozen=True)
class Staged:
    """Temporary table `table`: row_number bigint, cells varchar[] (in the order of `header`, null
    where the line is unreadable), line varchar (the unreadable line).

    position: added to a row number it orders rows over all files of the part.
    columns: the wanted column -> its index in `cells`, from 1. rows: counted from the file itself.
    """

    table: str
    file: str
    header: tuple[str, ...]
    columns: dict[str, int]
    position: int
    rows: int

    @property
    def ignored(self) -> list[str]:
        used = set(self.columns.values())
        return [name for index, name in enumerate(self.header, 1) if index not in used]


def stage(
    connection: DuckDBPyConnection,
    file: SourceFile,
    fingerprint: Fingerprint,
    *,
    table: str,
    ordinal: int,
    wanted: Sequence[str],
    required: Iterable[str],
) -> Staged:
    """Read `file` into the temporary table `table`.

    wanted, required: column names to find, compared without regard to case. Raises Problem where a
    required one is missing or the file cannot be read.
    """
    if file.is_parquet:
        header = _parquet_header(connection, file)
        columns = _match(file, header, wanted, required)
        rows = _stage_parquet(connection, file, table, header)
    else:
        delimiter, header = _csv_header(file, wanted)
        columns = _match(file, header, wanted, required)
        rows = _stage_csv(
            connection, file, fingerprint, table=table, delimiter=delimiter, width=len(header)
        )
    return Staged(table, file.name, header, columns, ordinal << 40, rows)


# -- columns ---------------------------------------------------------------------------------------


def _match(
    file: SourceFile, header: Sequence[str], wanted: Sequence[str], required: Iterable[str]
) -> dict[str, int]:
    index: dict[str, int] = {}
    for position, name in enumerate(header, 1):
        if name.casefold() in index:
            raise Problem(
                f"the column `{name}` stands twice", str(file.path), "Remove or rename one of them."
            )
        index[name.casefold()] = position
    columns = {name: index[name.casefold()] for name in wanted if name.casefold() in index}
    for name in required:
        if name not in columns:
            others = [h for h in header if h.casefold() not in {w.casefold() for w in columns}]
            raise Problem(
                f"the column `{name}` is missing", str(file.path), _did_you_mean(name, others)
            )
    return columns


def _did_you_mean(name: str, others: Sequence[str]) -> str:
    by_case = {other.casefold(): other for other in others}
    close = get_close_matches(name.casefold(), by_case, n=1, cutoff=0.5)
    if close:
        return f"Did you mean it by `{by_case[close[0]]}`? Rename that column."
    return "Deliver the file with that column."


# -- CSV -------------------------------------------------------------------------------------------


def _csv_header(file: SourceFile, wanted: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The delimiter under which the header shows most of the wanted columns, and the header."""
    with file.path.open(encoding="utf-8-sig") as stream:
        line = next((stripped for raw in stream if (stripped := raw.strip("\r\n"))), None)
    if line is None:
        raise Problem("the file is empty: it has no header", str(file.path), "Deliver it anew.")
    names = {name.casefold() for name in wanted}
    readings = [
        (delimiter, tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))))
        for delimiter in _DELIMITERS
    ]
    return max(
        readings,
        key=lambda reading: (len(names & {n.casefold() for n in reading[1]}), len(reading[1])),
    )


def _stage_csv(
    connection: DuckDBPyConnection,
    file: SourceFile,
    fingerprint: Fingerprint,
    *,
    table: str,
    delimiter: str,
    width: int,
) -> int:
    """Fill `table`; return the number of rows."""
    if fingerprint.has_quotes:
        cells, odd = _quoted_cells("line", delimiter), _quotes_in("line")
    else:
        cells, odd = _plain_cells("line", delimiter), "0"
    lines = f"{table}_lines"
    try:
        connection.execute(
            f"""
            create temp table {lines} as
            select number, line, odd, if(len(cells) = {width}, cells, null) as cells
            from (
                select row_number() over () as number, line, {odd} % 2 = 1 as odd, {cells} as cells
                from read_csv({literal(str(file.path))}, columns = {{'line': 'varchar'}},
                    auto_detect = false, header = false, delim = {literal(FIELD_SEPARATOR)},
                    quote = '', escape = '', comment = '', new_line = '\\n', strict_mode = false,
                    compression = 'none', max_line_size = {_MAX_LINE_BYTES})
                where line is not null
            )
            """
        )
    except duckdb.IOException:
        raise Problem("the file cannot be read", str(file.path), "Check it.") from None
    except duckdb.InvalidInputException:  # its text shows the line: never pass it on
        raise Problem(
            "the file cannot be read as lines of text",
            str(file.path),
            f"No line may be longer than {_MAX_LINE_BYTES >> 20} MB.",
        ) from None
    _expect(file, _count(connection, lines), fingerprint.lines)
    joined = _join_multi_line(connection, lines, delimiter, width) if fingerprint.has_quotes else 0
    connection.execute(
        f"""
        create temp table {table} as
        select number - 1 as row_number, cells, if(cells is null, line, null) as line
        from {lines} where number > 1
        """
        if not joined
        else f"""
        create temp table {table} as
        select row_number() over (order by number) - 1 as row_number,
            coalesce(j.cells, l.cells) as cells,
            if(l.cells is null and j.cells is null, line, null) as line
        from {lines} l left join {lines}_joined j on j.first = l.number
        where number not in (
            select unnest(range(first + 1, last + 1)) from {lines}_joined
        )
        qualify number > 1
        """
    )
    connection.execute(f"drop table {lines}")
    return fingerprint.lines - 1 - joined


def _quotes_in(line: str) -> str:
    return f"(len({line}) - len(replace({line}, '\"', '')))"


def _plain_cells(line: str, delimiter: str) -> str:
    return f"string_split({line}, {literal(delimiter)})"


def _quoted_cells(line: str, delimiter: str) -> str:
    """SQL: the fields of a line by RFC 4180, or null where its quotes are not in order.

    A quote inside a field that does not begin with one is a character like any other.
    """
    d = delimiter
    field = f'(?:"(?:[^"]|"")*"|[^"{d}][^{d}]*|)'
    unquoted = """if(starts_with(f, '"'), replace(f[2:-2], '""', '"'), f)"""
    plain = _plain_cells(line, delimiter)
    in_quotes = """len(f) > 1 and starts_with(f, '"') and ends_with(f, '"')"""
    # The second case is what most programs write: whole fields in quotes, nothing odd inside. Every
    # quote of the line then is the first or last of a field, and the plain split is the right one.
    return f"""
        case
            when not contains({line}, '"') then {plain}
            when 2 * len(list_filter({plain}, lambda f: {in_quotes})) = {_quotes_in(line)} then
                list_transform({plain}, lambda f: {unquoted})
            when regexp_full_match({literal(d)} || {line}, {literal(f"(?:{d}{field})*")}) then
                list_transform(
                    regexp_extract_all({literal(d)} || {line}, {literal(f"{d}({field})")}, 1),
                    lambda f: {unquoted}
                )
        end
    """


def _join_multi_line(connection: DuckDBPyConnection, lines: str, delimiter: str, width: int) -> int:
    """Find the rows that run over several lines; return how many lines they take beyond the first.

    A pair of lines with an odd number of quotes, the first not readable by itself, is a candidate;
    it counts if what lies between parses. Leaves `<lines>_joined(first, last, cells)`.
    """
    connection.execute(
        f"""
        create temp table {lines}_joined as
        with pair as (
            select number as first, lead(number) over (order by number) as last,
                cells is null as opens
            from {lines} where odd
        ),
        part as (
            select first, last, unnest(range(first, last + 1)) as number
            from pair where opens and last - first <= {MULTI_LINE}
        ),
        whole as (
            select first, last, string_agg(line, chr(10) order by number) as line
            from part join {lines} using (number) group by first, last
        )
        select first, last, {_quoted_cells("line", delimiter)} as cells from whole
        """
    )
    connection.execute(
        f"delete from {lines}_joined where len(cells) is distinct from {width} or first = 1"
    )
    taken_to, overlapping, extra = 0, list[int](), 0
    pairs = connection.execute(f"select first, last from {lines}_joined order by first").fetchall()
    for first, last in pairs:  # a line that closes one row cannot open the next
        if first <= taken_to:
            overlapping.append(first)
        else:
            taken_to = last
            extra += last - first
    if overlapping:
        connection.execute(
            f"delete from {lines}_joined where list_contains(?::bigint[], first)", [overlapping]
        )
    return extra


# -- Parquet ---------------------------------------------------------------------------------------


def _unreadable_parquet(file: SourceFile) -> Problem:
    return Problem(
        "the file cannot be read as Parquet",
        str(file.path),
        "Deliver it anew; it may be cut short.",
    )


def _parquet_header(connection: DuckDBPyConnection, file: SourceFile) -> tuple[str, ...]:
    try:
        described = connection.execute(
            f"describe select * from read_parquet({literal(str(file.path))})"
        ).fetchall()
    except duckdb.Error:
        raise _unreadable_parquet(file) from None
    return tuple(str(row[0]) for row in described)


def _stage_parquet(
    connection: DuckDBPyConnection, file: SourceFile, table: str, header: Sequence[str]
) -> int:
    cells = ", ".join(f"source.{identifier(name)}::varchar" for name in header)
    path = literal(str(file.path))
    try:
        footer = connection.execute(
            f"select sum(num_rows)::bigint from parquet_file_metadata({path})"
        ).fetchone()
        connection.execute(
            f"""
            create temp table {table} as
            select row_number() over () as row_number, [{cells}] as cells, null::varchar as line
            from read_parquet({path}) as source
            """
        )
    except duckdb.Error:
        raise _unreadable_parquet(file) from None
    rows = footer[0] if footer else 0
    _expect(file, _count(connection, table), rows)
    return rows


# -- counts ----------------------------------------------------------------------------------------


def _count(connection: DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return row[0] if row else 0


def _expect(file: SourceFile, read: int, there: int) -> None:
    if read != there:
        raise Problem(
            "the reader did not return as many rows as the file has",
            str(file.path),
            "Nothing was landed; please report the file's line ends and quotes, not its content.",
        )
