"""One run of the benchmark: data, builds, contenders in turns, ratios."""

import importlib.util
import platform
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from dagster_project.benchmark.compare import check_equal
from dagster_project.benchmark.data import Data, prepare
from dagster_project.benchmark.delivery import bring, split_last_month
from dagster_project.benchmark.landing import load
from dagster_project.benchmark.measure import Usage, interleaved, process, work
from dagster_project.benchmark.pipeline import (
    SELECTIONS,
    WAREHOUSE,
    Pipeline,
    Step,
    build_command,
    clear,
    compile_pipeline,
    seed,
)
from dagster_project.benchmark.sizes import SIZES, Size
from dagster_project.benchmark.transforms import TRANSFORMS, export_inputs
from privacy.problem import Problem

Progress = Callable[[str], object]
OTHERS = ("duckdb", "polars", "pandas")


@dataclass(frozen=True)
class Plan:
    """contenders: whom our transforms are set beside. memory_limit: DuckDB's, in every run."""

    size: Size
    contenders: tuple[str, ...]
    memory_limit: str | None = None


@dataclass(frozen=True)
class Measured:
    """usage: what -> CPU-seconds and peak memory. rows: of the data, by landing table.

    models: selection -> those that it builds. result_rows: transform -> rows of its result, which
    were the same from all contenders.
    """

    plan: Plan
    repeats: int
    rows: dict[str, int]
    models: dict[str, list[str]]
    versions: dict[str, str]
    usage: dict[str, Usage] = field(default_factory=dict)
    result_rows: dict[str, int] = field(default_factory=dict)


def plan(
    size: str,
    persons: int | None,
    against: Sequence[str] | None,
    memory_limit: str | None,
) -> Plan:
    """What to measure, from the words of the command line. Raises Problem for what is not known."""
    if size not in SIZES:
        raise Problem(f"unknown size `{size}`", "--size", f"Known: {', '.join(SIZES)}.")
    unknown = [name for name in against or () if name not in OTHERS]
    if unknown:
        raise Problem(
            f"unknown contender `{unknown[0]}`", "--against", f"Known: {', '.join(OTHERS)}."
        )
    if memory_limit is not None and not re.fullmatch(r"[0-9]+ ?[KMG]i?B", memory_limit):
        raise Problem("the memory limit is no size", "--memory-limit", "Write it as in 1GB.")
    chosen = replace(SIZES[size], persons=persons) if persons else SIZES[size]
    default = tuple(name for name in OTHERS if size != "national1" or name != "pandas")
    contenders = tuple(against) if against else default
    _refuse_missing(contenders)
    return Plan(chosen, contenders, memory_limit)


def measure(
    plan: Plan,
    root: Path,
    repeats: int,
    progress: Progress,
    *,
    with_tests: bool = False,
    with_full: bool = True,
) -> Measured:
    """Measure everything at one size. Raises Problem where contenders differ in their answer.

    with_tests: besides, the full pipeline with its data tests. with_full: dbt builds the full
    pipeline too; else the script alone does, once, since the rest starts from what it makes.
    """
    with _bench(plan, root, progress) as bench:
        measured = Measured(
            plan,
            repeats,
            bench.data.rows,
            {name: [step.name for step in bench.steps(name)] for name in SELECTIONS},
            _versions(plan.contenders),
        )
        full = bench.builds("full", with_tests)
        if with_full:
            measured.usage.update(interleaved(full, repeats, progress))
        else:
            by_script = {name: full[name] for name in ("full_scan", "full_script")}
            measured.usage.update(interleaved(by_script, 1, progress))
        progress("Parquet of what the transforms start from")
        export_inputs(bench.warehouse, bench.data, bench.inputs)
        measured.usage.update(interleaved(bench.builds("works"), repeats, progress))
        for name in TRANSFORMS:
            progress(f"{name}: do all give the same rows?")
            measured.result_rows[name] = bench.compare(name)
            measured.usage.update(interleaved(bench.transform(name), repeats, progress))
    return measured


@dataclass(frozen=True)
class Grown:
    """The script's and the transforms' usage at `times` the base size. rows: of all tables."""

    times: int
    rows: int
    usage: dict[str, Usage]


def measure_linear(plan: Plan, root: Path, repeats: int, progress: Progress) -> list[Grown]:
    """Our own SQL at 1, 5 and 10 times the persons of the plan."""
    found = list[Grown]()
    for times in (1, 5, 10):
        size = replace(plan.size, persons=plan.size.persons * times)
        with _bench(replace(plan, size=size, contenders=()), root, progress) as bench:
            script = {"script": bench.builds("full")["full_script"]}
            usage = interleaved(script, repeats, progress)
            export_inputs(bench.warehouse, bench.data, bench.inputs)
            for name in TRANSFORMS:
                ours = {name: bench.transform(name)[f"{name}_ours"]}
                usage |= interleaved(ours, repeats, progress)
            found.append(Grown(times, sum(bench.data.rows.values()), usage))
    return found


@dataclass(frozen=True)
class Delivered:
    """What one more delivery costs the full pipeline by dbt.

    usage: `going_on` from the build before, and `full_refresh` of everything. delivered_rows: of
    `rows`, those of NPR's contacts and KUHR's claims that the delivery brings.
    """

    repeats: int
    delivered_rows: int
    rows: int
    usage: dict[str, Usage]


def measure_incremental(plan: Plan, root: Path, repeats: int, progress: Progress) -> Delivered:
    """The last month of NPR and KUHR delivered to a site that has built all before it."""
    with _bench(replace(plan, contenders=()), root, progress) as bench:
        progress("the last month as a delivery of its own")
        moved, rows = split_last_month(bench.warehouse, bench.data.last_day)
        usage = interleaved(bench.late_deliveries(), repeats, progress)
    return Delivered(repeats, moved, rows, usage)


@contextmanager
def _bench(plan: Plan, root: Path, progress: Progress) -> Iterator["_Bench"]:
    """The data landed and seeded in a warehouse that lasts as long as the run."""
    data = prepare(root, plan.size, progress)
    with TemporaryDirectory(prefix="sloyfe-bench-", dir=root) as folder:
        bench = _Bench(data, Path(folder), plan.contenders, plan.memory_limit)
        progress("parsing and compiling the dbt project")
        bench.compile()
        progress("loading the landing")
        bench.land()
        yield bench


def _refuse_missing(contenders: tuple[str, ...]) -> None:
    if "polars" in contenders and importlib.util.find_spec("polars") is None:
        raise Problem(
            "Polars is not installed, and it is one of the contenders",
            "sloyfe bench indicators",
            "Install it with `pip install polars`, or leave it out: "
            "`--against duckdb --against pandas`.",
        )


@dataclass(frozen=True)
class _Bench:
    """One size's data, and a folder for the time of the run."""

    data: Data
    folder: Path
    contenders: tuple[str, ...]
    memory_limit: str | None

    @property
    def warehouse(self) -> Path:
        return self.folder / WAREHOUSE

    @property
    def inputs(self) -> Path:
        return self.folder / "inputs"

    @property
    def pipeline(self) -> Pipeline:
        return Pipeline(self.folder / "dbt")

    def compile(self) -> None:
        empty = self.folder / "empty" / WAREHOUSE
        empty.parent.mkdir()
        load(self.data, empty, rows=False)
        compile_pipeline(self.folder / "dbt", empty)

    def land(self) -> None:
        load(self.data, self.warehouse)
        seed(self.folder / "dbt", self.warehouse)

    def steps(self, selection: str) -> list[Step]:
        chosen = SELECTIONS[selection]
        return self.pipeline.models(*chosen.models, given=chosen.given)

    def builds(self, selection: str, with_tests: bool = False) -> dict[str, Callable[[], Usage]]:
        """The scan, dbt and the script of a selection; what is given has to be built before."""
        files = {
            str(self._file(name)): columns for name, columns in SELECTIONS[selection].read.items()
        }
        runs = {
            f"{selection}_scan": partial(work, self._job("scan", files=files), self.folder),
            f"{selection}_dbt": partial(self._dbt, selection, tests=False),
            f"{selection}_script": partial(self._script, selection, tests=False),
        }
        if with_tests:
            runs[f"{selection}_dbt_tests"] = partial(self._dbt, selection, tests=True)
            runs[f"{selection}_script_tests"] = partial(self._script, selection, tests=True)
        return runs

    def late_deliveries(self) -> dict[str, Callable[[], Usage]]:
        return {"going_on": self._going_on, "full_refresh": partial(self._dbt, "full", tests=False)}

    def transform(self, name: str) -> dict[str, Callable[[], Usage]]:
        transform = TRANSFORMS[name]
        files = {
            str(self.inputs / f"{file}.parquet"): columns
            for file, columns in transform.inputs.items()
        }
        runs = {f"{name}_scan": partial(work, self._job("scan", files=files), self.folder)}
        for contender in ("ours", *self.contenders):
            job = self._job(contender, transform=name)
            runs[f"{name}_{contender}"] = partial(work, job, self.folder)
        return runs

    def compare(self, name: str) -> int:
        results = {
            contender: self.folder / f"{name}-{contender}.parquet"
            for contender in ("ours", *self.contenders)
        }
        for contender, file in results.items():
            work(self._job(contender, transform=name, result=str(file)), self.folder)
        rows = check_equal(name, results)
        for file in results.values():
            file.unlink()
        return rows

    def _file(self, name: str) -> Path:
        """Of a landing table, or of a model that `export_inputs` wrote out."""
        is_landed = name in self.data.rows
        return self.data.parquet(name) if is_landed else self.inputs / f"{name}.parquet"

    def _dbt(self, selection: str, *, tests: bool) -> Usage:
        clear(self.warehouse, self.steps(selection))
        return process(self._build(selection, tests=tests), self.folder / "dbt")

    def _build(self, selection: str, *, tests: bool) -> list[str]:
        return build_command(
            self.folder / "dbt",
            self.warehouse,
            SELECTIONS[selection],
            tests=tests,
            memory_limit=self.memory_limit,
        )

    def _going_on(self) -> Usage:
        """A build with the last month of NPR and KUHR, on one without it."""
        bring(self.warehouse, late=False)
        self._script("full", tests=False)
        bring(self.warehouse, late=True)
        return process(self._build("full", tests=False), self.folder / "dbt")

    def _script(self, selection: str, *, tests: bool) -> Usage:
        clear(self.warehouse, self.steps(selection))
        warehouse = str(self.warehouse)
        job = self._job("script", warehouse=warehouse, selection=selection, tests=tests)
        return work(job, self.folder)

    def _job(self, task: str, **more: object) -> dict[str, object]:
        return {
            "task": task,
            "pipeline": str(self.folder / "dbt"),
            "built": str(self.warehouse),
            "inputs": str(self.inputs),
            "scratch": str(self.folder / "scratch"),
            "first": self.data.first_day.isoformat(),
            "last": self.data.last_day.isoformat(),
            "memory_limit": self.memory_limit,
            "result": None,
            **more,
        }


def _versions(contenders: tuple[str, ...]) -> dict[str, str]:
    packages = ("duckdb", "dbt-core", "dbt-duckdb", "pyarrow", *contenders)
    return {"python": platform.python_version()} | {name: version(name) for name in packages}
