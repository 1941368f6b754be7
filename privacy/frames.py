"""One request, one reply over a local Unix socket: an 8-byte big-endian length, then the bytes.

Both sides of the site's inner wall use it, the agent that listens and the relay that asks.
"""

import os
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_LENGTH = struct.Struct(">Q")
_CHUNK = 1 << 20


class FrameError(OSError):
    """The stream ended early or announced more than is allowed."""


@contextmanager
def socket_address(path: Path) -> Generator[str]:
    """An address for `path` that fits the kernel's 107 bytes however deep the folder lies."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def read_frame(stream: socket.socket, at_most: int) -> bytes:
    """Read one frame. Raises FrameError before any of an oversized payload is read."""
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size))
    if length > at_most:
        raise FrameError("frame too large")
    return _read_exactly(stream, length)


def frame(payload: bytes) -> bytes:
    """The bytes of one frame."""
    return _LENGTH.pack(len(payload)) + payload


def ask(path: Path, payload: bytes, timeout: float, at_most: int) -> bytes:
    """Send one request to the socket at `path` and return the reply. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream, socket_address(path) as name:
        stream.settimeout(timeout)
        stream.connect(name)
        stream.sendall(frame(payload))
        return read_frame(stream, at_most)


def _read_exactly(stream: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = stream.recv(min(_CHUNK, count - len(parts)))
        if not part:
            raise FrameError("stream ended early")
        parts += part
    return bytes(parts)
