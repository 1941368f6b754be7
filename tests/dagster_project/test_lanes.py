"""Lanes: processes that build sites side by side, and end with whoever started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dagster_project.demo.lanes import Lanes, lanes_for
from privacy.problem import Problem

pytestmark = pytest.mark.processes


def _lanes_of(root: Path) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"dagster_project.demo.lane" in command and str(root).encode() in command:
            found.append(int(folder.name))
    return found


def _wait_for_lanes(root: Path, number: int, seconds: float = 60) -> list[int]:
    """The lanes of `root`, once there are as many: a process shows its command after a moment."""
    deadline = time.monotonic() + seconds
    while len(found := _lanes_of(root)) != number:
        assert time.monotonic() < deadline, f"{number} lanes were to run, there are {len(found)}"
        time.sleep(0.05)
    return found


def _wait_until_gone(root: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while _lanes_of(root):
        assert time.monotonic() < deadline, "a lane outlived the process that started it"
        time.sleep(0.1)


def test_as_many_lanes_as_cores_and_sites_and_four_at_the_most() -> None:
    cores = len(os.sched_getaffinity(0))
    assert lanes_for(1) == 1
    assert lanes_for(100) == min(cores, 4)


def test_a_problem_in_a_lane_is_the_caller_s_and_no_lane_is_left(tmp_path: Path) -> None:
    told: list[str] = []
    names = {"ous": "OUS", "oslo": "Oslo kommune"}
    with (
        pytest.raises(Problem, match="there is no helsefellesskap here") as caught,
        Lanes(tmp_path, 2) as lanes,
    ):
        _wait_for_lanes(tmp_path, 2)
        lanes.build(list(names), names, told.append)
    assert str(tmp_path) in caught.value.where
    assert told == ["landing and dbt models: OUS, Oslo kommune"]
    assert not _lanes_of(tmp_path)


def test_a_lane_that_dies_is_one_clear_line(tmp_path: Path) -> None:
    with (
        pytest.raises(Problem, match="the build of `ous` ended without a word"),
        Lanes(tmp_path, 1) as lanes,
    ):
        for pid in _wait_for_lanes(tmp_path, 1):
            os.kill(pid, signal.SIGKILL)
        lanes.build(["ous"], {"ous": "OUS"}, lambda _: None)


def test_lanes_end_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from dagster_project.demo.lanes import Lanes\n"
        "with Lanes(Path(sys.argv[1]), 2): print('up', flush=True); time.sleep(600)"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "up\n"
        _wait_for_lanes(tmp_path, 2)
    finally:
        caller.kill()
        caller.communicate()
    _wait_until_gone(tmp_path)
