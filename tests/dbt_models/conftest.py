"""The dbt project is built once for all tests here: that is what costs."""

import json
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
from tests.made_once import made_once
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
    """A copy of its own for each worker: tests build more into them."""
    made = made_once(tmp_path_factory, "built-sites", _build_sites)
    folder = tmp_path_factory.mktemp("dbt") / "sites"
    shutil.copytree(made, folder)
    return BuiltSites(
        empty=_warehouse(folder, "empty"),
        populated=_warehouse(folder, "populated"),
        municipality=_warehouse(folder, "municipality"),
        contacts=_contacts(),
        built=Built(folder / "dbt", (folder / OUTPUT).read_text(encoding="utf-8")),
        project_before=json.loads((folder / PROJECT_BEFORE).read_text(encoding="utf-8")),
    )


OUTPUT, PROJECT_BEFORE = "output.txt", "project-before.json"


def _build_sites(folder: Path) -> None:
    (folder / PROJECT_BEFORE).write_text(json.dumps(project_files()), encoding="utf-8")
    sites = {name: new_warehouse(_warehouse(folder, name)) for name in SITES}
    with duckdb.connect(str(sites["populated"])) as connection:
        deliver(connection, _contacts(), DATA_END)
        # What a newer delivery has replaced stays in the landing, and out of everything else.
        deliver(connection, seeded_population(5, seed=21), DATA_END, "d0", state="replaced")
    with duckdb.connect(str(sites["municipality"])) as connection:
        deliver_services(connection)
    built = build(sites, folder / "dbt", dict.fromkeys(SITES[1:], NO_UNIT_TESTS))
    (folder / OUTPUT).write_text(built.output, encoding="utf-8")


SITES = ("empty", "municipality", "populated")
"""The first is built with the unit tests."""


def _warehouse(folder: Path, site: str) -> Path:
    return folder / site / "warehouse.duckdb"


def _contacts() -> list[Contact]:
    return seeded_population(persons=2_000, seed=20)


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
