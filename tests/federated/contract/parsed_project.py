"""dbt's manifest of the real project, parsed once a test session: that is what costs."""

from functools import cache
from pathlib import Path

import pytest

from dagster_project.parsed import parse_project
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_catalogue

INDICATOR = "readmission_30d_same_site"


@cache
def _parsed(base: Path) -> Path:
    folder = base / "parsed-project"
    folder.mkdir()
    return parse_project(folder)


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _parsed(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def indicator(manifest: Path) -> Indicator:
    return load_catalogue(manifest, PROJECT_DIR)[INDICATOR]
