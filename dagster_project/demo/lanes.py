"""Building several sites at the same time: a few processes, each taking one site after another.

    with Lanes(root, 2) as lanes:
        lanes.build(["ous", "oslo"], progress)

A lane is a process (`python -m dagster_project.demo.lane ROOT`), since Dagster's in-process
execution cannot run in threads. It reads a site's id from its input, builds the site, answers with
one line, and ends when its input does: with the process that started it, however that ended. Each
site has its own warehouse; the one Dagster instance they share keeps its files in SQLite, which
lets one writer wait for the other.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from federated.transport.process_tree import descendants
from privacy.problem import Problem

_MOST = 4
"""Lanes at the most: each takes about half a gigabyte beside what DuckDB is given."""
_PATIENCE = 15.0
"""Seconds that a lane has for ending dbt, once its input has ended."""


def lanes_for(sites: int) -> int:
    """How many sites to build at the same time on this machine."""
    return max(1, min(sites, len(os.sched_getaffinity(0)), _MOST))


class Lanes:
    """A context manager; leaving it ends every lane and what it runs.

    Lanes load their software while the caller goes on: start them early.
    """

    def __init__(self, root: Path, number: int) -> None:
        self._root = root
        self._number = number
        self._lanes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        with (self._root / "lanes.log").open("a", encoding="utf-8") as log:
            self._lanes = [
                subprocess.Popen(
                    [sys.executable, "-m", "dagster_project.demo.lane", str(self._root)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,  # Ctrl-C at the terminal reaches the caller alone
                )
                for _ in range(self._number)
            ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for lane in self._lanes:
            if lane.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    lane.stdin.close()
        for lane in self._lanes:
            try:
                lane.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                for pid in (lane.pid, *descendants(lane.pid)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                lane.wait()
            if lane.stdout is not None:
                lane.stdout.close()

    def build(
        self, sites: Sequence[str], names: Mapping[str, str], progress: Callable[[str], None]
    ) -> None:
        """Land and build every site, the first ones first. Raises Problem for what stopped one.

        names: what progress calls each site. A problem stops the others too.
        """
        waiting = list(sites)
        busy: dict[int, str] = {}
        with selectors.DefaultSelector() as answers:
            for number, lane in enumerate(self._lanes):
                answers.register(_open(lane.stdout), selectors.EVENT_READ, number)
            free = list(range(len(self._lanes)))
            while waiting or busy:
                while free and waiting:
                    number, site = free.pop(0), waiting.pop(0)
                    busy[number] = site
                    stdin = _open(self._lanes[number].stdin)
                    with contextlib.suppress(BrokenPipeError):  # its silence is noticed below
                        stdin.write(site + "\n")
                        stdin.flush()
                under_way = ", ".join(names[site] for site in busy.values())
                progress(f"landing and dbt models: {under_way}")
                for key, _ in answers.select():
                    number = key.data
                    self._read_answer(number, busy.pop(number, None))
                    free.append(number)

    def _read_answer(self, number: int, site: str | None) -> None:
        line = _open(self._lanes[number].stdout).readline()
        if not line:
            raise Problem(
                f"the build of `{site}` ended without a word" if site else "a lane ended by itself",
                str(self._root / "lanes.log"),
                "Read its last lines, and run the same command again.",
            )
        problem = json.loads(line)["problem"]
        if problem is not None:
            raise Problem(*problem)


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ValueError("a lane's input and output are pipes")
    return stream
