"""Run as a script in the Spark environment: dbt builds the sites that standard input names.

Argument: a working folder, which takes everything that Spark and dbt write. Standard input: a JSON
list of steps (`Step`), run in one session, so that each finds what the one before has left. Exit
code 0 where every command ended as its step says.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports] # not in this environment


@dataclass(frozen=True)
class Step:
    """One command of dbt. project, landing, results: folders. fails: whether it has to.

    The landing has one Parquet file per table. What the command built is left as Parquet in
    `<results>/<schema>.<table>/`.
    """

    site: str
    project: str
    landing: str
    results: str
    command: list[str]
    fails: bool


def local_session(work: Path) -> SparkSession:
    """Two threads, 2 GB, a catalogue in memory; dbt finds this session and uses it.

    For many statements on small data: whatever a server does to run one statement faster (machine
    code, bytecode for each plan, plans made anew on the way) costs more here than it saves.
    """
    settings = {
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": (
            f"-Djava.io.tmpdir={work} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        ),
        "spark.local.dir": str(work / "spark"),
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("sloyfe")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def land(session: SparkSession, folder: Path) -> None:
    session.sql("drop schema if exists landing cascade")
    session.sql("create schema landing")
    for file in sorted(folder.glob("*.parquet")):
        session.sql(f"create table landing.{file.stem} using parquet location '{file.as_uri()}'")


@cache
def options(project: str) -> tuple[str, ...]:
    own = Path.cwd() / f"dbt-{abs(hash(project))}"  # dbt takes a relative one for the project's
    return (
        *("--project-dir", project, "--profiles-dir", project, "--target", "spark"),
        *("--target-path", str(own / "target"), "--log-path", str(own / "logs")),
    )


@cache
def parsed(project: str) -> Manifest:
    done = dbtRunner().invoke(["parse", "--quiet", *options(project)])
    if not isinstance(done.result, Manifest):
        raise SystemExit(f"{project} cannot be parsed: {done.exception}")
    return done.result


def run(session: SparkSession, step: Step) -> bool:
    """Whether dbt succeeded."""
    land(session, Path(step.landing))
    os.environ["SLOYFE_SITE"] = step.site
    dbt = dbtRunner(manifest=parsed(step.project))
    done = dbt.invoke([*step.command, *options(step.project)])
    built = [
        f"{result.node.schema}.{result.node.alias}"
        for result in getattr(done.result, "results", ())
        if result.node.resource_type in ("model", "seed") and result.status == "success"
    ]

    def leave(table: str) -> None:
        session.table(table).coalesce(1).write.parquet(f"{step.results}/{table}")

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(leave, built))
    return done.success


def main(work: str) -> int:
    os.chdir(work)
    session = local_session(Path(work))
    try:
        for step in (Step(**given) for given in json.load(sys.stdin)):
            if run(session, step) is step.fails:
                return 1
    finally:
        session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
