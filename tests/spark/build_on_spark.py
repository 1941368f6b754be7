"""Run as a script in the Spark environment: `dbt build` of each site that standard input names.

Arguments: project folder, working folder (takes everything Spark and dbt write). Standard input: a JSON
list of `{"site": id, "landing": folder, "results": folder, "arguments": [of dbt build]}`. A landing
folder has one Parquet file per landing table. What was built is left as Parquet in
`<results>/<schema>.<table>/`. One session, one parse; a site's tables replace those of the one before.
"""

import json
import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports] # has its own environment


def local_session(work: Path) -> SparkSession:
    """Two threads, 2 GB, a catalogue in memory; dbt finds this session and uses it."""
    settings = {
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={work}",
        "spark.local.dir": str(work / "spark"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("sloyfe")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def land(session: SparkSession, folder: Path) -> None:
    session.sql("drop schema if exists landing cascade")
    session.sql("create schema landing")
    for file in sorted(folder.glob("*.parquet")):
        session.sql(f"create table landing.{file.stem} using parquet location '{file.as_uri()}'")


def leave_results(session: SparkSession, manifest: Manifest, folder: Path) -> None:
    """Every table and view there is of those the project knows."""
    for node in manifest.nodes.values():
        table = f"{node.schema}.{node.alias}"
        if node.resource_type in ("model", "seed") and session.catalog.tableExists(table):
            session.table(table).coalesce(1).write.parquet(str(folder / table))


def main(project: str, work: str) -> int:
    os.chdir(work)
    common = [
        *("--project-dir", project, "--profiles-dir", project, "--target", "spark"),
        *("--target-path", str(Path(work) / "target"), "--log-path", str(Path(work) / "logs")),
    ]
    session = local_session(Path(work))
    try:
        manifest = dbtRunner().invoke(["parse", "--quiet", *common]).result
        if not isinstance(manifest, Manifest):
            return 1
        for site in json.load(sys.stdin):
            land(session, Path(site["landing"]))
            os.environ["SLOYFE_SITE"] = site["site"]
            built = dbtRunner(manifest=manifest).invoke(["build", *common, *site["arguments"]])
            if not built.success:
                return 1
            leave_results(session, manifest, Path(site["results"]))
    finally:
        session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
