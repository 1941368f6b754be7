"""A real SuperLink and real SuperNodes, over TLS with per-site keys."""

import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from federated.contract.undelivered import Undelivered
from federated.transport import fab
from federated.transport.certificates import make_transport_key
from federated.transport.federation import Federation
from federated.transport.process_tree import descendants
from federated.transport.recording import (
    Process,
    Reconciliation,
    Recorder,
    processes,
    reconcile,
    request_bodies,
)
from privacy.problem import Problem
from tests.federated.transport.conftest import Parties, echo_agent, make_parties_in

pytestmark = pytest.mark.processes

MakeParties = Callable[[Sequence[str]], Parties]
ONLINE = 90.0  # seconds; a busy machine needs some of them


@dataclass(frozen=True)
class Session:
    """What one federation of two sites did, from start to stop."""

    folder: Path
    parties: Parties
    outcomes: list[dict[str, bytes | Undelivered]]
    after_kill: dict[str, bytes | Undelivered]
    progress: list[str]
    roles: set[tuple[str, str]]
    pids: list[int]
    reconciliation: Reconciliation
    processes: list[Process]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One start for many tests: a start is a dozen processes."""
    folder = tmp_path_factory.mktemp("federation")
    parties = make_parties_in(folder, ["oslo", "bergen"])
    recording = folder / "recording"
    progress: list[str] = []
    recorder = Recorder(recording)
    with Federation(
        parties.coordinator, parties.sites, agent_command=echo_agent, recorder=recorder
    ) as federation:
        federation.start()
        federation.wait_until_online(["oslo", "bergen"], ONLINE, progress.append)
        outcomes = [
            federation.exchange({"oslo": b"one", "bergen": b"two"}, 60, progress.append),
            federation.exchange({"oslo": b"be silent", "bergen": bytes(range(256)) * 4096}, 60),
        ]
        roles = {(running.role, running.site) for running in federation.processes()}
        pids = [federation.supervisor_pid, *descendants(federation.supervisor_pid)]
        (node,) = (
            running.pid
            for running in federation.processes()
            if (running.role, running.site) == ("supernode", "bergen")
        )
        os.kill(node, signal.SIGKILL)
        after_kill = federation.exchange({"oslo": b"three", "bergen": b"four"}, 10)
    yield Session(
        folder,
        parties,
        outcomes,
        after_kill,
        progress,
        roles,
        pids,
        reconcile(recording),
        processes(recording),
    )


def test_each_site_gets_its_own_message_and_answers(session: Session) -> None:
    assert session.outcomes[0] == {"oslo": b"echo one", "bergen": b"echo two"}
    assert session.progress[-3:] == [
        "2 of 2 sites are online",
        "asking 2 sites",
        "2 of 2 sites answered",
    ]


def test_an_agent_that_fails_and_a_payload_that_is_too_large_are_told(session: Session) -> None:
    # The echo of 1 MiB is five bytes more than a message may have.
    assert session.outcomes[1] == {
        "oslo": Undelivered.AGENT_FAILED,
        "bergen": Undelivered.AGENT_FAILED,
    }


def test_a_killed_supernode_costs_its_own_site_alone(session: Session) -> None:
    assert session.after_kill["oslo"] == b"echo three"
    assert session.after_kill["bergen"] in (Undelivered.NO_REPLY, Undelivered.OFFLINE)


def test_every_part_ran_and_none_is_left(session: Session) -> None:
    assert session.roles == {
        ("superlink", ""),
        ("recorder", ""),
        *((role, site) for role in ("agent", "supernode", "relay") for site in ("oslo", "bergen")),
    }
    assert len(session.pids) >= 1 + len(session.roles) + 1  # supervisor, and Flower's SuperExec
    assert not [pid for pid in session.pids if Path(f"/proc/{pid}").exists()]


def test_flower_writes_in_the_state_folders_alone_and_for_its_owner_alone(session: Session) -> None:
    states = [session.parties.coordinator.state_path]
    states += [site.state_path for site in session.parties.sites]
    before = {"keys", "transport.key", "transport.key.pub", "state", "recording"}
    for file in session.folder.rglob("*"):
        if any(file.is_relative_to(state) for state in states):
            assert file.stat().st_mode & 0o077 == 0, file
        else:
            parts = set(file.relative_to(session.folder).parts[:2])
            assert parts & before or file.name in ("coordinator", "oslo", "bergen"), file
    database = session.parties.coordinator.state_path / "superlink" / "state.db"
    assert database.is_file()
    assert not list(session.parties.coordinator.state_path.glob("exchange-*"))


def test_no_log_holds_a_payload(session: Session) -> None:
    logs = list(session.folder.rglob("logs/*.log"))
    assert {log.stem for log in logs} >= {"superlink", "supernode", "relay"}
    for log in logs:
        text = log.read_text()
        assert not [word for word in ("echo one", "three", "be silent") if word in text], log


def test_the_recorded_plaintext_is_what_the_sockets_carried(session: Session) -> None:
    reconciliation = session.reconciliation
    assert reconciliation.complete, reconciliation
    assert {connection.site for connection in reconciliation.connections} == {"oslo", "bergen"}
    for connection in reconciliation.connections:
        assert connection.bytes_on_socket > connection.bytes_plaintext


def test_what_left_a_site_can_be_searched(session: Session) -> None:
    left: dict[str, bytes] = {"oslo": b"", "bergen": b""}
    lines: list[str] = []
    for connection in session.reconciliation.connections:
        for line, body in request_bodies(connection.plaintext):
            lines.append(line)
            left[connection.site] += body
    assert b"echo one" in left["oslo"]
    assert b"echo two" in left["bergen"]
    assert b"echo two" not in left["oslo"]
    assert all(line.startswith("POST /v1/fleet/") for line in lines)
    raw = b"".join(
        file.read_bytes() for file in (session.folder / "recording" / "wire").rglob("*-*")
    )
    assert b"echo" not in raw


def test_no_flower_process_opens_what_is_not_its_own(session: Session) -> None:
    kinds = ("flower-superlink", "flower-superexec", "flwr-serverapp", "flower-supernode", "relay")
    for kind in kinds:
        assert any(kind in " ".join(process.command) for process in session.processes), kind
    keys = {site.id: site.folder / "transport.key" for site in session.parties.sites}
    owners = [
        site for process in session.processes for site, key in keys.items() if key in process.opened
    ]
    assert set(owners) == {"oslo", "bergen"}
    for process in session.processes:
        opened = {site for site, key in keys.items() if key in process.opened}
        assert len(opened) <= 1
        assert not opened or "flower-supernode" in " ".join(process.command)


def test_another_bundle_and_another_key_are_refused(make_parties: MakeParties) -> None:
    parties = make_parties(["oslo", "bergen"])
    other = parties.coordinator.folder / "bundle"
    other.mkdir()
    for file in fab.BUNDLE.glob("*.*"):
        (other / file.name).write_bytes(file.read_bytes())
    with (other / "client_app.py").open("a") as client_app:
        client_app.write("# not the bundle that the sites have\n")
    bergen = parties.sites[1]
    (bergen.folder / "transport.key").unlink()
    (bergen.folder / "transport.key.pub").rename(bergen.folder / "enrolled.pub")
    make_transport_key(bergen.folder / "transport.key", "an unregistered key")
    (bergen.folder / "transport.key.pub").unlink()
    (bergen.folder / "enrolled.pub").rename(bergen.folder / "transport.key.pub")

    with Federation(
        parties.coordinator, parties.sites, agent_command=echo_agent, bundle=other
    ) as federation:
        federation.start()
        federation.wait_until_online(["oslo"], ONLINE)
        with pytest.raises(Problem) as problem:
            federation.wait_until_online(["oslo", "bergen"], ONLINE)
        assert "bergen" in problem.value.what
        log = bergen.state_path / "logs" / "supernode.log"
        assert str(log) in problem.value.where
        assert "Exit Code: 305" in log.read_text()
        assert federation.exchange({"oslo": b"one"}, 60) == {"oslo": Undelivered.BUNDLE_DIFFERS}
        with pytest.raises(Problem) as problem:
            federation.exchange({"tromso": b"one"}, 60)
        assert "tromso" in problem.value.what


def test_a_superlink_that_cannot_start_is_told_with_its_log(make_parties: MakeParties) -> None:
    parties = make_parties(["oslo"])
    certificate = parties.coordinator.path(parties.coordinator.listen.certificate)
    certificate.write_text("not a certificate")
    with Federation(parties.coordinator, parties.sites, agent_command=echo_agent) as federation:
        federation.start()
        with pytest.raises(Problem) as problem:
            federation.wait_until_online(["oslo"], ONLINE)
    assert "SuperLink" in problem.value.what
    assert "superlink.log" in problem.value.where


def start_nothing(parties: Parties) -> Problem:
    with Federation(parties.coordinator, parties.sites, agent_command=echo_agent) as federation:
        with pytest.raises(Problem) as problem:
            federation.start()
        assert federation.processes() == []
        assert federation.supervisor_pid == 0
    return problem.value


def test_a_port_in_use_is_named_before_anything_starts(make_parties: MakeParties) -> None:
    parties = make_parties(["oslo"])
    port = parties.coordinator.listen.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        problem = start_nothing(parties)
    assert str(port) in problem.what
    assert not parties.coordinator.state_path.exists()


def test_a_superlink_beyond_loopback_is_refused(make_parties: MakeParties) -> None:
    parties = make_parties(["oslo"])
    listen = parties.coordinator.listen.model_copy(update={"host": "0.0.0.0"})
    coordinator = parties.coordinator.model_copy(update={"listen": listen})
    assert "loopback" in start_nothing(Parties(coordinator, parties.sites)).what


def test_a_site_that_is_no_member_is_named(make_parties: MakeParties) -> None:
    parties = make_parties(["oslo", "bergen"])
    members = parties.coordinator.members[:1]
    coordinator = parties.coordinator.model_copy(update={"members": members})
    assert "bergen" in start_nothing(Parties(coordinator, parties.sites)).what


def test_a_missing_key_is_named(make_parties: MakeParties) -> None:
    parties = make_parties(["oslo"])
    (parties.sites[0].folder / "transport.key").unlink()
    assert "transport.key" in start_nothing(parties).where
