from pathlib import Path

import pytest

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_catalogue
from portal.room.build import Site, build_site
from portal.room.editions import Shelf, read_shelves
from tests.federated.contract.parsed_project import manifest
from tests.made_once import made_once
from tests.portal.room.releases import KEY, WANTED, write_releases

__all__ = ["manifest"]

SOME = tuple(
    one
    for one in WANTED
    if one.indicator
    in (
        "readmission_30d_same_site",
        "severe_mental_illness",
        "target_group_readmission",
        "acute_stay_cost",
    )
    or (one.indicator, one.period) == ("bup_referrals", "2023")
)


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory, manifest: Path) -> Path:
    """Every status, three years of one indicator, one edition of which is withdrawn."""
    catalogue = load_catalogue(manifest, PROJECT_DIR)
    made = made_once(
        tmp_path_factory, "releases-to-read", lambda f: write_releases(f, catalogue, SOME)
    )
    return made / "releases"


@pytest.fixture(scope="session")
def shelves(releases: Path) -> list[Shelf]:
    return read_shelves(releases, key=KEY.public_key())


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, shelves: list[Shelf]) -> Site:
    made = tmp_path_factory.mktemp("site") / "room"
    return build_site(shelves, made, name="Oslo")
