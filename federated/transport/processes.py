"""A set of processes that never outlives the one that started it.

`Processes` is the handle in the starting process. The processes themselves are children of a
supervisor of their own (`federated.transport.supervisor`), which ends them all when told to, and
also when the starting process dies in any way, `kill -9` included. It runs in a session of its own,
so that a Ctrl-C at the terminal reaches the starting process alone.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

GRACE = 5.0
_PATIENCE = 5.0  # for the supervisor itself, on top of the grace


@dataclass(frozen=True)
class Command:
    """One process to run.

    role, site: who it is (`supernode`, `oslo`); site is empty for the coordinator's processes.
    env: the whole environment, nothing is inherited. log: standard output and error are appended.
    restart_after: seconds until it is started again when it ends by itself; None: it is not.
    """

    role: str
    site: str
    argv: list[str]
    env: dict[str, str]
    cwd: str
    log: str
    restart_after: float | None = None

    @property
    def key(self) -> str:
        return f"{self.role}/{self.site}"


@dataclass(frozen=True)
class Running:
    """A process that was started and has not ended."""

    role: str
    site: str
    pid: int


@dataclass(frozen=True)
class Exit:
    """A process that ended by itself. code: as in `subprocess`, negative for a signal."""

    role: str
    site: str
    pid: int
    code: int
    log: Path


class Processes:
    """A context manager; leaving it ends everything that was started.

    on_exit: called in a thread of this class for each process that ends by itself.
    grace: seconds between SIGTERM and SIGKILL.
    """

    def __init__(
        self, on_exit: Callable[[Exit], None] = lambda _: None, grace: float = GRACE
    ) -> None:
        self._on_exit = on_exit
        self._grace = grace
        self._commands: dict[str, Command] = {}
        self._running: dict[str, Running] = {}
        self._lock = threading.Lock()
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._orders: IO[bytes] | None = None
        self._listener: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._supervisor = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "federated.transport.supervisor",
                str(os.getpid()),
                str(self._grace),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._orders = self._supervisor.stdin
        self._listener = threading.Thread(
            target=self._listen, args=(self._supervisor.stdout,), daemon=True
        )
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, command: Command) -> None:
        """Have the supervisor start it. Returns at once; `running` lists it when it runs.

        After `stop` nothing is started any more.
        """
        line = json.dumps(asdict(command)).encode() + b"\n"
        with self._lock:
            if self._orders is not None:
                self._commands[command.key] = command
                self._orders.write(line)
                self._orders.flush()

    def running(self) -> list[Running]:
        with self._lock:
            return list(self._running.values())

    @property
    def supervisor_pid(self) -> int:
        """Root of the process tree; 0 before the start and after the stop."""
        return self._supervisor.pid if self._supervisor else 0

    def stop(self) -> None:
        """End every process; returns when none is left. Can be called twice."""
        with self._lock:
            supervisor, self._supervisor = self._supervisor, None
            orders, self._orders = self._orders, None
        if supervisor is None or orders is None:
            return
        with contextlib.suppress(BrokenPipeError):
            orders.close()  # the end of its input is the order to stop
        try:
            supervisor.wait(self._grace + _PATIENCE)
        except subprocess.TimeoutExpired:
            supervisor.kill()  # each child then gets SIGTERM from the kernel (PR_SET_PDEATHSIG)
            supervisor.wait()
        if self._listener is not None:
            self._listener.join()
        with self._lock:
            self._running.clear()

    def _listen(self, events: Iterable[bytes]) -> None:
        for line in events:
            event = json.loads(line)
            key, pid, code = event["key"], event["pid"], event["code"]
            with self._lock:
                command = self._commands[key]
                if code is None:
                    self._running[key] = Running(command.role, command.site, pid)
                else:
                    self._running.pop(key, None)
            if code is not None:
                self._on_exit(Exit(command.role, command.site, pid, code, Path(command.log)))
