"""Every site is built once by each engine for all tests here: that is what costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dbt_models.conftest import project_files
from tests.dbt_models.sites import NO_UNIT_TESTS, build
from tests.spark.changes import BROKEN_CONTRACT, CHANGES, changed_project, model
from tests.spark.datasets import edge_site, empty_site, synthetic_sites
from tests.spark.engines import TO_MARTS, Step, python_of_spark, run_on_spark

CHANGED = "changed"


@dataclass(frozen=True)
class BothBuilt:
    """warehouses: site -> what DuckDB has built. results: site, or `CHANGED`, -> what Spark has.

    said: dbt's output on Spark. work: everything that dbt and Spark have written.
    """

    warehouses: Mapping[str, Path]
    results: Mapping[str, Path]
    said: str
    work: Path
    project_before: Mapping[str, int]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> BothBuilt:
    """The sites, and last the one with the edges: with dbt's tests of the data, and then again by a
    project that is wrong on purpose.
    """
    python = python_of_spark()
    folder = tmp_path_factory.mktemp("spark")
    edges = edge_site(folder / "edges")
    warehouses = {
        "empty": empty_site(folder / "empty"),
        **synthetic_sites(folder / "synthetic"),
        "edges": edges,
    }
    with_tests = (*TO_MARTS, *NO_UNIT_TESTS)
    build(warehouses, folder / "dbt", dict.fromkeys(warehouses, with_tests))
    before = project_files()
    wrong = changed_project(folder / "project")
    commands = dict.fromkeys(warehouses, ("run", *TO_MARTS)) | {"edges": ("build", *with_tests)}
    steps = [
        Step("seeds", edges, ("seed",)),
        *(Step(site, warehouse, commands[site]) for site, warehouse in warehouses.items()),
        Step(CHANGED, edges, ("run", "--select", *map(model, CHANGES)), wrong),
        Step("broken", edges, ("run", "--select", model(BROKEN_CONTRACT)), wrong, fails=True),
    ]
    work = folder / "work"
    work.mkdir()
    said = run_on_spark(steps, python, work)
    results = {step.name: work / "results" / step.name for step in steps if not step.fails}
    return BothBuilt(warehouses, results, said, work, before)
