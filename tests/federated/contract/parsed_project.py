"""dbt's manifest of the real project, parsed once a test run: that is what costs."""

from pathlib import Path

import pytest

from dagster_project.parsed import parse_project
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_catalogue
from tests.made_once import made_once

INDICATOR = "readmission_30d_same_site"


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made_once(tmp_path_factory, "parsed-project", parse_project)
    return folder / "manifest.json"


@pytest.fixture(scope="session")
def indicator(manifest: Path) -> Indicator:
    return load_catalogue(manifest, PROJECT_DIR)[INDICATOR]
