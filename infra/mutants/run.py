"""Run the drawn mutants of one part against its tests, one after another, and keep the score.

    run.py PART FILE RESULTS [first | then]    FILE: made by find.py; both by their whole paths
    run.py --score FILE...                     RESULTS: beside each, with the ending .jsonl

Works in a copy of the tree, never in the tree itself. Each mutant is a fork of one process that has
loaded everything but our own code. One that survives the first tests has to survive the rest too. A
mutant that runs out of processor time is killed. One that RESULTS has as killed is not run again;
one that survived is, since there may be new tests.
"""

import hashlib
import importlib
import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow and not spark"]
WHICH = ("first", "then")
WAIT = 180.0


def run(part: str, drawn: Path, results: Path, only: str = "") -> None:
    tests = tomllib.loads((HERE / "mutants.toml").read_text())["parts"][part]
    listed = json.loads(drawn.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=_fast_disk()) as folder:
        tree = Path(folder, "tree")
        _copy(tree)
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        os.environ |= {"PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
        _load_what_is_not_ours(tree, tests["first"])
        done = read(results) if results.exists() else {}
        left = [m for m in listed["drawn"] if done.get(_key(m), {}).get("outcome") != "killed"]
        for which in [only] if only else WHICH:
            if left:
                left = _run(left, tree, which, tests[which], results)


def _run(
    mutants: list[dict[str, str]], tree: Path, which: str, tests: list[str], results: Path
) -> list[dict[str, str]]:
    """Those that survive."""
    left: list[dict[str, str]] = []
    began = time.monotonic()
    outcome, used = _attempt(tests, tree, 100_000, WAIT * 10)
    if outcome != 0:
        print((tree.parent / "output").read_text(encoding="utf-8"))
        raise SystemExit(f"the tests fail without a mutant: {tests}")
    limit = 20 + math.ceil(4 * used)
    print(f"{which}: {time.monotonic() - began:.0f} s, {used:.1f} s of processor time", flush=True)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    for mutant in mutants:
        module = tree / mutant["module"]
        original = module.read_text(encoding="utf-8")
        for cached in (module.parent / "__pycache__").glob(f"{module.stem}.*.pyc"):
            cached.unlink()
        module.write_text(mutant["code"], encoding="utf-8")
        began = time.monotonic()
        own = f"/test_{module.stem}.py"
        ordered = sorted(tests, key=lambda name: not name.endswith(own))
        outcome, _ = _attempt(ordered, tree, limit, WAIT)
        module.write_text(original, encoding="utf-8")
        line = {name: value for name, value in mutant.items() if name != "code"}
        line |= {"key": _key(mutant), "by": which}
        line["outcome"] = "survived" if outcome == 0 else "killed"
        left += [mutant] if outcome == 0 else []
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        took = time.monotonic() - began
        print(f"{took:5.1f} s  {line['outcome']}  {_told(line)}", flush=True)
    return left


def score(files: list[Path]) -> None:
    for path in files:
        listed = json.loads(path.read_text(encoding="utf-8"))
        done = read(path.with_suffix(".jsonl"))
        lines = [done[key] for key in map(_key, listed["drawn"]) if key in done]
        killed, of = sum(line["outcome"] == "killed" for line in lines), len(lines)
        low, high = wilson(killed, of)
        print(f"{path.stem}: {killed} of {of} killed, drawn from {listed['all']}")
        print(f"    {killed / of:.1%}, 95 % interval {low:.1%} to {high:.1%}; survivors:")
        for line in lines:
            if line["outcome"] != "killed":
                print(f"    {_told(line)}")


def wilson(hits: int, of: int) -> tuple[float, float]:
    z, p = 1.96, hits / of
    middle, half = p + z * z / 2 / of, z * math.sqrt(p * (1 - p) / of + (z / 2 / of) ** 2)
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def read(path: Path) -> dict[str, dict[str, str]]:
    """By key; the last word about each."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {line["key"]: line for line in lines}


def _attempt(tests: list[str], tree: Path, seconds: int, wait: float) -> tuple[int, float]:
    """(0 if all tests pass, processor time) of a fork that runs them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if child == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        quiet = os.open(tree.parent / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for descriptor in (1, 2):
            os.dup2(quiet, descriptor)
        code = 70
        with suppress(BaseException):
            code = int(pytest.main([*OPTIONS, f"--basetemp={tree.parent / 'temp'}", *tests]))
        os._exit(code)
    until = time.monotonic() + wait
    status = None
    while status is None:
        time.sleep(0.02)
        done, found = os.waitpid(child, os.WNOHANG)
        if done:
            status = found
        elif time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return status, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _load_what_is_not_ours(tree: Path, tests: list[str]) -> None:
    code = (
        "import sys, pytest; pytest.main(['--collect-only', '-qq', *sys.argv[1:]])\n"
        "print('\\n'.join(n for n, m in sys.modules.items() if getattr(m, '__file__', None)"
        f" and not m.__file__.startswith(({str(tree)!r}, {str(ROOT / 'privacy')!r}))))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, *tests], cwd=tree, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    ours = {path.name.removesuffix(".py") for path in tree.iterdir()} | {"__main__", "conftest"}
    for name in shown:
        if name.replace(".", "").replace("_", "").isalnum() and name.split(".")[0] not in ours:
            with suppress(Exception):
                importlib.import_module(name)


def _copy(tree: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def _fast_disk() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def _key(mutant: dict[str, str]) -> str:
    told = f"{mutant['module']} {mutant['operator']} {mutant['number']} {mutant['change']}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _told(line: dict[str, str]) -> str:
    return f"{line['module']}:{line['line']} {line['operator']}: {line['change']}"


if __name__ == "__main__":
    if sys.argv[1] == "--score":
        score([Path(name) for name in sys.argv[2:]])
    else:
        run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
