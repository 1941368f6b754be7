"""The dbt project is built once for all tests here: that is what costs."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dbt_models import PROJECT_DIR
from tests.dbt_models.populations import DATA_END, seeded_population
from tests.dbt_models.sites import (
    NO_UNIT_TESTS,
    Built,
    build,
    deliver,
    deliver_services,
    new_warehouse,
)
from tests.dbt_models.workbench import Workbench, models_of
from tests.reference.readmission import Contact


@dataclass(frozen=True)
class BuiltSites:
    """An empty site (built with the unit tests), a hospital and a municipality."""

    empty: Path
    populated: Path
    municipality: Path
    contacts: list[Contact]
    built: Built
    project_before: dict[str, int]


def project_files() -> dict[str, int]:
    """Everything in the dbt project and when each file was written; Python's own cache aside."""
    return {
        str(path.relative_to(PROJECT_DIR)): path.stat().st_mtime_ns if path.is_file() else 0
        for path in PROJECT_DIR.rglob("*")
        if "__pycache__" not in path.parts
    }


@pytest.fixture(scope="session")
def built_sites(tmp_path_factory: pytest.TempPathFactory) -> BuiltSites:
    folder = tmp_path_factory.mktemp("dbt")
    before = project_files()
    empty = new_warehouse(folder / "empty" / "warehouse.duckdb")
    populated = new_warehouse(folder / "populated" / "warehouse.duckdb")
    contacts = seeded_population(persons=2_000, seed=20)
    with duckdb.connect(str(populated)) as connection:
        deliver(connection, contacts, DATA_END)
        # What a newer delivery has replaced stays in the landing, and out of everything else.
        deliver(connection, seeded_population(5, seed=21), DATA_END, "d0", state="replaced")
    municipality = new_warehouse(folder / "municipality" / "warehouse.duckdb")
    with duckdb.connect(str(municipality)) as connection:
        deliver_services(connection)
    built = build(
        {"empty": empty, "municipality": municipality, "populated": populated},
        folder / "dbt",
        {"municipality": NO_UNIT_TESTS, "populated": NO_UNIT_TESTS},
    )
    return BuiltSites(empty, populated, municipality, contacts, built, before)


@pytest.fixture(scope="session")
def workbench(
    built_sites: BuiltSites, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workbench]:
    """The empty site, to be filled with a test's own landing rows."""
    copy = Path(shutil.copy(built_sites.empty, tmp_path_factory.mktemp("workbench")))
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set timezone = 'UTC'")
        artefacts = built_sites.built.artefacts
        yield Workbench(connection, models_of(artefacts))
