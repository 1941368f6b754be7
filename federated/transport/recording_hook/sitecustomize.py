"""Python runs this before anything else in a process that has this folder on PYTHONPATH.

It is put there for a recording alone (see `federated.transport.recording`), and writes
  SLOYFE_RECORD_OPENED/PID.jsonl     every file this process opens, module it imports from a file
                                     and SQLite database it connects to; first line: its command
  SLOYFE_RECORD_PLAINTEXT/PID-N-PORT.bin   what the program hands to TLS, one file per connection,
                                     in the order of connecting; PORT is the local one
  SLOYFE_RECORD_PLAINTEXT/keys.log   the TLS secrets, in the form of SSLKEYLOGFILE
"""

import json
import os
import sys
from typing import Any


def _append(file: str) -> int:
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _record_opened(folder: str) -> None:
    log = _append(os.path.join(folder, f"{os.getpid()}.jsonl"))  # noqa: PTH118 -- before pathlib

    def write(entry: dict[str, object]) -> None:
        os.write(log, json.dumps(entry).encode() + b"\n")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "sqlite3.connect", "import"):
            return
        if event == "import" and not arguments[1]:
            return  # compiled modules come with their file, the others are opened as well
        path = arguments[1] if event == "import" else arguments[0]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, int):  # a descriptor that was opened before
            write({"event": event, "path": os.path.abspath(str(path))})  # noqa: PTH100 -- as above

    write({"pid": os.getpid(), "parent": os.getppid(), "command": sys.orig_argv[:4]})
    sys.addaudithook(hook)


def _record_plaintext(folder: str) -> None:
    import ssl  # noqa: PLC0415 -- not in a process that only has its files recorded
    from itertools import count  # noqa: PLC0415

    numbers = count()

    class RecordingSocket(ssl.SSLSocket):
        _record: int | None = None

        def do_handshake(self, block: bool = False) -> None:
            # A context made by hand, as Flower's is, does not look at SSLKEYLOGFILE.
            if self.context.keylog_filename is None:
                self.context.keylog_filename = os.path.join(folder, "keys.log")  # noqa: PTH118
            super().do_handshake(block)

        def send(self, data: Any, flags: int = 0) -> int:
            sent = super().send(data, flags)
            self._note(bytes(data)[:sent])
            return sent

        def write(self, data: Any) -> int:
            sent = super().write(data)
            self._note(bytes(data)[:sent])
            return sent

        def _note(self, data: bytes) -> None:
            if self._record is None:
                name = f"{os.getpid()}-{next(numbers)}-{self.getsockname()[1]}.bin"
                self._record = _append(os.path.join(folder, name))  # noqa: PTH118
            os.write(self._record, data)

    ssl.SSLContext.sslsocket_class = RecordingSocket


if _folder := os.environ.get("SLOYFE_RECORD_OPENED"):
    _record_opened(_folder)
if _folder := os.environ.get("SLOYFE_RECORD_PLAINTEXT"):
    _record_plaintext(_folder)
