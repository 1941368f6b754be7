"""The whole loop on data that nobody here wrote, against a plain recount of its CSV files."""

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.end_to_end.running import demo, sloyfe
from tests.reference.atoms import counted
from tests.reference.readmission import index_stays, units
from tests.reference.synthea import Folder, read_folder
from tests.shared_data import SYNTHEA

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"third-party data not here: {SYNTHEA}"),
]

HOSPITALS = 3
PERIODS = ("2016", "2019")
PER_CELL, TOTAL = 2, 4


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """With an epsilon that leaves no noise: allowed, because the source is declared synthetic."""
    periods = [part for period in PERIODS for part in ("--period", period)]
    return demo(
        tmp_path_factory.mktemp("synthea"),
        *("--source", f"synthea:{SYNTHEA}", "--sites", str(HOSPITALS)),
        *("--epsilon", "1000000", "--declare-synthetic", *periods),
    )


@pytest.fixture(scope="module")
def folder() -> Folder:
    return read_folder(SYNTHEA)


def test_every_row_of_the_source_is_somewhere(document: dict[str, Any], folder: Folder) -> None:
    assert len(document["sites"]) == HOSPITALS + 1
    for site in document["sites"]:
        assert site["rows_in"] == site["rows_landed"] + site["rows_quarantined"]
    assert sum(site["rows_in"] for site in document["sites"]) == len(folder.encounters)


def test_the_marts_equal_the_recount(document: dict[str, Any], folder: Folder) -> None:
    for number, site in enumerate(s for s in document["sites"] if s["kind"] == "hospital"):
        expected = {
            f"{stay.person_id}/{stay.episode_id}": (
                stay.is_alive,
                stay.is_followed_30d,
                stay.is_index,
                stay.is_readmitted_30d_same_site,
                stay.is_acute_readmitted_30d_same_site,
            )
            for stay in index_stays(folder.contacts(number, HOSPITALS), folder.data_end)
        }
        with duckdb.connect(site["warehouse"], read_only=True) as connection:
            found = connection.execute(
                """
                select episode_id, is_alive, is_followed_30d, is_index,
                    is_readmitted_30d_same_site, is_acute_readmitted_30d_same_site
                from marts.fct_index_stay
                """
            ).fetchall()
        assert {row[0]: row[1:] for row in found} == expected


def test_released_cells_equal_the_recount(document: dict[str, Any], folder: Folder) -> None:
    assert Path(document["reading_room"]).is_file()
    for release in document["releases"]:
        expected: Counter[tuple[str, ...]] = Counter()
        hospitals = [site["id"] for site in document["sites"] if site["kind"] == "hospital"]
        for number, site in enumerate(hospitals):
            stays = index_stays(folder.contacts(number, HOSPITALS), folder.data_end)
            for unit in counted(units(stays), PER_CELL, TOTAL):
                if unit.period != release["period"]:
                    continue
                expected[site, *unit.cell, "index_stays"] += 1
                if unit.atom == "readmitted":
                    measure = "acute_readmissions_30d_same_site"
                    expected[site, *unit.cell, measure] += 1
        cells = pq.read_table(Path(release["path"]) / "cells.parquet").to_pylist()
        assert len(cells) == release["cells"]
        assert {cell["status"] for cell in cells} == {"ok"}
        for cell in cells:
            key = (cell["site"], cell["age_group"], cell["quarter"], cell["measure"])
            assert cell["value"] == cell["ci_low"] == cell["ci_high"] == expected.pop(key, 0)
        assert not expected, "every index stay lies in a cell of the public key domain"


def test_a_release_without_privacy_says_so(document: dict[str, Any]) -> None:
    assert [release["period"] for release in document["releases"]] == list(PERIODS)
    for release in document["releases"]:
        assert not release["private"]
        page = (Path(release["path"]) / "index.html").read_text(encoding="utf-8")
        assert "ikke privat" in page.lower()


def test_every_ledger_holds_both_releases(document: dict[str, Any]) -> None:
    cost = sum(release["rho"] for release in document["releases"])
    hospitals = {site["id"] for site in document["sites"] if site["kind"] == "hospital"}
    for ledger in document["ledgers"]:
        assert ledger["verified"]
        if ledger["site"] in hospitals:
            assert ledger["unreleased"] == 0
            # The years that both releases can depend on are charged for both.
            assert ledger["rho_spent"] == pytest.approx(cost)
            assert ledger["rho_spent"] <= ledger["rho_budget"]


def test_an_epsilon_above_the_policy_needs_a_declaration(tmp_path: Path) -> None:
    done = sloyfe(
        "demo", "--out", str(tmp_path / "d"), "--source", f"synthea:{SYNTHEA}", "--epsilon", "3"
    )
    assert done.returncode == 1
    assert "above the policy's maximum" in done.stderr
    assert not (tmp_path / "d").exists()
