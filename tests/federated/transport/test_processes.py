"""Nothing that was started outlives the one that started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from federated.transport.process_tree import descendants
from federated.transport.processes import Command, Exit, Processes

pytestmark = pytest.mark.processes

# Starts a grandchild in a session of its own, as Flower starts its SuperExec, and that one another
# that is deaf to SIGTERM. The middle one ends, so that the last is an orphan.
FAMILY = """
import os, signal, subprocess, sys, time
if len(sys.argv) > 1:
    subprocess.Popen([sys.executable, "-c",
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(os.getpid(), flush=True); print('ready', flush=True); time.sleep(600)"])
    sys.exit()
child = subprocess.Popen([sys.executable, __file__, "again"], start_new_session=True)
print(os.getpid(), flush=True)
child.wait()
time.sleep(600)
"""

PARENT = """
import sys, time
from federated.transport.processes import Command, Processes
family, log = sys.argv[1:]
with Processes(grace=0.5) as processes:
    processes.start(Command("family", "", [sys.executable, family], {}, "/", log))
    print(processes.supervisor_pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def family(tmp_path: Path) -> Path:
    file = tmp_path / "family.py"
    file.write_text(FAMILY)
    return file


def wait_for(condition: Callable[[], bool], timeout: float = 15.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def members(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().split() if line.isdigit()]


def is_ready(log: Path) -> bool:
    return log.is_file() and "ready" in log.read_text()


def start_parent(family: Path, log: Path) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(family), str(log)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    supervisor = int(parent.stdout.readline())
    wait_for(lambda: is_ready(log))
    return parent, supervisor


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_when_the_parent_dies_nothing_is_left(
    family: Path, tmp_path: Path, death: signal.Signals
) -> None:
    log = tmp_path / "log"
    parent, supervisor = start_parent(family, log)
    everybody = [supervisor, *descendants(supervisor)]
    assert set(members(log)) < set(everybody)
    assert len(everybody) == 3
    assert os.getsid(supervisor) == supervisor  # the terminal's Ctrl-C does not reach it
    parent.send_signal(death)
    parent.wait()
    wait_for(lambda: not any(map(lives, everybody)))


def test_when_the_supervisor_is_told_to_end_it_ends_all_first(family: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    parent, supervisor = start_parent(family, log)
    everybody = descendants(supervisor)
    os.kill(supervisor, signal.SIGTERM)
    wait_for(lambda: not lives(supervisor))
    assert not any(map(lives, everybody))
    parent.kill()
    parent.wait()


def test_stop_returns_when_nothing_is_left(family: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = Command("family", "", [sys.executable, str(family)], {}, "/", str(log))
    with Processes(grace=0.5) as processes:
        processes.start(command)
        wait_for(lambda: is_ready(log))
        everybody = descendants(processes.supervisor_pid)
        assert [running.pid for running in processes.running()] == members(log)[:1]
    assert not any(map(lives, everybody))
    assert processes.running() == []
    processes.stop()


def test_exits_are_reported_and_restarts_made(tmp_path: Path) -> None:
    exits: list[Exit] = []
    log = tmp_path / "log"
    script = ["/bin/sh", "-c", 'echo "$NAME"; exit 3']

    def command(role: str, restart_after: float | None, argv: list[str] = script) -> Command:
        return Command(role, "oslo", argv, {"NAME": role}, "/", str(log), restart_after)

    with Processes(exits.append) as processes:
        processes.start(command("once", None))
        processes.start(command("often", 0.05))
        processes.start(command("never", None, ["/no/such/program"]))
        wait_for(lambda: sum(ended.role == "often" for ended in exits) >= 2)
        wait_for(lambda: {"once", "never"} <= {ended.role for ended in exits})
    codes = {ended.role: (ended.site, ended.code) for ended in exits}
    assert codes == {"once": ("oslo", 3), "often": ("oslo", 3), "never": ("oslo", 127)}
    lines = log.read_text().splitlines()
    assert lines.count("once") == 1
    assert lines.count("often") >= 2
    assert "cannot be started: No such file or directory" in lines


def test_a_child_has_the_given_environment_and_a_closed_umask(tmp_path: Path) -> None:
    log = tmp_path / "log"
    exits: list[Exit] = []
    with Processes(exits.append) as processes:
        script = f"umask; touch {tmp_path}/made; exec /usr/bin/env"
        processes.start(Command("env", "", ["/bin/sh", "-c", script], {"A": "1"}, "/", str(log)))
        wait_for(lambda: bool(exits))
    umask, *environment = log.read_text().split()
    assert umask == "0077"
    assert "A=1" in environment
    assert {entry.partition("=")[0] for entry in environment} <= {"A", "PWD", "SHLVL", "_"}
    assert (tmp_path / "made").stat().st_mode & 0o077 == 0
    assert log.stat().st_mode & 0o077 == 0
