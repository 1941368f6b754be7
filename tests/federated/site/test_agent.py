"""The agent as a process of its own, spoken to over its socket."""

import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from federated.contract.messages import (
    MAX_MESSAGE_BYTES,
    Answer,
    Refusal,
    decode_from_site,
    encode,
)
from federated.site.config import SiteConfig
from privacy.frames import FrameError, ask, frame, read_frame, socket_address
from privacy.ledger import Ledger
from tests.federated.site.homes import approve, question, write_site, write_warehouse

pytestmark = pytest.mark.processes

REPOSITORY = Path(__file__).parents[3]
PATIENCE = 30.0


def start(site: SiteConfig) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "federated.site.agent", str(site.folder)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(site: SiteConfig) -> Iterator[subprocess.Popen[str]]:
    agent = start(site)
    try:
        deadline = time.monotonic() + PATIENCE
        while not site.socket_path.is_socket() and agent.poll() is None:
            assert time.monotonic() < deadline, "the agent did not come up"
            time.sleep(0.05)
        yield agent
    finally:
        agent.kill()
        agent.communicate()


def ended(site: SiteConfig) -> tuple[int, str]:
    """Exit code and standard error of an agent that is expected to end by itself."""
    agent = start(site)
    try:
        _, stderr = agent.communicate(timeout=PATIENCE)
    finally:
        agent.kill()
    return agent.returncode, stderr


@contextmanager
def speaking(site: SiteConfig) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(PATIENCE)
        with socket_address(site.socket_path) as name:
            stream.connect(name)
        yield stream


def exchange(site: SiteConfig, payload: bytes):
    return decode_from_site(ask(site.socket_path, payload, PATIENCE, MAX_MESSAGE_BYTES))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module")
def site(tmp_path_factory, manifest, indicator) -> SiteConfig:
    folder = tmp_path_factory.mktemp("agent") / "ous"
    written = write_site(folder, manifest)
    write_warehouse(written, [("p1", "2024", "75-84", "2024Q1", "readmitted")])
    approve(written, indicator)
    return written


@pytest.fixture(scope="module")
def agent(site) -> Iterator[subprocess.Popen[str]]:
    with running(site) as process:
        yield process


def test_it_answers_over_its_socket_and_the_same_attempt_the_same_way(site, agent, indicator):
    payload = encode(question(indicator))
    first = ask(site.socket_path, payload, PATIENCE, MAX_MESSAGE_BYTES)
    answer = decode_from_site(first)
    assert isinstance(answer, Answer)
    assert len(answer.values) == len(indicator.domain("2024")) * 2
    assert ask(site.socket_path, payload, PATIENCE, MAX_MESSAGE_BYTES) == first
    ledger = Ledger.read(site.ledger_path)
    assert len(ledger.attempts()) == 1 and ledger.verify().ok
    ledger.close()


def test_a_second_agent_of_the_same_site_is_refused_and_the_first_goes_on(site, agent):
    code, stderr = ended(site)
    assert code == 1
    (line,) = stderr.splitlines()
    assert line.startswith("sloyfe agent: another agent of this site is running")
    assert agent.poll() is None
    assert isinstance(exchange(site, b"hello"), Refusal)


def test_it_survives_garbage_and_broken_conversations(site, agent):
    for payload in (b"", b"\xff" * 1000, b"[" * 100_000):
        reply = exchange(site, payload)
        assert isinstance(reply, Refusal)
    for broken in (b"", b"\x00\x00", frame(b"question")[:-1]):
        with speaking(site) as stream:
            stream.sendall(broken)
    with speaking(site) as stream:  # one that announces more than is allowed is hung up on
        stream.sendall((MAX_MESSAGE_BYTES + 1).to_bytes(8, "big"))
        with pytest.raises((FrameError, ConnectionResetError)):
            read_frame(stream, MAX_MESSAGE_BYTES)
    with speaking(site) as stream:  # one that does not wait for the reply
        stream.sendall(frame(b"hello"))
    assert isinstance(exchange(site, b"hello"), Refusal)
    assert agent.poll() is None


def test_its_files_are_closed_to_others(site, agent):
    home = site.socket_path.parent
    assert mode(site.socket_path) == 0o660
    assert mode(home) == 0o750
    assert mode(home / "sent") == 0o700
    lock = site.warehouse_path.with_name("warehouse.duckdb.agent")
    for file in (site.ledger_path, home / "agent.log", lock):
        assert mode(file) == 0o600
    for beside in site.ledger_path.parent.glob("ledger*"):
        assert mode(beside) & 0o077 == 0
    limits = Path(f"/proc/{agent.pid}/limits").read_text().splitlines()
    (core,) = [line for line in limits if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]


def test_it_opens_no_port(site, agent):
    sockets = {
        target.removeprefix("socket:[").removesuffix("]")
        for fd in Path(f"/proc/{agent.pid}/fd").iterdir()
        if (target := str(fd.readlink())).startswith("socket:")
    }
    internet = [
        line.split()[9]
        for table in ("tcp", "tcp6", "udp", "udp6")
        if (path := Path(f"/proc/{agent.pid}/net/{table}")).exists()
        for line in path.read_text().splitlines()[1:]
    ]
    assert sockets and not sockets & set(internet)


def test_it_ends_on_sigterm_and_leaves_no_socket_but_a_sound_ledger(tmp_path, manifest, indicator):
    site = write_site(tmp_path / "ous", manifest)
    write_warehouse(site, [])
    approve(site, indicator)
    with running(site) as agent:
        assert isinstance(exchange(site, encode(question(indicator))), Answer)
        agent.send_signal(signal.SIGTERM)
        _, stderr = agent.communicate(timeout=PATIENCE)
    assert (agent.returncode, stderr) == (0, "")
    assert not site.socket_path.exists()
    ledger = Ledger.read(site.ledger_path)
    assert ledger.verify().ok and ledger.spent()
    ledger.close()


def test_an_agent_that_was_killed_leaves_nothing_in_the_way_of_the_next(tmp_path, manifest):
    site = write_site(tmp_path / "ous", manifest)
    with running(site) as agent:
        agent.kill()
        agent.wait()
    assert site.socket_path.is_socket()  # what the killed one left
    next_agent = start(site)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                assert isinstance(exchange(site, b"hello"), Refusal)
                break
            except OSError:
                assert time.monotonic() < deadline and next_agent.poll() is None
                time.sleep(0.05)
    finally:
        next_agent.kill()
        next_agent.communicate()


def changed_entry(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("drop trigger entry_is_never_changed")
        connection.execute("update entry set body = replace(body, 'budget', 'Budget')")
    connection.close()


def no_database(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 500)


@pytest.mark.parametrize("damage", [changed_entry, no_database])
def test_a_damaged_ledger_stops_it_with_one_clear_line(tmp_path, damage):
    site = write_site(tmp_path / "ous", None)
    ledger = Ledger.open(site.ledger_path)
    ledger.refusal("q", "a", "budget_spent")
    ledger.close()
    damage(site.ledger_path)
    code, stderr = ended(site)
    assert code == 1
    (line,) = stderr.splitlines()
    assert line.startswith("sloyfe agent: the ledger ") and str(site.ledger_path) in line
    assert "backup" in line
    assert not site.socket_path.exists()


def test_an_unknown_site_is_one_clear_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "federated.site.agent", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "there is no such site" in done.stderr
