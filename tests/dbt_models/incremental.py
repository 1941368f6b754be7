"""Incremental models run again from the SQL that dbt compiled and ran: full, and going on."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from federated.site.landing.contract import load_contract
from tests.dbt_models.sites import Built, build, new_warehouse

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Landing table -> rows, by the landing's own column names; what a row leaves out is null."""

MODELS = {
    "fct_stay": "marts",
    "fct_hospital_contact": "marts",
    "fct_claim": "marts",
    "int_stay_diagnosis": "intermediate",
}
"""Incremental model -> its schema."""


@dataclass(frozen=True)
class Incremental:
    """full: the query that makes the whole table. fresh: the one that makes only what has changed.
    apply: the statements that bring it in, from a table called `fresh`.
    """

    relation: str
    full: str
    fresh: str
    apply: str


def compile_incremental(work: Path) -> tuple[Path, dict[str, Incremental]]:
    """A warehouse without deliveries, its views and seeds built, and each model's SQL."""
    warehouse = new_warehouse(work / "site" / "warehouse.duckdb")
    arguments = {
        "site": (
            *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
            *("--select", *(f"+{model}" for model in MODELS)),
        )
    }
    first = build({"site": warehouse}, work / "dbt", arguments)
    full = {model: first.compiled(model) for model in MODELS}
    again = build({"site": warehouse}, work / "dbt", arguments)
    return warehouse, {
        model: Incremental(
            relation=f"{schema}.{model}",
            full=full[model],
            fresh=again.compiled(model),
            apply=_applied(again, model),
        )
        for model, schema in MODELS.items()
    }


def _applied(built: Built, model: str) -> str:
    (file,) = (built.artefacts / "target" / "run" / "sloyfe" / "models").glob(f"*/{model}.sql")
    sql, replaced = re.subn(rf'"{model}__dbt_tmp\d*"', "fresh", file.read_text(encoding="utf-8"))
    assert replaced, sql
    return sql


def land(
    connection: duckdb.DuckDBPyConnection, id_: str, format_: str, rows: Rows, period: str = "2024"
) -> None:
    """One more current delivery."""
    connection.execute(
        "insert into landing.delivery "
        "(delivery_id, format, period_from, period_to, period_stated, data_end, state) "
        "values (?, ?, ?, ?, true, ?::date + 1, 'current')",
        [id_, format_, f"{period}-01-01", f"{period}-12-31", f"{period}-12-31"],
    )
    for table, of_table in rows.items():
        for row in of_table:
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into landing.{table} ({names}, delivery_id) values ({marks}, ?)",
                [*row.values(), id_],
            )


def withdraw(connection: duckdb.DuckDBPyConnection, ids: Iterable[str]) -> None:
    """As the landing does it: the rows leave, the vintage line stays."""
    for id_ in ids:
        for table in load_contract():
            connection.execute(f"delete from landing.{table.name} where delivery_id = ?", [id_])
        connection.execute(
            "update landing.delivery set state = 'replaced' where delivery_id = ?", [id_]
        )


def empty(connection: duckdb.DuckDBPyConnection, models: Mapping[str, Incremental]) -> None:
    """Back to a site without deliveries."""
    for table in load_contract():
        connection.execute(f"delete from landing.{table.name}")
    connection.execute("delete from landing.delivery")
    for model in models.values():
        connection.execute(f"delete from {model.relation}")


def go_on(connection: duckdb.DuckDBPyConnection, model: Incremental) -> None:
    """What an incremental build of the model does."""
    connection.execute(f"create or replace temporary table fresh as {model.fresh}")
    connection.begin()
    for statement in filter(None, (part.strip() for part in model.apply.split(";"))):
        connection.execute(statement)
    connection.commit()
    connection.execute("drop table fresh")


def difference(
    connection: duckdb.DuckDBPyConnection, left: str, right: str, limit: int = 3
) -> list[tuple[object, ...]]:
    """Rows that one of the two queries has more often than the other."""
    return connection.execute(
        f"(from ({left}) except all from ({right})) union all "
        f"(from ({right}) except all from ({left})) limit {limit}"
    ).fetchall()
