"""Stopped at an awkward moment and started again: nothing left over, lost or spent twice."""

import json
import os
import signal
import stat
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from dagster_project.selection import left_out_of
from federated.site.config import load_site
from privacy.ledger import Ledger
from privacy.problem import Problem
from tests.end_to_end.running import demo, gone, interrupted_demo, processes_of, sloyfe

pytestmark = [pytest.mark.processes, pytest.mark.slow]

SMALL = ("--persons", "3000", "--sites", "3")
HOSPITALS = ("diakonhjemmet", "lovisenberg", "ous")


def _charged(out: Path, site: str) -> bool:
    path = out / "sites" / site / "state" / "ledger.sqlite"
    try:
        return path.is_file() and bool(Ledger.read(path).attempts())
    except Problem:  # it is just being made
        return False


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interrupted") / "demo"


@pytest.fixture(scope="module")
def stopped(out: Path) -> list[int]:
    """Ctrl-C while the processes come up, then `kill -9` once a site has charged. Exit codes."""
    codes = []
    done = interrupted_demo(
        out,
        *SMALL,
        when=lambda: any("supernode" in command for command in processes_of(out)),
        how=signal.SIGINT,
    )
    assert gone(out), processes_of(out)
    assert "run the same command again" in done.stderr
    codes.append(done.returncode)
    done = interrupted_demo(out, *SMALL, when=lambda: _charged(out, "ous"), how=signal.SIGKILL)
    assert gone(out), processes_of(out)
    codes.append(done.returncode)
    return codes


@pytest.fixture(scope="module")
def document(out: Path, stopped: list[int]) -> dict[str, Any]:
    assert stopped == [130, -signal.SIGKILL]
    return demo(out, *SMALL)


def test_the_next_run_ends_with_one_release(document: dict[str, Any], out: Path) -> None:
    (release,) = document["releases"]
    folders = [path.name for path in (out / "coordinator" / "releases").iterdir()]
    assert folders == [release["release_id"]], "no half-written release beside it"
    for ledger in document["ledgers"]:
        assert ledger["verified"]


def test_what_was_charged_before_the_kill_is_not_charged_again(
    document: dict[str, Any], out: Path
) -> None:
    """A site that had answered sends the identical bytes. One that died in between charged twice,
    and the release says what all attempts cost.
    """
    (release,) = document["releases"]
    for site in HOSPITALS:
        attempts = Ledger.read(out / "sites" / site / "state" / "ledger.sqlite").attempts()
        assert attempts[-1].state == "released"
        assert attempts[-1].release_id == release["release_id"]
        assert sum(attempt.charge.rho for attempt in attempts) <= release["rho"] * (1 + 1e-9)


def test_a_third_run_spends_nothing_and_changes_nothing(
    document: dict[str, Any], out: Path
) -> None:
    again = demo(out, *SMALL)
    assert again["releases"] == document["releases"]
    assert [(ledger["site"], ledger["entries"]) for ledger in again["ledgers"]] == [
        (ledger["site"], ledger["entries"]) for ledger in document["ledgers"]
    ]


def test_every_part_is_an_asset_of_its_own(document: dict[str, Any], out: Path) -> None:
    """Counted in Dagster's event log: models by what dbt says there is, the rest by the roster."""
    with dg.DagsterInstance.from_config(str(out / "dagster")) as instance:
        keys = {tuple(key.path) for key in instance.get_asset_keys()}
    manifest = out / "coordinator/state/dbt/manifest.json"
    nodes = {
        (node["schema"], node["name"])
        for node in json.loads(manifest.read_text())["nodes"].values()
        if node["resource_type"] in ("model", "seed")
    }
    for site in (site["id"] for site in document["sites"]):
        built = {key[1:] for key in keys if key[0] == site}
        mine = nodes - left_out_of(manifest, load_site(out / "sites" / site)).relations
        assert len(mine) > len(nodes) / 2
        assert mine <= built
        assert ("landing", "npr_stay") in built
    answers = {key[0] for key in keys if len(key) == 3 and key[1] == "answer"}
    assert answers == set(HOSPITALS)
    of_coordinator = sorted(key[1] for key in keys if key[0] == "coordinator")
    assert of_coordinator == ["question", "receipt", "release"]


def test_dagster_s_event_log_holds_no_count_of_rows(document: dict[str, Any], out: Path) -> None:
    counts = {
        count
        for site in document["sites"]
        for count in (site["rows_in"], site["rows_landed"])
        if count > 1000
    }
    assert counts
    events = b"".join(path.read_bytes() for path in (out / "dagster").rglob("*") if path.is_file())
    assert events
    assert not [count for count in counts if f": {count}".encode() in events]


def test_the_release_is_signed_and_read_only(document: dict[str, Any], out: Path) -> None:
    (release,) = document["releases"]
    folder = Path(release["path"])
    key = out / "coordinator" / "keys" / "release.key.pub"
    verified = sloyfe("release", "verify", "--release", str(folder), "--key", str(key))
    assert verified.returncode == 0, verified.stderr
    for path in (folder, *folder.iterdir()):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o222


def test_ledger_commands(document: dict[str, Any], out: Path) -> None:
    site = out / "sites" / "ous"
    shown = json.loads(sloyfe("ledger", "show", "--site", str(site), "--json").stdout)
    assert shown["attempts"][-1]["state"] == "released"
    assert sloyfe("ledger", "verify", "--site", str(site), "--json").returncode == 0


def test_every_site_has_countersigned_what_was_asked(document: dict[str, Any], out: Path) -> None:
    """The municipality too, which was asked nothing: a person may be there as well."""
    shown = json.loads(
        sloyfe("coordinator", "ledger", "--coordinator", str(out / "coordinator"), "--json").stdout
    )
    assert shown["verification"]["ok"]
    assert shown["forgetful"] == []
    everyone = [site["id"] for site in document["sites"]]
    for entry in shown["entries"]:
        assert entry["countersigned_by"] == sorted(everyone)
        assert entry["roster"] == sorted(HOSPITALS)
    (elsewhere,) = {*everyone} - {*HOSPITALS}
    there = json.loads(
        sloyfe("ledger", "show", "--site", str(out / "sites" / elsewhere), "--json").stdout
    )
    assert there["attempts"] == []
    assert len(there["global_ledger"]["elsewhere"]) == len(shown["entries"]) > 0


def test_private_files_are_for_their_owner_alone(document: dict[str, Any], out: Path) -> None:
    for path in (out / "sites" / "ous" / "state").rglob("*"):
        if path.suffix in (".sqlite", ".head") or path.name == "agent.log":
            assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path
    for path in out.rglob("*.key"):
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path


def test_warehouses_can_be_read_after_the_run(document: dict[str, Any]) -> None:
    for site in document["sites"]:
        with duckdb.connect(site["warehouse"], read_only=True) as connection:
            tables = connection.execute(
                "select table_name from information_schema.tables where table_schema = 'marts'"
            ).fetchall()
        assert {("fct_stay",), ("fct_episode",), ("fct_index_stay",)} <= set(tables)


def test_another_plan_wants_another_folder(document: dict[str, Any], out: Path) -> None:
    done = sloyfe("demo", "--out", str(out), "--persons", "4000", "--sites", "3")
    assert done.returncode == 1
    assert "another --persons" in done.stderr
    assert os.linesep not in done.stderr.strip()
