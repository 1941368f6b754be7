"""What goes through the door: what a gate has cleared, after the audit log has a line about it."""

import hashlib
import socket
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from privacy.frames import ask, frame, socket_address
from privacy.gate import Outgoing, door
from privacy.gate.door import AUDIT, Door, NotCleared
from privacy.ledger import Chain
from tests.privacy.gates import SLOT

AT_MOST = 64


class Stop(BaseException):
    """As when the process is told to stop."""


@dataclass
class Served:
    gate: Any
    path: Any
    asked: list[bytes] = field(default_factory=list[bytes])
    ended_by: list[BaseException] = field(default_factory=list[BaseException])

    def answer(self, question: bytes) -> Outgoing:
        self.asked.append(question)
        if question == b"stop":
            raise Stop
        cleared = self.gate.status(question.upper(), SLOT, "a1")
        if question == b"forged":
            return Outgoing(cleared.kind, cleared.to, cleared.attempt_id, cleared.payload)
        return cleared

    def ask(self, question: bytes) -> bytes:
        return ask(self.path, question, 10, SLOT)


@contextmanager
def serving(site, tmp_path, audit_is=lambda chain: chain, stale=True):
    served = Served(site.gate(), tmp_path / "run" / "agent.sock")
    served.path.parent.mkdir()
    if stale:
        served.path.write_text("left by one that was killed")

    def run():
        audit = Chain.open(tmp_path / "audit.sqlite", AUDIT)
        try:
            Door(served.gate, audit_is(audit), AT_MOST).serve(served.path, served.answer)
        except BaseException as error:
            served.ended_by.append(error)
        audit.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not served.path.is_socket() or served.path.stat().st_mode & 0o777 != 0o660:
        assert time.monotonic() < until and not served.ended_by, served.ended_by
        time.sleep(0.005)
    time.sleep(0.02)
    yield served
    if thread.is_alive() and not served.ended_by:
        with pytest.raises(OSError):
            served.ask(b"stop")
    thread.join(20)
    assert not thread.is_alive()
    assert not served.path.exists()


def lines(tmp_path):
    audit = Chain.read(tmp_path / "audit.sqlite", AUDIT)
    found = [(entry.kind, entry.body) for entry in audit.entries()]
    audit.close()
    return found


def test_every_message_has_a_line_in_the_audit_log(site, tmp_path):
    with serving(site, tmp_path) as served:
        assert served.ask(b"one").rstrip() == b"ONE"
        assert served.ask(b"x" * AT_MOST).rstrip() == b"X" * AT_MOST
    payload = b"ONE".ljust(SLOT)
    line = {"kind": "status", "to": "coordinator", "attempt_id": "a1", "size": SLOT}
    assert lines(tmp_path)[0] == ("sent", line | {"sha256": hashlib.sha256(payload).hexdigest()})
    assert len(lines(tmp_path)) == 2
    assert isinstance(served.ended_by[0], Stop)


def test_what_no_gate_has_cleared_ends_it(site, tmp_path):
    with serving(site, tmp_path) as served, pytest.raises(OSError):
        served.ask(b"forged")
    assert isinstance(served.ended_by[0], NotCleared)
    assert lines(tmp_path) == []


def test_a_question_that_is_too_long_is_not_read_and_the_next_is_answered(site, tmp_path):
    with serving(site, tmp_path) as served:
        with pytest.raises(OSError):
            served.ask(b"x" * (AT_MOST + 1))
        assert served.ask(b"two").rstrip() == b"TWO"
        assert served.asked == [b"two"]


def test_nothing_leaves_that_the_audit_log_cannot_note(site, tmp_path):
    class Full:
        left = 1

        def __init__(self, chain):
            self.chain = chain

        def writing(self):
            if self.left:
                self.left -= 1
                raise sqlite3.OperationalError("disk full")
            return self.chain.writing()

    with serving(site, tmp_path, Full) as served:
        with pytest.raises(OSError):
            served.ask(b"one")
        assert served.ask(b"two").rstrip() == b"TWO"
    assert len(lines(tmp_path)) == 1


def test_one_who_says_nothing_does_not_keep_the_others_out(site, tmp_path, monkeypatch):
    monkeypatch.setattr(door, "CONVERSATION_SECONDS", 0.2)
    with serving(site, tmp_path) as served, socket.socket(socket.AF_UNIX) as silent:
        with socket_address(served.path) as name:
            silent.connect(name)
        silent.sendall(frame(b"one")[:5])
        assert served.ask(b"two").rstrip() == b"TWO"


def test_a_socket_that_was_never_there_or_is_gone_already_is_no_trouble(site, tmp_path):
    with serving(site, tmp_path, stale=False) as served, socket.socket(socket.AF_UNIX) as last:
        with socket_address(served.path) as name:
            last.connect(name)
        served.path.unlink()
        last.sendall(frame(b"stop"))
        assert last.recv(1) == b""
        until = time.monotonic() + 20
        while not served.ended_by and time.monotonic() < until:
            time.sleep(0.005)
    assert isinstance(served.ended_by[0], Stop)
