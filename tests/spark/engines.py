"""The same sites built by both engines, and what differs between them."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dbt_models import PROJECT_DIR
from tests.spark.landing import export_landing

_RUN = Path(__file__).with_name("build_on_spark.py")
TO_MARTS = ("--selector", "to_marts")

SUMS_OF_KRONER = {"marts.fct_claim_month": ("patient_share", "refund")}
"""Sums of `double`, compared in whole øre: their last bits depend on the order of adding."""

TYPES_ON_SPARK = {"TIME": "VARCHAR"}
"""DuckDB type -> that of the same column on Spark, where they are not the same."""


@dataclass(frozen=True)
class Step:
    """A command of dbt on Spark: what it is run on, and whether it has to fail.

    name: of the folder its results are left in. warehouse: whose landing Spark is given.
    """

    name: str
    warehouse: Path
    command: Sequence[str]
    project: Path = PROJECT_DIR
    fails: bool = False


def python_of_spark() -> str:
    """Path of the Spark environment's Python. Fails the test where there is none."""
    python = os.environ.get("SLOYFE_SPARK_PYTHON")
    if not python:
        pytest.fail("there is no Spark environment: run `make test-spark`, which makes it")
    return python


def run_on_spark(steps: Sequence[Step], python: str, work: Path) -> str:
    """Run these one after another on one local Spark session; what dbt said.

    The results of a step are Parquet in `<work>/results/<its name>/<schema>.<table>/`.
    """
    given = []
    for step in steps:
        landing = work / "landing" / step.name
        export_landing(step.warehouse, landing)
        given.append(
            {
                "site": step.warehouse.parent.name,
                "project": str(step.project),
                "landing": str(landing),
                "results": str(work / "results" / step.name),
                "command": step.command,
                "fails": step.fails,
            }
        )
    done = subprocess.run(
        [python, str(_RUN), str(work)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-20_000:]
    return done.stdout


def tables_in(results: Path) -> set[str]:
    """`schema.table` of everything a step has built."""
    return {folder.name for folder in results.iterdir()}


def differences(warehouse: Path, results: Path, table: str) -> list[str]:
    """In words, how Spark's table is not DuckDB's: columns, their types, and rows as a multiset."""
    parquet = f"read_parquet('{results / table}/*.parquet')"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ours, theirs = _columns(connection, table), _columns(connection, parquet)
        if {name: TYPES_ON_SPARK.get(kind, kind) for name, kind in ours.items()} != theirs:
            return [f"columns: {sorted(ours.items() ^ theirs.items())}"]
        cast = ", ".join(
            f"round({name}, 2) as {name}"
            if name in SUMS_OF_KRONER.get(table, ())
            else f"{name}::{kind} as {name}"
            for name, kind in theirs.items()
        )
        rows = {
            name: f"select {cast} from {at}" for name, at in (("DuckDB", table), ("Spark", parquet))
        }
        return [
            f"only {one} has {row}"
            for one, other in (("DuckDB", "Spark"), ("Spark", "DuckDB"))
            for row in connection.execute(
                f"{rows[one]} except all {rows[other]} limit 3"
            ).fetchall()
        ]


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    described = connection.execute(f"describe select * from {relation}").fetchall()
    return {name: kind for name, kind, *_ in described}
