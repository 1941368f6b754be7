"""Running `sloyfe` as a user does: a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SLOYFE = [sys.executable, "-m", "sloyfe.cli"]


def sloyfe(*arguments: str, timeout: float = 900) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SLOYFE, *arguments], capture_output=True, text=True, timeout=timeout, check=False
    )


def demo(out: Path, *arguments: str) -> dict[str, Any]:
    """Run a demo to its end and return its document."""
    done = sloyfe("demo", "--out", str(out), "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def interrupted_demo(
    out: Path, *arguments: str, when: Callable[[], bool], how: signal.Signals
) -> subprocess.CompletedProcess[str]:
    """Start a demo, send it a signal once `when()` holds, and wait for its end."""
    command = [*SLOYFE, "demo", "--out", str(out), *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 600
        while not when():
            assert process.poll() is None, "the demo ended before it could be interrupted"
            assert time.monotonic() < deadline, "the demo never came that far"
            time.sleep(0.1)
        process.send_signal(how)
        stdout, stderr = process.communicate(timeout=180)
    finally:
        process.kill()
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def processes_of(out: Path) -> list[str]:
    """Command lines of every process that names the demo's folder, except our own."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(out) in command:
            found.append(command)
    return found


def gone(out: Path, within: float = 20) -> bool:
    """Whether every process of the demo has ended."""
    deadline = time.monotonic() + within
    while processes_of(out):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
