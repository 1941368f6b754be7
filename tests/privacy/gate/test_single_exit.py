"""The agent has one way out. A second writer in it fails here, and ends it where it runs."""

import ast
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import federated.site.agent as agent
from privacy.gate.watch import CONFINED, FORBIDDEN, leads_out

ROOT = Path(agent.__file__).parents[2]
DOOR = "privacy/gate/door.py"
OURS = ("privacy", "federated", "dbt_models", "sloyfe", "dagster_project", "portal", "synthetic")

CALLS = {
    "send", "sendall", "sendto", "sendmsg", "sendfile", "connect_ex", "create_connection",
    "create_server", "socketpair", "urlopen", "system", "popen", "fork", "forkpty", "spawnv",
    "posix_spawn", "execv", "execve", "mkfifo", "write", "write_text", "write_bytes", "writev",
}  # fmt: skip
MODULES = {
    "socket", "ssl", "http", "urllib", "requests", "httpx", "aiohttp", "smtplib", "ftplib",
    "subprocess", "multiprocessing", "asyncio", "socketserver", "xmlrpc", "telnetlib", "flwr",
    "grpc", "pty",
}  # fmt: skip
ALLOWED = {
    # the door itself, and the shape of what goes through it
    DOOR: {"import socket", "sendall"},
    "privacy/frames.py": {"import socket", "sendall"},
    # the answer that is kept for resending, the ledger's head, the last words of the tripwire
    "privacy/gate/gate.py": {"write"},
    "privacy/ledger/chain.py": {"write"},
    "privacy/gate/watch.py": {"write"},
    # one line to whoever started it, if it cannot start
    "federated/site/agent.py": {"write"},
    # the stamp of a build, beside the manifest: written by the build, read by the agent
    "federated/site/build_stamp.py": {"write_text"},
}
"""What each module may do of it. None but the door's reaches anybody."""

LANDING = ("federated/site/landing/", "federated/site/report/")
"""Loading deliveries writes files, by people at the site: separate commands, not the agent's."""


def modules_of_the_agent() -> list[Path]:
    """Every module of ours that is loaded once the agent's code has been."""
    code = (
        "import sys, federated.site.agent\n"
        "print('\\n'.join(m.__file__ for m in list(sys.modules.values())"
        " if getattr(m, '__file__', None)))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    files = [Path(name) for name in loaded if Path(name).is_relative_to(ROOT)]
    return sorted(f for f in files if f.relative_to(ROOT).parts[0] in OURS)


def ways_out(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name in CALLS:
                found.add(name)
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        found |= {f"import {n.split('.')[0]}" for n in names if n.split(".")[0] in MODULES}
    return found


def test_no_module_of_the_agent_but_the_door_can_reach_anybody():
    modules = modules_of_the_agent()
    assert ROOT / DOOR in modules and len(modules) > 30
    for file in modules:
        name = file.relative_to(ROOT).as_posix()
        if name.startswith(LANDING):
            continue
        extra = ways_out(file.read_text(encoding="utf-8")) - ALLOWED.get(name, set())
        assert not extra, f"{name} has a way out of its own: {sorted(extra)}"


PLANTED = {
    "import socket": "import socket",
    "sendall": "def f(s): s.sendall(b'x')",
    "write_bytes": "def f(p): p.write_bytes(b'x')",
    "import urllib": "from urllib.request import urlopen",
    "import subprocess": "import subprocess",
    "system": "import os\nos.system('x')",
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_writer_is_found(what):
    assert what in ways_out(PLANTED[what])


ESCAPES = {
    "connect": "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
    "a datagram": "import socket; s = socket.socket(2, 2); s.sendto(b'x', ('127.0.0.1', 9))",
    "a process": "import subprocess; subprocess.run(['true'])",
    "a shell": "import os; os.system('true')",
    "a fork": "import os; os.fork()",
    "a file elsewhere": "open('/tmp/elsewhere', 'w')",
    "a file by descriptor": "import os; os.open('/tmp/elsewhere', os.O_WRONLY | os.O_CREAT)",
    "up and over": "open(own + '/../elsewhere', 'a')",
    "a rename": "import os; open(own + '/a', 'w'); os.rename(own + '/a', '/tmp/elsewhere')",
    "a link": "import os; open(own + '/a', 'w'); os.link(own + '/a', '/tmp/elsewhere')",
    "a folder's name": "import os; os.mkdir('/tmp/count-17')",
    "a port": "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "another local socket": "import socket; socket.socket(socket.AF_UNIX).bind('/tmp/elsewhere')",
    "a database elsewhere": "import sqlite3; sqlite3.connect('/tmp/elsewhere.sqlite')",
    "a database by address": "import sqlite3; sqlite3.connect('file:/tmp/e?mode=rwc', uri=True)",
    "caught": "\ntry:\n    open('/tmp/elsewhere', 'w')\nexcept BaseException: pass",
}


@pytest.mark.parametrize("how", ESCAPES)
def test_another_way_out_ends_the_process(tmp_path, how):
    done = watched(tmp_path, ESCAPES[how])
    assert done.returncode == 86
    assert "is not its way out" in done.stderr
    assert "survived" not in done.stdout


def test_what_an_agent_does_is_left_alone(tmp_path):
    harmless = """
    import sqlite3, pathlib
    open(own + '/a', 'w').write('x')
    pathlib.Path(own, 'b').write_bytes(b'x')
    sqlite3.connect(own + '/c.sqlite').execute('create table t (a)')
    open('/etc/hostname').read()
    open('/dev/null', 'w')
    """
    done = watched(tmp_path, textwrap.dedent(harmless))
    assert (done.returncode, done.stdout) == (0, "survived\n")


def events(own: Path) -> list[tuple[str, tuple[object, ...], bool]]:
    """(audit event, its arguments, whether it leads out) beside a folder that may be written."""
    inside, outside = f"{own}/a", f"{own}-other/a"
    flags = (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_APPEND, os.O_TRUNC)
    return [
        *[("open", (outside, None, flag), True) for flag in flags],
        *[("open", (outside, mode, 0), True) for mode in ("w", "ab", "x", "r+")],
        *[("open", (path, "w", os.O_WRONLY), False) for path in (inside, inside.encode(), 3)],
        ("open", (outside.encode(), "w", os.O_WRONLY), True),
        ("open", (outside, "rb", os.O_RDONLY | os.O_CLOEXEC), False),
        ("open", (outside, None, None), False),
        ("open", (outside,), False),
        ("open", (outside, "w"), True),
        ("open", (os.devnull, "w", os.O_WRONLY), False),
        ("open", (f"{own}/../b", "w", os.O_WRONLY), True),
        ("socket.bind", (None, inside), False),
        ("socket.bind", (None, inside.encode()), False),
        ("socket.bind", (None, outside), True),
        ("socket.bind", (None, ("127.0.0.1", 0)), True),
        *[(event, (outside, *[inside] * 3), True) for event in CONFINED],
        *[(event, there, False) for event in CONFINED for there in ((inside,), ())],
        *[(f"os.{event}", (inside, outside), True) for event in ("rename", "link", "symlink")],
        *[(f"os.{event}", (inside, outside), False) for event in ("mkdir", "truncate")],
        ("sqlite3.connect", (":memory:",), False),
        ("sqlite3.connect", (f"file:{inside}?mode=ro",), False),
        ("sqlite3.connect", (f"file:{outside}?mode=ro",), True),
        *[(event, (), True) for event in FORBIDDEN],
        *[(event, (), False) for event in ("import", "socket.accept", "zlib", "")],
    ]


def test_what_leads_out(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    roots = (f"{own.resolve()}/",)
    for event, arguments, out in events(own.resolve()):
        assert leads_out(event, arguments, roots) is out, (event, arguments)


def watched(folder: Path, then: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys, pathlib\n"
        "from privacy.gate.watch import forbid_other_ways_out\n"
        f"own = {str(folder)!r}\n"
        "forbid_other_ways_out([pathlib.Path(own)])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", f"{code}{then}\nprint('survived')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
