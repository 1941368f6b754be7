"""Kill -9 at every line: never less charged than released, never two answers, never corrupt."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.gate import GateRefusal
from privacy.gate.door import AUDIT, Door
from privacy.ledger import AttemptState, Chain
from tests.privacy.gates import SLOT, Site, encode, request, rows
from tests.privacy.ledger.test_shared import attempt, chained

IDENTITY = Ed25519PrivateKey.generate()
ENTRIES = chained(attempt(1, 2**-7), attempt(2, 2**-6))
CHARGED = 2**-7 + 2**-6
WATCHED = (f"{os.sep}privacy{os.sep}gate{os.sep}", f"{os.sep}privacy{os.sep}ledger{os.sep}")


def answer_and_send(folder: Path, leaves: Path) -> None:
    """What an agent does with one question; what leaves is appended to a file, in one write."""
    site = Site(folder)
    gate = site.gate()
    audit = Chain.open(folder / "audit.sqlite", AUDIT)
    outgoing = gate.counts(request(), "real", lambda: rows((1, 0, 0), (2, 1, 1)), encode)
    Door(gate, audit, 1 << 20).note(outgoing)
    with leaves.open("ab", buffering=0) as socket:
        socket.write(outgoing.payload + b"\n")
    audit.close()
    site.ledger.close()


def note_and_send(folder: Path, leaves: Path) -> None:
    """What an agent does with the global ledger's news."""
    site = Site(folder)
    signed = site.gate(identity=IDENTITY).note(ENTRIES, "real", as_json, SLOT)
    with leaves.open("ab", buffering=0) as socket:
        socket.write(signed.payload.rstrip() + b"\n")
    site.ledger.close()


def as_json(known: int, signatures: list[str | None]) -> bytes:
    return json.dumps([known, signatures]).encode()


def killed_at(line: int, run: Callable[[Path, Path], None], folder: Path, leaves: Path) -> bool:
    """Run in a process that is killed at its `line`-th line of gate and ledger code.

    False if it got through before.
    """
    child = os.fork()
    if child == 0:
        count = 0

        def trace(frame, event, argument):
            nonlocal count
            if not any(part in frame.f_code.co_filename for part in WATCHED):
                return None
            if event == "line":
                count += 1
                if count == line:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        try:
            sys.settrace(trace)
            run(folder, leaves)
        except BaseException:
            os._exit(9)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def check_after(folder: Path, leaves: Path) -> None:
    released = leaves.read_bytes().splitlines() if leaves.exists() else []
    site = Site(folder)
    assert site.ledger.verify().ok
    attempt = site.ledger.attempt("a1")
    if released:
        assert attempt is not None, "released and never charged"
        assert attempt.state is AttemptState.ANSWERED
    audit = Chain.open(folder / "audit.sqlite", AUDIT)
    assert len(list(audit.entries())) >= len(released)
    audit.close()
    try:
        again = site.gate().counts(request(), "real", lambda: rows((1, 0, 0)), encode).payload
    except GateRefusal as refusal:
        # The charge stands, and fresh noise needs a fresh attempt.
        assert refusal.reason.value == "attempt_used"
        assert not released
        assert attempt is not None and attempt.state is AttemptState.RESERVED
    else:
        assert set(released) <= {again}
        assert json.loads(again)["values"]
    spent = [entry for entry in site.ledger.entries() if entry.kind == "reserve"]
    assert len(spent) == 1
    site.ledger.close()


def check_noted(folder: Path, leaves: Path) -> None:
    signed = leaves.read_bytes().splitlines() if leaves.exists() else []
    site = Site(folder)
    assert site.ledger.verify().ok
    charged = site.ledger.spent().get(2024)
    if signed:
        assert charged is not None and charged.rho == CHARGED, "signed and never charged"
    again = site.gate(identity=IDENTITY).note(ENTRIES, "real", as_json, SLOT).payload.rstrip()
    assert set(signed) <= {again}
    assert site.ledger.spent()[2024].rho == CHARGED
    assert [noted.agreed for noted in site.ledger.shared()] == [True, True]
    site.ledger.close()


@pytest.mark.slow
def test_killed_at_every_line(tmp_path):
    _kill_at(tmp_path, answer_and_send, check_after, step=1)


def test_killed_at_every_thirtieth_line(tmp_path):
    _kill_at(tmp_path, answer_and_send, check_after, step=29)


@pytest.mark.slow
def test_killed_at_every_line_of_countersigning(tmp_path):
    _kill_at(tmp_path, note_and_send, check_noted, step=1)


def test_killed_at_every_thirtieth_line_of_countersigning(tmp_path):
    _kill_at(tmp_path, note_and_send, check_noted, step=29)


def _kill_at(
    tmp_path: Path,
    run: Callable[[Path, Path], None],
    check: Callable[[Path, Path], None],
    step: int,
) -> None:
    line, outcomes = 1, []
    while True:
        folder = tmp_path / str(line)
        folder.mkdir()
        made = Site(folder)
        made.approve()
        made.ledger.close()
        leaves = folder / "leaves"
        killed = killed_at(line, run, folder, leaves)
        check(folder, leaves)
        outcomes.append(leaves.exists())
        if not killed:
            break
        line += step
    assert line > 100, "every step of reserve, compute and commit was reached"
    assert outcomes[-1]
