"""The last month of NPR and KUHR as a delivery of its own, which can be there or not."""

# ruff: noqa: S608 -- what is spliced in is named here

from datetime import date
from pathlib import Path

import duckdb

from dagster_project.benchmark.landing import delivery_id

_CLAIM_IS_LATE = "claim_id in (select claim_id from landing.kuhr_claim where claim_date >= ?)"
_LATE = {
    "npr": {"npr_stay": "discharge_date >= ?"},
    "kuhr": {
        "kuhr_diagnosis": _CLAIM_IS_LATE,
        "kuhr_tariff": _CLAIM_IS_LATE,
        "kuhr_claim": "claim_date >= ?",
    },
}
"""Register -> landing table -> which rows come late, by the first day of the month."""


def split_last_month(warehouse: Path, last_day: date) -> tuple[int, int]:
    """Move what is of the month of `last_day` into a delivery a register, not current for now.

    Returns how many rows of those tables moved, and how many there are.
    """
    month = last_day.replace(day=1)
    moved = total = 0
    with duckdb.connect(str(warehouse)) as connection:
        for register, tables in _LATE.items():
            connection.execute(
                "insert into landing.delivery "
                "(delivery_id, format, period_from, period_to, period_stated, data_end, state) "
                "select ?, format, ?, period_to, true, data_end, 'replaced' "
                "from landing.delivery where delivery_id = ?",
                [_late(register), month, delivery_id(register)],
            )
            connection.execute(
                "update landing.delivery set period_to = ?::date - 1, data_end = ? "
                "where delivery_id = ?",
                [month, month, delivery_id(register)],
            )
            for table, late in tables.items():
                (changed,) = connection.execute(
                    f"update landing.{table} set delivery_id = ? where {late}",
                    [_late(register), month],
                ).fetchall()[0]
                (rows,) = connection.execute(f"select count(*) from landing.{table}").fetchall()[0]
                moved, total = moved + changed, total + rows
        connection.execute("checkpoint")
    return moved, total


def bring(warehouse: Path, *, late: bool) -> None:
    """Make the last month's deliveries current, or not."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update landing.delivery set state = ? where delivery_id in (select unnest(?))",
            ["current" if late else "replaced", [_late(register) for register in _LATE]],
        )


def _late(register: str) -> str:
    return delivery_id(f"{register} late")
