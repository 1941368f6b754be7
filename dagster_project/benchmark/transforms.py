"""The three named transforms: what each reads, our models of it, and what its result is.

Every contender of a transform reads the same Parquet files and gives the same rows:

- episodes: the landing's `npr_stay` to `fct_episode`;
- monthly: `fct_claim` to `fct_claim_month`;
- preadmission: `fct_claim`, `fct_care_service` and `int_acute_admission_day` to
  `int_admission_service`.
"""

# ruff: noqa: S608 -- what is spliced in is named here or in the contract

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.benchmark.data import Data
from dagster_project.benchmark.landing import delivery_id
from dagster_project.benchmark.pipeline import WAREHOUSE, Step
from federated.site.landing.contract import table_named


@dataclass(frozen=True)
class Transform:
    """model: its last model. inputs: file -> columns that it reads, which the scan reads too.

    given: the relations that stand on those files; what lies between them and `model` is run.
    """

    name: str
    model: str
    given: dict[str, str]
    inputs: dict[str, tuple[str, ...]]


TRANSFORMS = {
    transform.name: transform
    for transform in (
        Transform(
            "episodes",
            "fct_episode",
            {"landing.npr_stay": "npr_stay"},
            {
                "npr_stay": (
                    "episode_id", "person_id", "care_level", "admission_date", "admission_time",
                    "discharge_date", "discharge_time", "urgency", "state_at_discharge", "sex",
                    "birth_year", "death_date", "link_quality",
                )
            },
        ),
        Transform(
            "monthly",
            "fct_claim_month",
            {"marts.fct_claim": "fct_claim"},
            {"fct_claim": ("contact_on", "service", "area", "age", "patient_share", "refund")},
        ),
        Transform(
            "preadmission",
            "int_admission_service",
            {
                "marts.fct_claim": "fct_claim",
                "marts.fct_care_service": "fct_care_service",
                "intermediate.int_acute_admission_day": "int_acute_admission_day",
            },
            {
                "fct_claim": ("person_id", "service", "contact_on"),
                "fct_care_service": (
                    "person_id", "service", "started_on", "ended_on", "death_date",
                ),
                "int_acute_admission_day": ("person_id", "day"),
            },
        ),
    )
}  # fmt: skip
_FROM_MARTS = {
    "fct_claim": ("marts.fct_claim", "claim_id"),
    "fct_care_service": ("marts.fct_care_service", "service_id"),
    "int_acute_admission_day": ("intermediate.int_acute_admission_day", "person_id"),
}


def export_inputs(warehouse: Path, data: Data, out: Path) -> None:
    """The files that transforms start from and no delivery holds, in random order, from a build."""
    out.mkdir(parents=True, exist_ok=True)
    link = out / "npr_stay.parquet"
    link.unlink(missing_ok=True)
    link.symlink_to(data.parquet("npr_stay").resolve())
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for name, (relation, key) in _FROM_MARTS.items():
            connection.execute(
                f"copy (select * from {relation} order by hash({key}, '{name}')) "
                f"to '{out / name}.parquet' (format parquet)"
            )


def open_bench(
    inputs: Path,
    built: Path,
    steps: Iterable[Step],
    transform: Transform,
    config: Mapping[str, Any],
) -> tuple[duckdb.DuckDBPyConnection, list[Step]]:
    """A warehouse in memory with the seeds and views that our models of the transform need.

    steps: the transform's own models. Returns the connection and the tables that are to be made,
    in order.
    """
    connection = duckdb.connect(config=dict(config))
    name = Path(WAREHOUSE).stem
    connection.execute(f"attach ':memory:' as {name}; use {name}")
    connection.execute(f"attach '{built}' as built (read_only)")
    for schema in ("landing", "seeds", "input_layer", "staging", "intermediate", "marts", "tokens"):
        connection.execute(f"create schema {schema}")
    seeds = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = 'built' and schema_name = 'seeds'"
    ).fetchall()
    for (name,) in seeds:
        connection.execute(f"create table seeds.{name} as from built.seeds.{name}")
    connection.execute("create table landing.delivery as from built.landing.delivery")
    connection.execute("detach built")
    for relation, name in transform.given.items():
        connection.execute(f"create view {relation} as {_rows(connection, inputs, name)}")
    for step in steps:
        if step.kind == "view":
            connection.execute(step.statement)
    return connection, [step for step in steps if step.kind == "table"]


def _rows(connection: duckdb.DuckDBPyConnection, inputs: Path, name: str) -> str:
    """SELECT over a file; of the landing with every column that its table has."""
    file = f"read_parquet('{inputs / name}.parquet')"
    if name != "npr_stay":
        return f"select * from {file}"
    there = {row[0] for row in connection.execute(f"describe select * from {file}").fetchall()}
    table = table_named(name)
    columns = [
        c.name if c.name in there else f"null::{c.data_type} as {c.name}" for c in table.columns
    ]
    return (
        f"select {', '.join(columns)}, '{delivery_id(table.register)}' as delivery_id from {file}"
    )
