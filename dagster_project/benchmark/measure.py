"""Processes measured one by one: CPU-seconds with all their children, and peak memory."""

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.benchmark.pipeline import environment
from privacy.problem import Problem


@dataclass(frozen=True)
class Usage:
    """cpu: seconds. rss: peak bytes of the process, the greatest where it had children."""

    cpu: float
    rss: int


def peak_rss() -> int:
    """The highest resident memory of this process so far, bytes."""
    status = Path("/proc/self/status")
    if status.is_file():
        # ru_maxrss starts with what the parent had when it forked; this does not.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )


def work(job: Mapping[str, Any], folder: Path) -> Usage:
    """The work of a `worker`, without the start of its process."""
    command = [sys.executable, "-m", "dagster_project.benchmark.worker", json.dumps(job)]
    done = _run(command, folder)
    return Usage(**json.loads(done))


def process(command: Sequence[str], folder: Path) -> Usage:
    """A whole process from its start to its end."""
    with (folder / "measured.log").open("wb") as log:
        running = subprocess.Popen(
            command, env=environment(folder), cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _, status, used = os.wait4(running.pid, 0)
        except BaseException:
            running.kill()
            running.wait()
            raise
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode != 0:
        text = (folder / "measured.log").read_text(encoding="utf-8", errors="replace")
        raise Problem(
            f"a measured process failed: {text.strip()[-300:]}",
            str(folder / "measured.log"),
            "Run it again; if it fails again, please report it.",
        )
    rss = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Usage(used.ru_utime + used.ru_stime, rss)


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(
        command, env=environment(folder), capture_output=True, text=True, check=False, cwd=folder
    )
    if done.returncode != 0:
        raise Problem(
            f"a measured process failed: {done.stderr.strip()[-300:]}",
            command[2],
            "If it ran out of memory, measure a smaller size or fewer contenders.",
        )
    return done.stdout


def interleaved(
    contenders: Mapping[str, Callable[[], Usage]], repeats: int, progress: Callable[[str], object]
) -> dict[str, Usage]:
    """Each contender `repeats` times, in turns, so that a busy machine slows all alike.

    Returns the median CPU-seconds and the highest memory of each.
    """
    found: dict[str, list[Usage]] = {name: [] for name in contenders}
    for turn in range(repeats):
        for name, contender in contenders.items():
            progress(f"{name}, run {turn + 1} of {repeats}")
            found[name].append(contender())
    return {
        name: Usage(statistics.median(u.cpu for u in runs), max(u.rss for u in runs))
        for name, runs in found.items()
    }
