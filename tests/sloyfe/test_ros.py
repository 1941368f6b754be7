"""The officer's decision on a report: what the commands say, and how they end."""

import json

import pytest

from tests.federated.site.homes import report, write_site, write_warehouse

ATOMS = [("kanari-person-1", "2024", "75-84", "2024Q1", "readmitted")]
UNTIL = ("--until", "2027-06-01")


@pytest.fixture
def site(tmp_path, manifest):
    made = write_site(tmp_path / "ous", manifest)
    write_warehouse(made, ATOMS)
    return made


@pytest.fixture
def approving(site):
    key = site.folder / "keys" / "officer.key"
    return ("ros", "approve", "--site", site.folder, "--key", key, "--by", "Ombud", *UNTIL)


def status(sloyfe, site):
    code, stdout, _ = sloyfe("ros", "status", "--site", site.folder, "--json")
    return code, json.loads(stdout)


def test_without_a_report_the_officer_is_told_to_build_one(sloyfe, site, approving):
    code, _, stderr = sloyfe(*approving)
    assert code == 1 and "sloyfe ros build" in " ".join(stderr)
    assert status(sloyfe, site)[1]["state"] == "none"


def test_red_is_accepted_by_name_and_a_risk_that_turns_red_stops(sloyfe, site, approving):
    report(site, "small_cell")
    code, _, stderr = sloyfe(*approving)
    assert code == 1 and "not accepted: small_cell" in " ".join(stderr)
    code, stdout, _ = sloyfe(*approving, "--accept-red", "small_cell")
    assert code == 0 and "accepted though red: small_cell" in stdout
    code, found = status(sloyfe, site)
    assert (code, found["state"]) == (0, "approved")
    assert (found["accepted_red"], found["stopped_by"], found["demo"]) == (
        ["small_cell"], [], False,
    )  # fmt: skip
    report(site, "membership", "small_cell")
    code, found = status(sloyfe, site)
    assert (code, found["state"], found["stopped_by"]) == (1, "approved", ["membership"])
    code, stdout, _ = sloyfe("ros", "status", "--site", site.folder)
    assert code == 1 and "STOPPED by membership" in stdout
