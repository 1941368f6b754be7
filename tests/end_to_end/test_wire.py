"""What really left the sites: recorded before encryption and on the socket, compared, searched."""

import json
import os
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dagster_project.demo.layout import make_organisations
from dagster_project.demo.plan import INDICATOR, MUNICIPALITY, PLAN_FILE, DemoPlan, remember_plan
from dagster_project.demo.run import run_demo
from dagster_project.helsefellesskap import load_helsefellesskap
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_catalogue
from federated.contract.messages import encode
from federated.coordinator.rounds import Asked, QuestionBook
from federated.site.config import SiteConfig
from federated.site.report import write_site_report
from federated.transport.federation import Federation
from federated.transport.process_tree import descendants
from federated.transport.recording import Recorder, processes, reconcile, request_bodies
from privacy.problem import Problem
from privacy.signatures import load_signing_key
from tests.end_to_end.canaries import COUNTS, PERIOD, Found, cell_counts, plant, search

pytestmark = [pytest.mark.processes, pytest.mark.slow]

PLAN = DemoPlan(
    source=None,
    hospitals=3,
    epsilon=2.0,
    periods=(PERIOD,),
    declared_synthetic=False,
    persons=1,
    seed=1,
)


@dataclass(frozen=True)
class Recorded:
    """A demo's folder, and what was recorded of one run or exchange.

    held: files that each process held open when looked at, by role of the command.
    kept: what a search of every file outside warehouses and deliveries found, right after the run;
    reports: of the quality reports, which a site writes for its own people.
    """

    out: Path
    recording: Path
    held: dict[str, set[str]]
    kept: Found
    reports: Found


def planted(out: Path) -> Path:
    remember_plan(PLAN, out)
    make_organisations(PLAN, out)
    key = load_signing_key(out / "deliveries-key" / "generator.key")
    plant(out / "deliveries", MUNICIPALITY[0], key)
    assert (out / PLAN_FILE).is_file()
    return out


@contextmanager
def watching_open_files() -> Generator[dict[str, set[str]]]:
    """Look at /proc/PID/fd of every process below this one, ten times a second."""
    held: dict[str, set[str]] = {}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            for pid in descendants(os.getpid()):
                try:
                    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                    files = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
                except OSError:
                    continue  # it has ended in between
                held.setdefault(_role(command), set()).update(files)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield held
    finally:
        stop.set()
        watcher.join()


def _role(command: list[str]) -> str:
    for part in command:
        name = part.rpartition("/")[2]
        if name.startswith("flower-") or name.startswith("flwr-"):
            return name
        if name in ("federated.transport.relay", "federated.site.agent", "sloyfe-dbt"):
            return name
    return " ".join(command[:3])


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    out = planted(tmp_path_factory.mktemp("wire") / "demo")
    recording = out.parent / "recording"
    with watching_open_files() as held:
        run_demo(PLAN, out, lambda _: None, record_wire=recording)
    files = list(_kept_files(out))
    reports = [path for path in files if path.parent.parent.name == "quality"]
    assert len(files) > 50 + len(reports)
    assert {path.name for path in reports} == {"quality.json", "quality.html"}
    return Recorded(
        out,
        recording,
        held,
        kept=search(path.read_bytes() for path in files if path not in reports),
        reports=search(path.read_bytes() for path in reports),
    )


def _kept_files(out: Path) -> Iterator[Path]:
    for path in out.rglob("*"):
        if path.is_file() and "deliveries" not in path.parts and "duckdb" not in path.name:
            yield path


@pytest.fixture(scope="module")
def reported(honest: Recorded) -> Recorded:
    """Every site has written its exact figures; then the same question is answered once more."""
    everyone = load_helsefellesskap(honest.out)
    for site in everyone.sites:
        write_site_report(site, PROJECT_DIR)
    recording = honest.out.parent / "reported"
    asked = asked_before(honest)
    with Federation(
        everyone.coordinator, everyone.sites, recorder=Recorder(recording)
    ) as federation:
        federation.start()
        federation.wait_until_online(COUNTS, 120)
        replies = federation.exchange({s: encode(asked.message(s, {})) for s in COUNTS}, 60)
    assert all(isinstance(reply, bytes) for reply in replies.values())
    return Recorded(honest.out, recording, {}, honest.kept, honest.reports)


def asked_before(honest: Recorded) -> Asked:
    everyone = load_helsefellesskap(honest.out)
    indicator = load_catalogue(everyone.manifest, PROJECT_DIR)[INDICATOR]
    book = QuestionBook(everyone.coordinator.state_path / "questions")
    asked = book.latest(indicator.question_id(PERIOD, 1))
    assert asked is not None
    return asked


def leaky_agent_command(site: SiteConfig) -> list[str]:
    return [sys.executable, "-m", "tests.end_to_end.leaky_agent", str(site.folder)]


@pytest.fixture(scope="module")
def bypassed(honest: Recorded) -> Recorded:
    """The same sites asked again, by the same processes but for agents without a gate."""
    recording = honest.out.parent / "bypassed"
    everyone = load_helsefellesskap(honest.out)
    asked = asked_before(honest)
    with Federation(
        everyone.coordinator,
        everyone.sites,
        agent_command=leaky_agent_command,
        recorder=Recorder(recording),
    ) as federation:
        federation.start()
        federation.wait_until_online(COUNTS, 120)
        replies = federation.exchange({s: encode(asked.message(s, {})) for s in COUNTS}, 60)
    assert all(isinstance(reply, bytes) for reply in replies.values())
    return Recorded(honest.out, recording, {}, honest.kept, honest.reports)


def bodies(recorded: Recorded) -> Iterator[bytes]:
    for connection in reconcile(recorded.recording).connections:
        yield connection.plaintext
        for _, body in request_bodies(connection.plaintext):
            yield body


def found_in(recorded: Recorded) -> Found:
    return search(bodies(recorded))


def test_what_the_sockets_carried_is_what_was_recorded(honest: Recorded) -> None:
    """Byte for byte: nothing went out beside the recorder."""
    reconciliation = reconcile(honest.recording)
    assert reconciliation.complete
    assert {connection.site for connection in reconciliation.connections} == {*COUNTS, "oslo"}
    assert all(c.bytes_plaintext <= c.bytes_on_socket for c in reconciliation.connections)


def test_the_answers_themselves_are_in_the_recording(honest: Recorded) -> None:
    """The search looks in the right place: it holds what the release was made from."""
    (cells,) = (honest.out / "coordinator" / "releases").glob("*/cells.parquet")
    large = [
        row["value"]
        for row in pq.read_table(cells).to_pylist()
        if row["measure"] == "acute_readmissions_30d_same_site" and row["value"] > 10
    ]
    text = b"".join(bodies(honest))
    everyone = load_helsefellesskap(honest.out)
    book = QuestionBook(everyone.coordinator.state_path / "questions")
    answers = book.answers(asked_before(honest))
    assert set(large) <= {value for answer in answers.values() for value in answer.values}
    for answer in answers.values():
        assert json.loads(encode(answer))["values"].encode() in text
    assert text.count(b'"kind":"answer"') >= len(COUNTS)


def test_neither_canary_nor_exact_count_left_a_site(honest: Recorded) -> None:
    found = found_in(honest)
    assert not found.leaks, found


def test_a_bypassed_gate_is_found(bypassed: Recorded) -> None:
    """The same search, on the same data, with the gate out of the way."""
    found = found_in(bypassed)
    assert found.ids
    assert found.dates
    assert found.cell_counts["decimal"] == cell_counts()
    assert found.cell_counts["int64 little"] == cell_counts()
    assert found.cell_counts["float64 big"] == cell_counts()
    assert any(found.totals.values())
    assert found.leaks


def test_no_log_or_event_outside_the_warehouses_holds_a_canary(honest: Recorded) -> None:
    """Logs, Dagster's event log, dbt's artefacts, Flower's databases, the ledger, the release."""
    assert not honest.kept.ids, "a person's id"
    assert not honest.kept.leaks, honest.kept


def test_the_quality_reports_hold_counts_and_nothing_of_one_person(honest: Recorded) -> None:
    """They stay in the site's state folder, and no Flower process opens one (below)."""
    assert honest.reports.cell_counts["decimal"], "the search reads them"
    assert not honest.reports.ids
    assert not honest.reports.dates


DATA = (
    ".duckdb", "ledger.sqlite", "ledger.head", "quality.json", "quality.html",
    "report.html", "report.xlsx",
)  # fmt: skip


def is_data(path: str) -> bool:
    return any(mark in path for mark in DATA)


def test_no_flower_process_opens_warehouse_ledger_or_a_foreign_key(honest: Recorded) -> None:
    """Every file that Python opened in them, from the first line to the last."""
    seen: set[str] = set()
    for process in processes(honest.recording):
        seen.add(_role(list(process.command)))
        opened = {str(path) for path in process.opened}
        assert not [path for path in opened if is_data(path)], process.command
        keys = {Path(path) for path in opened if path.endswith(".key")}
        own = {"flower-supernode": "transport.key", "flower-superlink": "superlink.key"}
        allowed = own.get(_role(list(process.command)))
        assert {key.name for key in keys} <= {allowed}, process.command
        assert len(keys) <= 1, "at most its own"
    assert {"flower-superlink", "flower-supernode", "federated.transport.relay"} <= seen
    assert any(role.startswith("flwr-serverapp") for role in seen), seen


def test_no_flower_process_holds_them_open_either(honest: Recorded) -> None:
    """What a C library opens by itself shows in /proc, looked at throughout."""
    flower = {
        role: files
        for role, files in honest.held.items()
        if role.startswith(("flower-", "flwr-")) or role == "federated.transport.relay"
    }
    assert {"flower-superlink", "flower-supernode", "federated.transport.relay"} <= set(flower)
    for role, files in flower.items():
        assert not [path for path in files if is_data(path)], role
        assert not [path for path in files if path.endswith(".key")], role


def test_an_organisation_s_own_figures_stay_where_they_are(reported: Recorded) -> None:
    """Exact figures lie in every state folder: no message holds one, no Flower process opens it."""
    hospital = reported.out / "sites" / "ous" / "state" / "report" / "report.html"
    shown = hospital.read_text(encoding="utf-8").replace("\N{NARROW NO-BREAK SPACE}", "")
    assert any(f">{count}<" in shown for count in COUNTS["ous"].values()), "the report is exact"
    assert not found_in(reported).leaks
    for process in processes(reported.recording):
        assert not [path for path in process.opened if is_data(str(path))], process.command


def test_the_look_at_open_files_would_have_seen_them(honest: Recorded) -> None:
    """The agent does hold the ledger open, and dbt the warehouse: the same look finds both."""
    assert any("ledger.sqlite" in path for path in honest.held["federated.site.agent"])
    assert any(path.endswith(".duckdb") for path in honest.held["sloyfe-dbt"])


def test_the_wire_is_not_recorded_for_data_that_may_be_real(tmp_path: Path) -> None:
    plan = DemoPlan(**{**PLAN.__dict__, "source": tmp_path, "declared_synthetic": False})
    with pytest.raises(Problem, match="synthetic data only"):
        run_demo(plan, tmp_path / "out", lambda _: None, record_wire=tmp_path / "recording")
