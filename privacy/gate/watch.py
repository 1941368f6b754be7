"""A tripwire in the agent's process: a second way out ends it.

Python raises an audit event before it opens a connection, starts a process or opens a file
(PEP 578), and a hook once added cannot be taken away. Code in C that speaks to the kernel itself is
not seen: that is what the site's own users and firewall are for.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

FORBIDDEN = (
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "pty.spawn",
    "urllib.Request",
    "smtplib.connect",
    "ftplib.connect",
    "webbrowser.open",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
EXIT_CODE = 86


def forbid_other_ways_out(may_write: Iterable[Path]) -> None:
    """From here on this process ends at once if it tries to reach anything but its own folders.

    may_write: folders below which files may be written.
    """
    roots = tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in may_write)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in FORBIDDEN:
            _end(event)
        elif event == "open" and _is_outside(arguments, roots):
            _end("open")

    sys.addaudithook(hook)


def _is_outside(arguments: tuple[object, ...], roots: tuple[str, ...]) -> bool:
    path, mode, flags = (*arguments, None, None, None)[:3]
    if not isinstance(path, str | bytes):
        return False  # a descriptor that is open already
    writes = isinstance(flags, int) and bool(flags & _WRITING)
    writes = writes or (isinstance(mode, str) and any(letter in mode for letter in "wax+"))
    name = os.path.realpath(os.fsdecode(path))
    return writes and not name.startswith(roots) and name != os.devnull


def _end(event: str) -> None:
    # No exception: whatever tried this might catch it and go on.
    os.write(2, f"the agent ends: {event} is not its way out\n".encode())
    os._exit(EXIT_CODE)
