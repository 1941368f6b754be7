"""Writing: sound rows to landing, the others to quarantine, raw and with their reasons."""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

from collections.abc import Sequence

from duckdb import DuckDBPyConnection

from federated.site.landing.sql import identifier, literal
from federated.site.landing.staging import Staged


def mark_duplicates(
    connection: DuckDBPyConnection,
    checked: str,
    key: Sequence[str],
    landed: Sequence[str],
    reason: str,
) -> None:
    """Add `reason` to every row of `checked` whose `key` (SQL expressions) is taken.

    Taken by a row of another delivery (`landed`: SELECTs of the same key), or by an earlier row of
    this one that is itself sound: of several rows with one key the first sound one lands. A row
    with an empty cell in its key is no duplicate.
    """
    columns = ", ".join(key)
    for taken in landed:
        connection.execute(
            f"update {checked} set reasons = list_append(reasons, ?) "
            f"where ({columns}) in ({taken})",
            [reason],
        )
    names = ", ".join(f"{part} as taken_{i}" for i, part in enumerate(key))
    same = " and ".join(f"{part} = taken_{i}" for i, part in enumerate(key))
    known = " and ".join(f"{part} is not null" for part in key)
    connection.execute(
        f"""
        update {checked} set reasons = list_append(reasons, ?)
        from (
            select {names}, min(position) filter (where len(reasons) = 0) as first_sound
            from {checked} where {known} group by {columns} having count(*) > 1
        )
        where {same} and position > first_sound
        """,
        [reason],
    )


def reject(
    connection: DuckDBPyConnection,
    checked: str,
    staged: Staged,
    *,
    delivery_id: str,
    table_name: str,
    condition: str = "true",
) -> None:
    """Write the rows of one file that have a reason to quarantine, as the file has them.

    table_name, condition: SQL over the columns of `checked`.
    """
    raw = ", ".join(f"{literal(h)}, s.cells[{i}]" for i, h in enumerate(staged.header, 1))
    connection.execute(
        f"""
        insert into quarantine.rejected_row
        select ?, {table_name}, c.file, c.row_number, c.reasons,
            if(s.cells is null, json_object('line', s.line), json_object({raw}))
        from {checked} c join {staged.table} s on c.position = {staged.position} + s.row_number
        where len(c.reasons) > 0 and {condition}
        """,
        [delivery_id],
    )


def land(
    connection: DuckDBPyConnection,
    table: str,
    values: dict[str, str],
    rows: str,
    delivery_id: str,
) -> None:
    """Insert `rows` (what follows FROM) into a landing table; `values`: column -> SQL.

    A column that is not in `values` stays empty.
    """
    columns = ", ".join(identifier(name) for name in values)
    connection.execute(
        f"insert into landing.{identifier(table)} ({columns}, delivery_id, file, row_number) "
        f"select {', '.join(values.values())}, ?, file, row_number from {rows}",
        [delivery_id],
    )
