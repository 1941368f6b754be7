"""One measured piece of work in a process of its own, which is told as JSON what to do.

Prints `{"cpu": CPU-seconds, "rss": peak bytes}` of the work itself: what starting Python and
importing a library costs is left out, for every contender alike.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.benchmark.contenders.lookups import read_lookups
from dagster_project.benchmark.measure import peak_rss
from dagster_project.benchmark.pipeline import SELECTIONS, Pipeline
from dagster_project.benchmark.scan import scan
from dagster_project.benchmark.transforms import TRANSFORMS, open_bench

Job = Mapping[str, Any]


def main(job: Job) -> None:
    """Prepare, do the work with the clock running, report, then keep the result if asked to."""
    work, keep = _JOBS[job["task"]](job)
    began = time.process_time()
    work()
    cpu = time.process_time() - began
    json.dump({"cpu": cpu, "rss": peak_rss()}, sys.stdout)
    keep()


def _no_result() -> None:
    """A scan keeps nothing, and a script leaves its warehouse."""


def _scan(job: Job) -> tuple[Callable[[], None], Callable[[], None]]:
    files = {Path(file): columns for file, columns in job["files"].items()}
    return lambda: scan(files, job["memory_limit"]), _no_result


def _script(job: Job) -> tuple[Callable[[], None], Callable[[], None]]:
    """A selection's SQL by hand: one process, one connection, one statement after another."""
    steps = Pipeline(Path(job["pipeline"])).build_steps(SELECTIONS[job["selection"]])
    statements = [step.statement for step in steps if job["tests"] or step.kind != "test"]
    schemas = {step.relation.split(".")[0] for step in steps if step.relation}

    def work() -> None:
        with duckdb.connect(job["warehouse"], config=_config(job)) as connection:
            for schema in sorted(schemas):
                connection.execute(f"create schema if not exists {schema}")
            for statement in statements:
                connection.execute(statement).fetchall()

    return work, _no_result


def _ours(job: Job) -> tuple[Callable[[], None], Callable[[], None]]:
    transform = TRANSFORMS[job["transform"]]
    given = [relation.split(".")[1] for relation in transform.given]
    steps = Pipeline(Path(job["pipeline"])).models(transform.model, given=given)
    connection, tables = open_bench(
        Path(job["inputs"]), Path(job["built"]), steps, transform, _config(job)
    )

    def work() -> None:
        for step in tables:
            connection.execute(step.statement)

    return work, lambda: _keep(connection, tables[-1].relation, job)


def _duckdb(job: Job) -> tuple[Callable[[], None], Callable[[], None]]:
    from dagster_project.benchmark.contenders import duckdb_sql  # noqa: PLC0415 -- a process loads its own contender alone

    connection, lookups = duckdb.connect(config=_config(job)), _lookups(job)
    inputs = Path(job["inputs"])
    return (
        lambda: duckdb_sql.run(job["transform"], inputs, lookups, connection),
        lambda: _keep(connection, "result", job),
    )


def _polars(job: Job) -> tuple[Callable[[], None], Callable[[], None]]:
    from dagster_project.benchmark.contenders import polars_frames  # noqa: PLC0415 -- see above

    results, lookups = [], _lookups(job)

    def work() -> None:
        results.append(polars_frames.run(job["transform"], Path(job["inputs"]), lookups))

    return work, lambda: results[0].write_parquet(job["result"]) if job["result"] else None


def _pandas(job: Job) -> tuple[Callable[[], None], Callable[[], None]]:
    from dagster_project.benchmark.contenders import pandas_frames  # noqa: PLC0415 -- see above

    results, lookups = [], _lookups(job)

    def work() -> None:
        results.append(pandas_frames.run(job["transform"], Path(job["inputs"]), lookups))

    return work, lambda: results[0].to_parquet(job["result"]) if job["result"] else None


def _lookups(job: Job) -> Any:
    return read_lookups(date.fromisoformat(job["first"]), date.fromisoformat(job["last"]))


def _config(job: Job) -> dict[str, Any]:
    limit = {"memory_limit": job["memory_limit"]} if job["memory_limit"] else {}
    return {"threads": 2, "temp_directory": job["scratch"], **limit}


def _keep(connection: duckdb.DuckDBPyConnection, relation: str, job: Job) -> None:
    if job["result"]:
        connection.execute(f"copy {relation} to '{job['result']}' (format parquet)")


_JOBS: dict[str, Callable[[Job], tuple[Callable[[], None], Callable[[], None]]]] = {
    "scan": _scan,
    "script": _script,
    "ours": _ours,
    "duckdb": _duckdb,
    "polars": _polars,
    "pandas": _pandas,
}

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
