"""The supervisor's process: `python -m federated.transport.supervisor PARENT_PID GRACE`.

It reads one JSON object per line, a `processes.Command`, and starts it; it writes one line per
start and per exit: {"key", "pid", "code"}, code null for a start. It ends every descendant and then
itself on SIGTERM or SIGINT, on the end of its input, or when its parent is another process than the
one named: whichever way the starting process died.

Flower puts its SuperExec in a session of its own, so that neither a process group nor a terminal
reaches it. Therefore the supervisor adopts orphans (child subreaper) and looks its descendants up
in /proc.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time

from federated.transport.process_tree import descendants
from federated.transport.processes import Command

# From <linux/prctl.h>.
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_LOOK = 0.05  # seconds between two looks at what is left, while stopping
_IDLE = 1.0  # seconds between two looks at who the parent is
_libc = ctypes.CDLL(None, use_errno=True)


class Supervisor:
    """Children by process id, and what is due to be started again."""

    def __init__(self, parent: int, grace: float) -> None:
        self._parent = parent
        self._grace = grace
        self._children: dict[int, Command] = {}
        self._due: list[tuple[float, Command]] = []
        self._input = bytearray()
        self._stopping = False

    def run(self) -> None:
        wake, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # or it would not wake the select below
        while not self._stopping and os.getppid() == self._parent:
            ready, _, _ = select.select([sys.stdin.fileno(), wake], [], [], self._wait())
            if wake in ready:
                os.read(wake, 4096)
            if sys.stdin.fileno() in ready and not self._read_commands():
                break
            self._reap()
            self._start_what_is_due()
        self._end_all()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _wait(self) -> float:
        now = time.monotonic()
        return max(0.0, min([_IDLE, *(when - now for when, _ in self._due)]))

    def _read_commands(self) -> bool:
        """Start what came in; false at the end of the input."""
        chunk = os.read(sys.stdin.fileno(), 1 << 16)
        self._input += chunk
        while (end := self._input.find(b"\n")) >= 0:
            line = bytes(self._input[:end])
            del self._input[: end + 1]
            self._start(Command(**json.loads(line)))
        return bool(chunk)

    def _start(self, command: Command) -> None:
        log = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            child = subprocess.Popen(
                command.argv,
                env=command.env,
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=0o077,
                # Safe here: this process has one thread.
                preexec_fn=_die_with_the_supervisor,  # noqa: PLW1509
            )
        except OSError as error:
            os.write(log, f"cannot be started: {error.strerror}\n".encode())
            _tell(command, 0, None)
            _tell(command, 0, 127)
            return
        finally:
            os.close(log)
        self._children[child.pid] = command
        child.returncode = 0  # reaped by pid below, as adopted orphans are; not by this object
        _tell(command, child.pid, None)

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        due = [command for when, command in self._due if when <= now]
        self._due = [(when, command) for when, command in self._due if when > now]
        for command in due:
            self._start(command)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            command = self._children.pop(pid, None)  # None: an adopted orphan
            if command is None or self._stopping:
                continue
            _tell(command, pid, os.waitstatus_to_exitcode(status))
            if command.restart_after is not None:
                self._due.append((time.monotonic() + command.restart_after, command))

    def _end_all(self) -> None:
        """SIGTERM to every descendant as it is found, SIGKILL to what is left after the grace."""
        self._stopping = True
        asked: set[int] = set()
        deadline = time.monotonic() + self._grace
        while left := descendants(os.getpid()):
            late = time.monotonic() > deadline
            for pid in left:
                if late or pid not in asked:
                    _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
            asked.update(left)
            self._reap()
            time.sleep(_LOOK)
        # Only dead ones are left, so this waits for nobody: no zombie is handed on to init.
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)


def _die_with_the_supervisor() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _tell(command: Command, pid: int, code: int | None) -> None:
    line = json.dumps({"key": command.key, "pid": pid, "code": code}) + "\n"
    with contextlib.suppress(BrokenPipeError):  # the starting process is gone; the loop will see
        os.write(sys.stdout.fileno(), line.encode())


def main() -> None:
    if _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this kernel has no child subreaper")
    parent, grace = sys.argv[1:]
    # What a dead parent left in our hands must not end us before we have ended our children.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    Supervisor(int(parent), float(grace)).run()


if __name__ == "__main__":
    main()
