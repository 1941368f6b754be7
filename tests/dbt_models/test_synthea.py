"""Data that nobody here made: marts of the third-party Synthea folder against a plain recount.

The recount reads the CSVs itself, so this also holds the landing to account.
"""

from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from federated.contract.indicator import BoundDefinition
from federated.site.config import (
    CoordinatorAddress,
    Keys,
    SiteConfig,
    SiteKind,
    SyntheaShare,
)
from federated.site.landing import ingest
from privacy.policy import Policy
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.definitions import definitions
from tests.dbt_models.sites import NO_UNIT_TESTS, build, keyed, rows
from tests.dbt_models.test_readmission import ATOM, INDEX_STAY, PER_CELL, TOTAL
from tests.dbt_models.workbench import Workbench
from tests.reference.atoms import atom_rows
from tests.reference.readmission import index_stays, units
from tests.reference.registry import Delivered, reference_rows
from tests.reference.synthea import Folder, read_folder
from tests.shared_data import SYNTHEA

REPOSITORY = Path(__file__).parents[2]
HOSPITALS = 3
MUNICIPALITY = "municipality"
COMPARED = (
    "--select", "+atom_readmission_30d_same_site", "+fct_stay", "+fct_service_day",
    "+source_status", *NO_UNIT_TESTS,
)  # fmt: skip

pytestmark = [
    pytest.mark.slow,  # four more builds, and day-by-day references of whole lives
    pytest.mark.skipif(
        not (SYNTHEA / "encounters.csv").is_file(),
        reason="the third-party Synthea folder is not here (shared/data, or SLOYFE_SHARED)",
    ),
]


@dataclass(frozen=True)
class Landed:
    folder: Folder
    warehouses: dict[str, Path]


def site(name: str, folder: Path, hospital: int | None) -> SiteConfig:
    return SiteConfig(
        id=name,
        name=name,
        kind=SiteKind.MUNICIPALITY if hospital is None else SiteKind.HOSPITAL,
        operator=name,
        holders={},
        synthea=SyntheaShare(hospital=hospital, of=HOSPITALS),
        policy=Policy(
            epsilon_per_person_year=1,
            max_epsilon_per_release=1,
            delta=1e-6,
            federation_sites=3,
            answers={},
        ),
        coordinator=CoordinatorAddress(address="127.0.0.1:9", ca_certificate=Path("ca.pem")),
        keys=Keys(transport=Path("transport.pem")),
        declared_synthetic=True,
        folder=folder,
    )


@pytest.fixture(scope="module")
def landed(built_sites: BuiltSites, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    shares: dict[str, int | None] = {f"hospital-{number}": number for number in range(HOSPITALS)}
    shares[MUNICIPALITY] = None
    warehouses: dict[str, Path] = {}
    for name, hospital in shares.items():
        config = site(name, tmp_path_factory.mktemp(name), hospital)
        ingest(config, "synthea", SYNTHEA)
        warehouses[name] = config.warehouse_path
    # The artefacts of the first build spare a second parse.
    build(warehouses, built_sites.built.artefacts, dict.fromkeys(warehouses, COMPARED))
    return Landed(read_folder(SYNTHEA), warehouses)


@pytest.mark.parametrize("hospital", range(HOSPITALS))
def test_a_hospital_holds_the_index_stays_of_the_recount(landed: Landed, hospital: int) -> None:
    expected = index_stays(
        keyed(landed.folder.contacts(hospital, HOSPITALS)), landed.folder.data_end
    )
    with duckdb.connect(str(landed.warehouses[f"hospital-{hospital}"]), read_only=True) as site:
        found = rows(site, INDEX_STAY, "marts.fct_index_stay")
        released = rows(site, ATOM, "indicators.atom_readmission_30d_same_site")
        services = rows(site, ("service_id",), "marts.fct_service")
    assert expected
    assert sorted(found, key=repr) == sorted((astuple(row) for row in expected), key=repr)
    assert sorted(released) == sorted(atom_rows(units(expected), PER_CELL, TOTAL))
    assert services == []


def test_every_inpatient_encounter_is_a_stay_of_one_hospital(landed: Landed) -> None:
    columns = ("stay_id", "person_id", "admitted_at", "discharged_at", "is_acute")
    found: list[tuple[object, ...]] = []
    for hospital in range(HOSPITALS):
        warehouse = landed.warehouses[f"hospital-{hospital}"]
        with duckdb.connect(str(warehouse), read_only=True) as site:
            found += rows(site, columns, "marts.fct_stay")
    expected = [
        (stay.episode_id, stay.person_id, stay.admitted_at, stay.discharged_at, stay.urgency == 1)
        for stay in keyed(landed.folder.contacts(0, 1))
    ]
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert {acute for *_, acute in expected} == {True, False}


def test_the_municipality_holds_every_other_encounter(landed: Landed) -> None:
    columns = ("service_id", "person_id", "register", "service_code", "started_on", "ended_on")
    with duckdb.connect(str(landed.warehouses[MUNICIPALITY]), read_only=True) as site:
        found = rows(site, columns, "marts.fct_service")
        days = rows(site, ("person_id", "day", "service"), "marts.fct_service_day")
        stays = rows(site, ("stay_id",), "marts.fct_stay")
    expected = landed.folder.services()
    assert sorted(found, key=repr) == sorted((astuple(row) for row in expected), key=repr)
    assert sorted(days, key=repr) == sorted(landed.folder.service_days(), key=repr)
    assert stays == []


def test_the_tables_that_synthea_was_mapped_to_are_delivered_and_no_other(landed: Landed) -> None:
    for name, warehouse in landed.warehouses.items():
        tables = {"kuhr_claim", "kpr_care"} if name == MUNICIPALITY else {"npr_stay"}
        with duckdb.connect(str(warehouse), read_only=True) as site:
            found = rows(site, ("kind", "name", "status", "format"), "marts.source_status")
        delivered = [
            (kind, table, form) for kind, table, status, form in found if status == "delivered"
        ]
        assert delivered == [("landing_table", table, "synthea") for table in sorted(tables)]


SINCE = date(2021, 1, 1)
"""The references go through every day one by one: of 87 years they are asked for the last three."""
FED = {
    "hospitals": {
        "atom_acute_admissions", "atom_death_after_discharge", "atom_discharge_days",
        "atom_readmission_30d_same_site", "atom_target_group_readmission",
        "atom_use_by_level_hospital", "tok_acute_admission_day", "tok_discharge_alive_day",
        "tok_discharge_day", "tok_hospital_user_year",
    },
    "municipality": {
        "atom_function_level", "atom_services_of_frail", "atom_use_by_level_care",
        "atom_use_by_level_primary", "tok_legevakt_contact_year", "tok_municipal_user_year",
        "tok_service_day_band", "tok_service_lag_class", "tok_short_term_stay_class",
    },
}  # fmt: skip
"""Models that get rows of the folder: it says no diagnosis, residence, tariff or DRG point."""


def models_fed_by(table: str) -> dict[str, BoundDefinition]:
    """Models of the indicators that need the table, with the bounds of the definition."""
    found: dict[str, BoundDefinition] = {}
    for definition in definitions().values():
        if table in definition.needs:
            models = definition.tokens or [f"atom_{definition.id}"]
            found |= dict.fromkeys(models, definition.bounds)
    return found


@pytest.fixture(scope="module")
def compared(landed: Landed, workbench: Workbench) -> dict[str, dict[str, tuple[int, bool]]]:
    """Site -> model -> how many rows, and whether they are those of the reference."""
    found: dict[str, dict[str, tuple[int, bool]]] = {}
    for name, warehouse in landed.warehouses.items():
        workbench.land_from(warehouse)
        run = workbench.connection.execute
        run("update landing.delivery set period_from = ?", [SINCE])
        ((last,),) = run("select max(period_to) from landing.delivery").fetchall()
        delivered = Delivered(workbench.landed(), SINCE, last)
        tables = ("kpr_care", "kuhr_claim") if name == MUNICIPALITY else ("npr_stay",)
        bounds = {m: b for table in tables for m, b in models_fed_by(table).items()}
        found[name] = {
            model: (len(rows), rows == reference_rows(model, delivered, bounds[model]))
            for model, rows in workbench.all_rows(list(bounds)).items()
        }
    return found


def test_every_model_equals_its_reference_at_every_site(
    compared: dict[str, dict[str, tuple[int, bool]]],
) -> None:
    assert {
        (site, model)
        for site, models in compared.items()
        for model, (_, is_equal) in models.items()
        if not is_equal
    } == set()


def test_what_the_folder_can_feed_has_rows(
    compared: dict[str, dict[str, tuple[int, bool]]],
) -> None:
    """Else the comparison above would prove less than it says."""
    filled = {name: {m for m, (n, _) in of.items() if n} for name, of in compared.items()}
    municipal = filled.pop(MUNICIPALITY)
    assert set().union(*filled.values()) == FED["hospitals"]
    assert municipal == FED["municipality"]
