"""The quality of what landed, as asset checks: run by a real Dagster, in this process."""

import csv
import json
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from dagster_project.site import landing_assets
from federated.site.config import SiteConfig
from federated.site.landing import ingest
from federated.site.landing.contract import load_contract
from federated.site.landing.quality import FAMILIES, RULES
from tests.federated.site.homes import write_site
from tests.registers import NPR_ROW

PERIOD = "period_from: 2024-03-01\nperiod_to: 2024-03-31\nextracted_on: 2024-04-10\n"
SOUND = NPR_ROW | {"utTilstand": "1", "komNrHjem2": "0301"}
TABLES = [table.name for table in load_contract()]


def write_npr(folder: Path, rows: list[dict[str, str]]) -> None:
    folder.mkdir()
    (folder / "delivery.yaml").write_text(PERIOD)
    with (folder / "npr.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def rows(count: int, **cells: str) -> list[dict[str, str]]:
    return [SOUND | {"episodeID": f"E{i}", "lopenr": f"P{i}"} | cells for i in range(count)]


def make_site(tmp_path: Path, name: str, npr: list[dict[str, str]]) -> SiteConfig:
    site = write_site(
        tmp_path / name, None, id=name, registers=[{"format": "npr", "path": f"../{name}-npr"}]
    )
    write_npr(tmp_path / f"{name}-npr", npr)
    return site


def land(*sites: SiteConfig, after: bool = False) -> dg.ExecuteInProcessResult:
    """Materialise the landing of the sites; with `after`, also an asset that hangs on npr_stay."""

    @dg.asset(deps=[dg.AssetKey([sites[0].id, "landing", "npr_stay"])])
    def model() -> None: ...

    assets = [landing_assets(site) for site in sites]
    return dg.materialize([*assets, *([model] if after else [])], raise_on_error=False)


def checks_of(result, site: str, table: str = "npr_stay") -> dict[str, dg.AssetCheckEvaluation]:
    return {
        evaluation.check_name: evaluation
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.asset_key.path == [site, "landing", table]
    }


def materialized(result) -> set[str]:
    return {event.asset_key.path[-1] for event in result.get_asset_materialization_events()}


def told_of(evaluation) -> dict[str, Any]:
    return {name: value.value for name, value in evaluation.metadata.items()}


@pytest.fixture(scope="module")
def two_sites(tmp_path_factory):
    """One with sound rows, one whose every third row lacks a time of day."""
    folder = tmp_path_factory.mktemp("sites")
    sound = make_site(folder, "ous", rows(30))
    third = [row | {"innTid": ""} if n % 3 == 0 else row for n, row in enumerate(rows(30))]
    dirty = make_site(folder, "ahus", third)
    return land(sound, dirty), sound, dirty


def test_every_table_has_a_check_of_every_family(two_sites):
    result, *sites = two_sites
    assert result.success
    found = {
        (evaluation.asset_key.path[0], evaluation.asset_key.path[2], evaluation.check_name)
        for evaluation in result.get_asset_check_evaluations()
    }
    assert found == {
        (s.id, table, family) for s in sites for table in TABLES for family in FAMILIES
    }


def test_sound_rows_pass(two_sites):
    result, *_ = two_sites
    for evaluation in checks_of(result, "ous").values():
        assert evaluation.passed and told_of(evaluation)["rules"] == []


def test_a_fault_of_one_site_is_its_own(two_sites):
    result, *_ = two_sites
    dirty = checks_of(result, "ahus")
    assert {name for name, evaluation in dirty.items() if not evaluation.passed} == {"completeness"}
    assert told_of(dirty["completeness"])["rules"] == ["missing_time"]
    assert dirty["completeness"].severity == dg.AssetCheckSeverity.WARN
    assert all(evaluation.passed for evaluation in checks_of(result, "ous").values())


def test_what_is_not_delivered_passes_and_says_so(two_sites):
    result, *_ = two_sites
    for evaluation in checks_of(result, "ous", "kpr_care").values():
        assert evaluation.passed and evaluation.description == "not delivered"
    assert checks_of(result, "ous")["validity"].description is None


def test_dagster_is_told_rules_and_where_the_report_lies_and_no_number(two_sites):
    result, _, dirty = two_sites
    rules = {rule.id for rule in RULES}
    for evaluation in result.get_asset_check_evaluations():
        told = told_of(evaluation)
        assert set(told) == {"rules", "reports"}
        assert set(told["rules"]) <= rules
    [page] = told_of(checks_of(result, "ahus")["completeness"])["reports"]
    assert Path(page).is_relative_to(dirty.state_path / "quality")
    document = json.loads(Path(page).with_suffix(".json").read_text(encoding="utf-8"))
    [finding] = [f for f in document["findings"] if f["rule"] == "missing_time"]
    assert (finding["count"], finding["of"]) == (10, 30)


def test_a_warning_does_not_hold_back_what_hangs_on_the_table(tmp_path):
    site = make_site(tmp_path, "ous", rows(30, innTid=""))
    result = land(site, after=True)
    assert not checks_of(result, "ous")["completeness"].passed
    assert result.success
    assert "model" in materialized(result)


def test_an_error_does(tmp_path):
    """Most rows broke the contract: what is left is no delivery to build on."""
    site = make_site(tmp_path, "ous", [*rows(30, utDato="x"), *rows(1)])
    result = land(site, after=True)
    validity = checks_of(result, "ous")["validity"]
    assert not validity.passed and validity.severity == dg.AssetCheckSeverity.ERROR
    assert not result.success
    assert "model" not in materialized(result)


def test_a_second_run_of_the_same_files_says_the_same(tmp_path):
    site = make_site(tmp_path, "ous", rows(30, innTid=""))
    first, second = land(site), land(site)
    for family in FAMILIES:
        one, other = (checks_of(result, "ous")[family] for result in (first, second))
        assert (one.passed, told_of(one)) == (other.passed, told_of(other))


def test_a_newer_delivery_landed_by_hand_stays(tmp_path):
    """The site file still names the older one: the run warns, keeps the newer, and goes on."""
    site = make_site(tmp_path, "ous", rows(30))
    assert land(site).success
    write_npr(tmp_path / "newer", rows(20))
    (tmp_path / "newer" / "delivery.yaml").write_text(PERIOD.replace("04-10", "05-10"))
    newer = ingest(site, "npr", tmp_path / "newer")
    result = land(site, after=True)
    assert result.success
    assert "model" in materialized(result)
    for evaluation in checks_of(result, "ous").values():
        assert evaluation.passed
        assert evaluation.description == "replaced by a newer delivery, judged when that landed"
    with duckdb.connect(site.warehouse_path, read_only=True) as connection:
        held = connection.execute(
            "select delivery_id, count(*) from landing.npr_stay group by all"
        ).fetchall()
    assert held == [(newer.delivery_id, 20)]
