"""The one file descriptor through which bytes leave a site: the agent's local socket.

Nothing else in the agent writes to anybody: a test reads every module the agent is made of for a
second writer, and the agent itself ends at the attempt (`privacy.gate.watch`).
"""

import hashlib
import logging
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

from privacy.frames import frame, read_frame, socket_address
from privacy.gate.gate import Gate, Outgoing
from privacy.ledger import Chain

CONVERSATION_SECONDS = 60.0
AUDIT = "audit log"

log = logging.getLogger("sloyfe.agent")


class NotCleared(Exception):
    """Something was about to leave that no gate has cleared."""


class Door:
    """Listens on a local socket; one conversation, one question, one answer at a time.

    audit: a line for every message before it leaves: what, to whom, how long, its hash. Never what
    it says.
    """

    def __init__(self, gate: Gate, audit: Chain, at_most: int) -> None:
        self._gate = gate
        self._audit = audit
        self._at_most = at_most

    def serve(self, path: Path, answer: Callable[[bytes], Outgoing]) -> None:
        """Answer what comes to the socket at `path` until the process is told to stop."""
        path.unlink(missing_ok=True)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                with socket_address(path) as name:
                    listener.bind(name)
                path.chmod(0o660)
                listener.listen(8)
                log.info("listening")
                while True:
                    stream, _ = listener.accept()
                    with stream:
                        stream.settimeout(CONVERSATION_SECONDS)
                        self._converse(stream, answer)
        finally:
            path.unlink(missing_ok=True)

    def _converse(self, stream: socket.socket, answer: Callable[[bytes], Outgoing]) -> None:
        try:
            outgoing = answer(read_frame(stream, self._at_most))
            self.note(outgoing)
            stream.sendall(frame(outgoing.payload))
        except (OSError, sqlite3.Error) as error:
            log.warning("conversation broken: %s", type(error).__name__)

    def note(self, outgoing: Outgoing) -> None:
        """Write the audit entry. Raises NotCleared for what no gate has made."""
        if not self._gate.is_cleared(outgoing):
            log.error("stopped at the door: not cleared by the gate")
            raise NotCleared
        with self._audit.writing() as append:
            append(
                "sent",
                {
                    "kind": outgoing.kind.value,
                    "to": outgoing.to,
                    "attempt_id": outgoing.attempt_id,
                    "size": len(outgoing.payload),
                    "sha256": hashlib.sha256(outgoing.payload).hexdigest(),
                },
            )
