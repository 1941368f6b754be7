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
CONFINED = {
    "os.rename": (0, 1),
    "os.link": (0, 1),
    "os.symlink": (0, 1),
    "os.mkdir": (0,),
    "os.truncate": (0,),
    "sqlite3.connect": (0,),
}
"""Events whose paths, at these places among the arguments, lie where files may be written."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
EXIT_CODE = 86


def forbid_other_ways_out(may_write: Iterable[Path]) -> None:
    """From here on this process ends at once if it tries to reach anything but its own folders.

    may_write: folders below which files may be written.
    """
    roots = tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in may_write)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if leads_out(event, arguments, roots):
            _end(event)

    sys.addaudithook(hook)


def leads_out(event: str, arguments: tuple[object, ...], roots: tuple[str, ...]) -> bool:
    """Whether an audit event is a way out. roots: real paths of folders, each with its `/`."""
    if event == "open":
        return _writes(arguments) and not _inside(arguments[0], roots)
    if event == "socket.bind":  # a port; a path is the door's own, a local socket
        address = arguments[1]
        return not (isinstance(address, str | bytes) and _inside(address, roots))
    if event in CONFINED:
        paths = [arguments[at] for at in CONFINED[event] if at < len(arguments)]
        return not all(_inside(path, roots) for path in paths)
    return event in FORBIDDEN


def _writes(arguments: tuple[object, ...]) -> bool:
    _, mode, flags = (*arguments, None, None, None)[:3]
    by_flags = isinstance(flags, int) and bool(flags & _WRITING)
    return by_flags or (isinstance(mode, str) and any(letter in mode for letter in "wax+"))


def _inside(path: object, roots: tuple[str, ...]) -> bool:
    if not isinstance(path, str | bytes):
        return True  # a descriptor that is open already
    name = os.fsdecode(path)
    if name.startswith("file:"):  # a database by its address
        name = name.removeprefix("file:").partition("?")[0]
    return name in (":memory:", os.devnull) or os.path.realpath(name).startswith(roots)


def _end(event: str) -> None:
    # No exception: whatever tried this might catch it and go on.
    os.write(2, f"the agent ends: {event} is not its way out\n".encode())
    os._exit(EXIT_CODE)
