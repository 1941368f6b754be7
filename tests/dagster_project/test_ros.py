"""A site's ROS as an asset: run by a real Dagster on a site with a real warehouse."""

import json
from datetime import timedelta

import dagster as dg
import pytest

from dagster_project.ros import DECISION, EVIDENCE, RED, ros_asset
from dbt_models import PROJECT_DIR
from federated.site.ros import deciding
from federated.site.ros.assessing import kept_at
from federated.site.ros.checks import CHECKS
from privacy.approval import utc_now
from privacy.ros import Finding, Level, load_register
from privacy.signatures import load_signing_key
from tests.federated.site.homes import write_enrolled_site


@pytest.fixture(autouse=True)
def quick_audit(monkeypatch):
    monkeypatch.setattr("federated.site.ros.checks.audited", list)


@pytest.fixture
def site(tmp_path, manifest):
    return write_enrolled_site(tmp_path / "ous", manifest)


@dg.multi_asset(
    specs=[
        dg.AssetSpec(["ous", "marts", "a"]),
        dg.AssetSpec(["ous", "indicators", "b"], deps=[["ous", "marts", "a"]]),
    ]
)
def models():
    for name in (["ous", "marts", "a"], ["ous", "indicators", "b"]):
        yield dg.MaterializeResult(dg.AssetKey(name))


def run(site):
    """Checks by name, and the metadata of the asset."""
    result = dg.materialize([models, ros_asset(site, models)])
    assert result.success
    (event,) = result.asset_materializations_for_node(f"{site.id}__ros")
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    return checks, {name: value.value for name, value in event.metadata.items()}


def told(check) -> dict:
    return {name: value.value for name, value in check.metadata.items()}


def test_it_hangs_on_what_the_models_end_in(site):
    asset = ros_asset(site, models)
    assert asset.asset_deps[dg.AssetKey(["ous", "ros"])] == {
        dg.AssetKey(["ous", "indicators", "b"])
    }


def test_it_keeps_an_assessment_writes_the_report_and_tells_levels(site):
    checks, metadata = run(site)
    (kept,) = kept_at(site)
    assert metadata["fingerprint"] == kept.assessment.fingerprint
    levels = [risk.level for risk in kept.assessment.risks.values()]
    assert len(levels) == len(load_register().risks)
    assert {of: metadata[of] for of in Level} == {of: levels.count(of) for of in Level}
    for name in ("index.html", "en.html", "ros.pdf", "ros.json"):
        assert (site.ros_report_path / name).is_file()
    assert set(checks) == {RED, EVIDENCE, DECISION}
    assert "kanari" not in json.dumps([told(check) for check in checks.values()])


def test_the_checks_say_what_stands_badly(site, monkeypatch):
    fails = (Finding.FAILS, "Holdt ikke.", "Did not hold.")
    monkeypatch.setitem(CHECKS, "mechanisms_audited", lambda _: fails)
    checks, _ = run(site)
    assert not checks[RED].passed and checks[RED].severity == dg.AssetCheckSeverity.ERROR
    assert "small_cell" in told(checks[RED])["risks"]
    assert not checks[EVIDENCE].passed and checks[EVIDENCE].severity == dg.AssetCheckSeverity.WARN
    assert told(checks[EVIDENCE])["lacking"]["mechanisms_audited"] == "fails"
    assert not checks[DECISION].passed and told(checks[DECISION])["state"] == "none"


def test_the_decision_s_check_follows_the_decision_and_what_stops_it(site, monkeypatch):
    run(site)
    deciding.approve(
        site,
        PROJECT_DIR,
        load_signing_key(site.folder / "keys" / "officer.key"),
        by="Personvernombud",
        until=utc_now() + timedelta(days=30),
        synthetic=True,
        accept_red=deciding.red_risks(site),
    )
    checks, _ = run(site)
    assert checks[DECISION].passed
    fails = (Finding.FAILS, "Holdt ikke.", "Did not hold.")
    monkeypatch.setitem(CHECKS, "mechanisms_audited", lambda _: fails)
    checks, _ = run(site)
    assert not checks[DECISION].passed
    assert "small_cell" in told(checks[DECISION])["stopped_by"]
