"""`sloyfe ingest`: what it prints, what it writes, and what a dry run leaves alone."""

import json
from pathlib import Path

import pytest

from tests.federated.site.homes import write_site
from tests.registers import NPR_ROW as NPR
from tests.sloyfe.sources import write_csv

PERIOD = ("--period-from", "2024-03-01", "--period-to", "2024-03-31", "--extracted", "2024-04-10")


@pytest.fixture
def site(tmp_path):
    return write_site(tmp_path / "ous", None)


@pytest.fixture
def run(sloyfe, tmp_path, site):
    """`sloyfe ingest` of 30 rows, five without a time of day, one broken; gives what it prints."""
    rows = [NPR | {"episodeID": f"E{n}", "innTid": "" if n < 5 else "08:00:00"} for n in range(30)]
    rows[9]["utDato"] = "2024-02-30"
    source = write_csv(tmp_path / "npr.csv", rows)

    def ingest(*more: str | Path) -> str:
        given = ("--site", site.folder, "--format", "npr", "--source", source, *PERIOD, *more)
        code, said, _ = sloyfe("ingest", *given)
        assert code == 0
        return said

    return ingest


def test_a_dry_run_changes_nothing_and_says_so(run, site):
    said = run("--dry-run")
    assert said.startswith("dry run, nothing was changed; it would be landed: 30 rows in")
    assert not site.warehouse_path.exists()
    assert "= 29 landed + 1 quarantined" in said


def test_the_summary_names_families_and_the_worst_findings(run):
    said = run("--dry-run")
    for family in ("completeness", "validity", "timeliness", "plausibility"):
        assert family in said
    assert "Time of day missing: npr_stay · innTid · 2024-03: 5 of 29 rows (17.2" in said


def test_the_report_lies_in_the_state_folder_or_where_it_is_asked_for(run, site, tmp_path):
    for arguments, folder in (
        ((), site.state_path / "quality"),
        (("--dry-run", "--report", tmp_path / "mine"), tmp_path / "mine"),
    ):
        said = run(*arguments)
        [page] = folder.rglob("quality.html")
        assert str(page) in said and page.with_suffix(".json").is_file()
    [kept] = (site.state_path / "quality").iterdir()
    assert json.loads((kept / "quality.json").read_text())["delivery"]["delivery_id"] == kept.name


def test_json_has_the_counts_the_reasons_and_the_quality(run):
    document = json.loads(run("--dry-run", "--json"))
    assert (document["rows_in"], document["rows_landed"], document["rows_quarantined"]) == (
        30,
        29,
        1,
    )
    assert document["reasons"] == {"broken_date:utDato": 1}
    assert document["dry_run"] is True
    assert document["period"] == {"first": "2024-03-01", "last": "2024-03-31"}
    quality = document["quality"]
    assert set(quality) == {"schema", "previous", "summary", "findings", "json", "html"}
    whole = json.loads(Path(quality["json"]).read_text(encoding="utf-8"))
    assert quality["findings"] == whole["findings"]
    assert json.loads(run("--json"))["dry_run"] is False
