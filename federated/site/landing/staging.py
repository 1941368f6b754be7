"""From a file to rows of text cells in a temporary table, in the file's order, none lost.

CSV. DuckDB's own CSV parser is not let loose on the records: one quote that is never closed makes
it swallow the rest of a buffer and report a single rejected line (1.3 of 2 million rows, DuckDB
2.0), and mixed line ends lose a character. So it reads whole lines, and a line is the unit:

* a line that splits into exactly as many fields as the header is a row;
* else, if it opens a quoted field that a later line (at most `MULTI_LINE` on) closes, and the lines
  together make one row, they are one row (blank lines inside the field are dropped);
* else the line alone is unreadable: counted, kept as it stands, and the next line is read afresh.

Blank lines are no rows. Row numbers count from 1 below the header. The number of lines is checked
against a count of the bytes (`text.utf8_text`), Parquet against the file's own footer.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

import csv
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from federated.site.landing.mapping import NO_MAPPING, Mapping
from federated.site.landing.readable import Readable
from federated.site.landing.sql import identifier, literal
from federated.site.landing.text import FIELD_SEPARATOR, TextFile
from privacy.problem import Problem

MULTI_LINE = 1000
"""A quoted field may run over this many lines; a quote left open is not looked for further on."""

DELIMITERS = (",", ";", "\t")
_MAX_LINE_BYTES = 1 << 23
_SLIPS = 2
"""Letters by which a name may miss one that is asked for, and still be shown."""
_EXACT = 1 << 53
"""Beyond this a double does not hold every whole number, and is left as it is written."""


@dataclass(frozen=True)
class Staged:
    """Temporary table `table`: row_number bigint, cells varchar[] (in the order of `header`, null
    where the line is unreadable), line varchar (the unreadable line).

    position: added to a row number it orders rows over all files of the part.
    columns: the wanted column -> its index in `cells`, from 1. rows: counted from the file itself.
    shown: the header as messages may tell it.
    """

    table: str
    file: str
    header: tuple[str, ...]
    shown: tuple[str, ...]
    columns: dict[str, int]
    position: int
    rows: int

    @property
    def ignored(self) -> list[str]:
        used = set(self.columns.values())
        return [name for index, name in enumerate(self.shown, 1) if index not in used]


def stage(
    connection: DuckDBPyConnection,
    file: Readable,
    *,
    table: str,
    ordinal: int,
    wanted: Sequence[str],
    required: Iterable[str],
    mapping: Mapping = NO_MAPPING,
) -> Staged:
    """Read `file` into the temporary table `table`.

    wanted, required: column names to find, compared without regard to case, in the file or among
    the names that `mapping` gives its columns. Raises Problem where a required one is missing or
    the file cannot be read.
    """
    if file.text is None:
        types = _parquet_columns(connection, file)
        header = tuple(types)
        columns = _match(file, header, wanted, required, mapping)
        rows = _stage_parquet(connection, file, table, types)
    else:
        delimiter, header = _csv_header(file, wanted, mapping)
        columns = _match(file, header, wanted, required, mapping)
        rows = _stage_csv(
            connection, file, file.text, table=table, delimiter=delimiter, width=len(header)
        )
    shown = _shown(file, header, wanted)
    return Staged(table, file.name, header, shown, columns, ordinal << 40, rows)


# -- columns ---------------------------------------------------------------------------------------


def _match(
    file: Readable,
    header: Sequence[str],
    wanted: Sequence[str],
    required: Iterable[str],
    mapping: Mapping,
) -> dict[str, int]:
    names = mapping.renamed(header)
    if not {name.casefold() for name in names} & {name.casefold() for name in wanted}:
        # It may be a row: no word of it is shown.
        raise Problem(
            "the first line is no header: it names none of the expected columns",
            str(file.source.path),
            f"Expected {', '.join(f'`{name}`' for name in required)} and others, "
            "parted by ; , or a tab (another delimiter: say it in mapping.yaml).",
        )
    index: dict[str, int] = {}
    shown = _shown(file, names, wanted)
    for position, name in enumerate(names, 1):
        if name.casefold() in index:
            raise _stands_twice(shown[position - 1], file)
        index[name.casefold()] = position
    columns = {name: index[name.casefold()] for name in wanted if name.casefold() in index}
    missing = [name for name in required if name not in columns]
    if missing:
        used = {name.casefold() for name in columns}
        listed = ", ".join(f"`{name}`" for name in missing)
        raise Problem(
            f"the columns {listed} are missing"
            if missing[1:]
            else f"the column {listed} is missing",
            str(file.source.path),
            _did_you_mean(missing, [name for name in shown if name.casefold() not in used]),
        )
    return columns


def _shown(file: Readable, names: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The names as a message may show them: of a file of text, strange ones by their place alone.

    Where a line break is lost a row stands in the header, and a name may be a patient's value; a
    name is told as it stands where it is one of the wanted, or one of them but for `_SLIPS`.
    """
    if file.text is None:  # the names are in the file's schema: no row can stand among them
        return tuple(names)
    known = {name.casefold() for name in wanted}
    return tuple(
        name if _is_nearly_one_of(name.casefold(), known) else f"(column {place})"
        for place, name in enumerate(names, 1)
    )


def _is_nearly_one_of(name: str, known: set[str]) -> bool:
    for other in get_close_matches(name, known, n=1, cutoff=0.6):
        matching = SequenceMatcher(None, name, other).get_matching_blocks()
        common = sum(block.size for block in matching)
        return max(len(name), len(other)) - common <= _SLIPS
    return False


def _stands_twice(name: str, file: Readable) -> Problem:
    return Problem(
        f"the column `{name}` stands twice",
        str(file.source.path),
        "Remove or rename one of them.",
    )


def _did_you_mean(missing: Sequence[str], others: Sequence[str]) -> str:
    by_case = {other.casefold(): other for other in others}
    meant = {
        by_case[close[0]]: name
        for name in missing
        if (close := get_close_matches(name.casefold(), by_case, n=1, cutoff=0.6))
    }
    if meant:
        found = " and ".join(f"`{other}`" for other in meant)
        columns = ", ".join(f"{other}: {name}" for other, name in meant.items())
        return (
            f"Did you mean it by {found}? Rename that column, or say in mapping.yaml: "
            f"`columns: {{{columns}}}`."
        )
    return "Deliver the file with every such column, or say in mapping.yaml which of its own it is."


# -- CSV -------------------------------------------------------------------------------------------


def _csv_header(
    file: Readable, wanted: Sequence[str], mapping: Mapping
) -> tuple[str, tuple[str, ...]]:
    """The delimiter under which the header shows most of the wanted columns, and the header."""
    line = _first_line(file)
    names = {name.casefold() for name in wanted}
    try:
        readings = [
            (delimiter, _named(next(csv.reader([line], delimiter=delimiter))))
            for delimiter in ([mapping.delimiter] if mapping.delimiter else DELIMITERS)
        ]
    except csv.Error:
        raise Problem(
            "the first line is no header", str(file.source.path), "Deliver the file with one."
        ) from None
    return max(
        readings,
        key=lambda reading: (
            len(names & {n.casefold() for n in mapping.renamed(reading[1])}),
            len(reading[1]),
        ),
    )


def _named(cells: Iterable[str]) -> tuple[str, ...]:
    """The header's names; table programs leave columns without one at the end of each line."""
    return tuple(name.strip() or f"(column {n})" for n, name in enumerate(cells, 1))


def _first_line(file: Readable) -> str:
    """The first line that is not blank, however long the file's lines are."""
    with file.path.open(encoding="utf-8-sig") as stream:
        while line := stream.readline(_MAX_LINE_BYTES):
            if stripped := line.strip("\r\n"):
                return stripped
    raise Problem("the file is empty: it has no header", str(file.source.path), "Deliver it anew.")


def _stage_csv(
    connection: DuckDBPyConnection,
    file: Readable,
    text: TextFile,
    *,
    table: str,
    delimiter: str,
    width: int,
) -> int:
    """Fill `table`; return the number of rows."""
    if not text.has_quotes:
        cells = f"string_split(line, {literal(delimiter)})"
        _read_lines(
            connection,
            file,
            f"""
            create temp table {table} as
            select number - 1 as row_number,
                if(len(cells) = {width}, cells, null) as cells,
                if(len(cells) = {width}, null, line) as line
            from (select number, line, {cells} as cells from {_lines_of(file)}) where number > 1
            """,
        )
        _expect(file, _count(connection, table), text.lines - 1)
        return text.lines - 1
    lines = f"{table}_lines"
    _read_lines(
        connection,
        file,
        f"""
        create temp table {lines} as
        select number, line, odd, if(len(cells) = {width}, cells, null) as cells
        from (
            select number, line, {_quotes_in("line")} % 2 = 1 as odd,
                {_quoted_cells("line", delimiter)} as cells
            from {_lines_of(file)}
        )
        """,
    )
    _expect(file, _count(connection, lines), text.lines)
    joined = _join_multi_line(connection, lines, delimiter, width)
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
    return text.lines - 1 - joined


def _lines_of(file: Readable) -> str:
    """SQL: the lines of a file that are not blank, numbered from 1."""
    return f"""
        (select row_number() over () as number, line
        from read_csv({literal(str(file.path))}, columns = {{'line': 'varchar'}},
            auto_detect = false, header = false, delim = {literal(FIELD_SEPARATOR)},
            quote = '', escape = '', comment = '', new_line = '\\n', strict_mode = false,
            compression = 'none', max_line_size = {_MAX_LINE_BYTES},
            hive_partitioning = false)
        where line is not null)
    """


def _read_lines(connection: DuckDBPyConnection, file: Readable, statement: str) -> None:
    try:
        connection.execute(statement)
    except duckdb.IOException:
        raise Problem("the file cannot be read", str(file.source.path), "Check it.") from None
    except duckdb.InvalidInputException:  # its text shows the line: never pass it on
        raise Problem(
            "the file cannot be read as lines of text",
            str(file.source.path),
            f"No line may be longer than {_MAX_LINE_BYTES >> 20} MB.",
        ) from None


def _quotes_in(line: str) -> str:
    return f"(len({line}) - len(replace({line}, '\"', '')))"


def _quoted_cells(line: str, delimiter: str) -> str:
    """SQL: the fields of a line by RFC 4180, or null where its quotes are not in order.

    A quote inside a field that does not begin with one is a character like any other.
    """
    d = r"\|" if delimiter == "|" else delimiter
    field = f'(?:"(?:[^"]|"")*"|[^"{d}][^{d}]*|)'
    unquoted = """if(starts_with(f, '"'), replace(f[2:-2], '""', '"'), f)"""
    plain = f"string_split({line}, {literal(delimiter)})"
    in_quotes = """len(f) > 1 and starts_with(f, '"') and ends_with(f, '"')"""
    # The second case is what most programs write: whole fields in quotes, nothing odd inside. Every
    # quote of the line then is the first or last of a field, and the plain split is the right one.
    return f"""
        case
            when not contains({line}, '"') then {plain}
            when 2 * len(list_filter({plain}, lambda f: {in_quotes})) = {_quotes_in(line)} then
                list_transform({plain}, lambda f: {unquoted})
            when regexp_full_match({literal(delimiter)} || {line}, {literal(f"(?:{d}{field})*")})
            then
                list_transform(
                    regexp_extract_all(
                        {literal(delimiter)} || {line}, {literal(f"{d}({field})")}, 1
                    ),
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


def _unreadable_parquet(file: Readable) -> Problem:
    return Problem(
        "the file cannot be read as Parquet",
        str(file.source.path),
        "Deliver it anew; it may be cut short.",
    )


def _rows_of(file: Readable) -> str:
    """SQL: the rows as they stand in the file. A folder called `aar=2023` says nothing of them:
    DuckDB would put its own 2023 in place of the column.
    """
    return f"read_parquet({literal(str(file.path))}, hive_partitioning = false)"


def _parquet_columns(connection: DuckDBPyConnection, file: Readable) -> dict[str, str]:
    """Name -> DuckDB's type. DuckDB would rename the second column of a name: that one is told."""
    try:
        described = connection.execute(f"describe select * from {_rows_of(file)}").fetchall()
        own = pq.read_schema(file.path).names
    except (duckdb.Error, pa.ArrowException, OSError):
        raise _unreadable_parquet(file) from None
    seen = set[str]()
    for name in own:
        if name.casefold() in seen:
            raise _stands_twice(name, file)
        seen.add(name.casefold())
    return {str(row[0]): str(row[1]) for row in described}


def _parquet_cell(name: str, data_type: str) -> str:
    """SQL: a cell as text. A number that is whole shows no decimals, since pseudonyms and codes
    become floating point wherever a table program met an empty cell; not-a-number is such a cell.
    """
    value = f"source.{identifier(name)}"
    if data_type in ("DOUBLE", "FLOAT"):
        return f"""case
            when isnan({value}) then null
            when abs({value}) < {_EXACT} and {value} = trunc({value})
            then try_cast({value} as bigint)::varchar
            else {value}::varchar
        end"""
    if data_type.startswith("DECIMAL"):
        return rf"regexp_replace({value}::varchar, '\.0+$', '')"
    return f"{value}::varchar"


def _stage_parquet(
    connection: DuckDBPyConnection, file: Readable, table: str, types: AnyMapping[str, str]
) -> int:
    cells = ", ".join(_parquet_cell(name, data_type) for name, data_type in types.items())
    path = literal(str(file.path))
    try:
        footer = connection.execute(
            f"select sum(num_rows)::bigint from parquet_file_metadata({path})"
        ).fetchone()
        connection.execute(
            f"""
            create temp table {table} as
            select row_number() over () as row_number, [{cells}] as cells, null::varchar as line
            from {_rows_of(file)} as source
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


def _expect(file: Readable, read: int, there: int) -> None:
    if read != there:
        raise Problem(
            "the reader did not return as many rows as the file has",
            str(file.source.path),
            "Nothing was landed; please report the file's line ends and quotes, not its content.",
        )
