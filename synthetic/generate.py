"""One population, drawn once and delivered by every organisation in its own register's shape.

Persons come in shards that are simulated and written apart, so that memory does not grow with the
population and the bytes do not depend on how many processes share the work.
"""

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyarrow import feather

from synthetic.deliveries import (
    Order,
    Part,
    registers_of,
    write_identities,
    write_papers,
    write_population,
    write_shard,
)
from synthetic.dirt import FAULTS, FLAWS, STANDING_OF_RATES
from synthetic.events import Events, Window
from synthetic.inhabitants import Inhabitants
from synthetic.model import (
    SHARD_PERSONS,
    Parameters,
    Shard,
    parameters_for,
    simulate,
    without_effects,
)
from synthetic.national_id import NationalIds
from synthetic.population import everybody
from synthetic.writing import FileFormat
from synthetic.writing import file_format as known_format

FOLLOW_UP_MONTHS = 2
"""January completes the 30 days after the last discharge of the last year. NPR reports a stay when
it ends, so February is there for the readmissions of January that last into it."""

UNFINISHED, TRUTH, DIRT_FILE = ".unfinished", "truth", "dirt.json"
KEY_FOLDER = "generator-key"
_PLAN, _TRUTH_FILE, _POPULATION = "plan.json", "truth.json", "population.parquet"
_EXTRA = 4
"""A shard holds up to a fourth more than `SHARD_PERSONS`, and all hold alike: a last one of the few
left over would cost as many steps and files as a whole one."""
_MAX_HOSPITALS = 60  # a bit each in 64
_NOT_COMPRESSED = ("lopenr", "kpr_lnr")  # random digits: much work for little
_TRUTH_OPTIONS: dict[str, Any] = {
    "use_dictionary": ["born", "bydel"],
    "column_encoding": {"number": "DELTA_BINARY_PACKED"},
    "write_statistics": ["number"],
}


@dataclass(frozen=True)
class GeneratedFile:
    """One data file. rows: below the header, faulty ones included. defects: kind of dirt -> how
    much of it was put in.
    """

    organisation: str
    register: str
    path: Path
    rows: int
    sha256: str
    defects: Mapping[str, int]


@dataclass(frozen=True)
class Generated:
    """What `generate` wrote, in the order of organisations, registers, parts and shards."""

    files: list[GeneratedFile]
    seconds: float

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


@dataclass(frozen=True)
class _Job:
    """A shard to simulate and write; all that a worker process needs."""

    order: Order
    shard: Shard
    simulate: Callable[[Shard], Events]


def generate(
    out: Path,
    *,
    persons: int,
    years: range,
    seed: int,
    signing_key: Ed25519PrivateKey,
    hospitals: Sequence[str],
    municipality: str,
    scenario: str = "baseline",
    dirt: float | None = None,
    file_format: FileFormat = "parquet",
    workers: int | None = None,
    causal: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Generated:
    """Write the deliveries of `hospitals` and `municipality` (site ids) below `out`.

    persons: residents on 1 January of the first year; who is born or moves in comes on top.
    years: whole calendar years, consecutive; the deliveries go on for `FOLLOW_UP_MONTHS` more.
    hospitals: in the order of the model's catchment areas. scenario: one of the model's. dirt: what
    multiplies the documented rates of `synthetic.dirt`, 0 to 1 000; None for clean files, and then
    `dirt.json` is not written. causal: False switches every causal effect of the model off.
    workers: processes, by default one a core; progress: told each shard that is done.

    The same arguments give the same bytes, whatever `workers` is. All is written aside and put in
    place when it is whole; an interrupted call that is repeated goes on with the shards that were
    done. Files of an earlier call in `out` are replaced. Raises ValueError for arguments that make
    no sense, FileExistsError where `out` holds anything else.
    """
    began = time.monotonic()
    _check(persons, years, hospitals, municipality, dirt=dirt, file_format=file_format)
    parameters = parameters_for(scenario)
    parameters = parameters if causal else without_effects(parameters)
    check_place(out)
    window = window_of(years)
    last_day = date(years.stop, FOLLOW_UP_MONTHS + 1, 1) - timedelta(days=1)
    total = everybody(persons, window)
    order = Order(
        folder=out / UNFINISHED,
        hospitals=tuple(hospitals),
        municipality=municipality,
        window=window,
        seed=seed,
        shards=shards_of(persons, years),
        file_format=file_format,
        dirt=dirt,
    )
    firsts = [index * total // order.shards for index in range(order.shards + 1)]
    jobs = [
        _Job(
            order,
            Shard(
                index=index,
                first_number=first,
                persons=following - first,
                total_persons=total,
                seed=seed,
                window=window,
                years=years,
                hospitals=len(hospitals),
                parameters=parameters,
            ),
            simulate,
        )
        for index, (first, following) in enumerate(pairwise(firsts))
    ]
    _open_place(order, _fingerprint(persons, years, seed, scenario, dirt, file_format, causal))
    parts = _write_all(jobs, workers, progress or (lambda _: None))
    write_papers(order, parts, last_day, signing_key)
    arguments = {"scenario": scenario, "causal": causal, "persons": persons}
    _write_truth(order, parameters, arguments | {"years": [years.start, years.stop - 1]})
    if dirt is not None:
        _write_manifest(order, parts, dirt)
    _put_in_place(order, out)
    return Generated(_listed(order, parts, out), time.monotonic() - began)


def window_of(years: range) -> Window:
    """Whole years and the months of follow-up after them."""
    first_day = date(years.start, 1, 1)
    after = date(years.stop, FOLLOW_UP_MONTHS + 1, 1)
    return Window(np.datetime64(first_day), (after - first_day).days)


def shards_of(persons: int, years: range) -> int:
    """How many shards it takes, with those who are born or move in while the window lasts."""
    return -(-everybody(persons, window_of(years)) // (SHARD_PERSONS + SHARD_PERSONS // _EXTRA))


def default_workers() -> int:
    """One a core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_place(out: Path) -> None:
    """Raise FileExistsError if `out` holds anything that `generate` did not put there."""
    if not out.exists():
        return
    if not out.is_dir():
        raise FileExistsError(f"{out} is a file")
    known = {UNFINISHED, TRUTH, DIRT_FILE, KEY_FOLDER, *_organisations(out)}
    if any(entry.name not in known for entry in out.iterdir()):
        raise FileExistsError(f"{out} holds something that was not generated")


# -- shards ----------------------------------------------------------------------------------------


def _write_all(
    jobs: Sequence[_Job], workers: int | None, progress: Callable[[str], None]
) -> list[Part]:
    """Every shard, then, in the order of shards, what needs to know of those before."""
    parts: list[Part] = []
    order, ids = jobs[0].order, NationalIds()
    folder, inhabitants = order.folder, Inhabitants(order.window)
    done, ready = 0, dict[int, list[Part]]()
    (folder / TRUTH).mkdir(exist_ok=True)
    with (
        _Population(folder / TRUTH / _POPULATION) as population,
        closing(_shards(jobs, workers)) as shards,
    ):
        for index, written in shards:
            ready[index] = written
            progress(f"shard {done + len(ready)} of {len(jobs)}")
            while done in ready:
                truth = feather.read_table(_truth_part(folder, done))
                national_ids = ids.issue(truth["born"].to_numpy(), truth["is_female"].to_numpy())
                parts += ready.pop(done)
                parts += write_identities(order, done, truth, national_ids)
                population.add(truth.drop_columns("hospitals"))
                inhabitants.add(truth)
                done += 1
    return parts + write_population(order, inhabitants.table())


def _shards(jobs: Sequence[_Job], workers: int | None) -> Generator[tuple[int, list[Part]]]:
    """Each shard's index and files, as they get done."""
    left: list[_Job] = []
    for job in jobs:
        found = _found(job)
        if found is None:
            left.append(job)
        else:
            yield job.shard.index, found
    processes = min(workers or default_workers(), len(left))
    if processes <= 1:
        for job in left:
            yield job.shard.index, _run(job)
        return
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_start_worker) as pool:
        try:
            running = {pool.submit(_run, job): job.shard.index for job in left}
            for future in as_completed(running):
                yield running[future], future.result()
        except BaseException:
            # A shard takes long, and nothing of a half-written one is used: do not wait for it.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, which ends the workers; end too if the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pa.set_cpu_count(1)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _run(job: _Job) -> list[Part]:
    """Simulate and write one shard; its receipt is written last and says that it is whole."""
    parts, truth = write_shard(job.order, job.shard.index, job.simulate(job.shard))
    folder = job.order.folder
    # Read once, by the parent: quick to write matters more than small.
    feather.write_feather(truth, _truth_part(folder, job.shard.index), compression="uncompressed")
    receipt = _receipt(job)
    aside = receipt.with_suffix(".new")
    aside.write_text(json.dumps([part.to_json() for part in parts]), encoding="utf-8")
    aside.rename(receipt)
    return parts


def _found(job: _Job) -> list[Part] | None:
    """The files of a shard that an interrupted call has written, if they are what it wrote."""
    receipt = _receipt(job)
    if not receipt.is_file() or not _truth_part(job.order.folder, job.shard.index).is_file():
        return None
    parts = [Part.from_json(one) for one in json.loads(receipt.read_text(encoding="utf-8"))]
    for part in parts:
        path = job.order.folder / part.path
        if not path.is_file() or _sha256(path) != part.sha256:
            return None
    return parts


def _receipt(job: _Job) -> Path:
    return job.order.folder / "receipts" / f"{job.shard.index:04d}.json"


def _truth_part(folder: Path, shard: int) -> Path:
    return folder / "receipts" / f"{shard:04d}-truth.arrow"


# -- the place -------------------------------------------------------------------------------------


def _organisations(out: Path) -> set[str]:
    """The folders of a call before, finished or not."""
    found = set[str]()
    for file in (out / TRUTH / _TRUTH_FILE, out / UNFINISHED / _PLAN):
        if file.is_file():
            content = json.loads(file.read_text(encoding="utf-8"))
            found |= {*content["hospitals"], content["municipality"]}
    return found


def _fingerprint(*arguments: object) -> str:
    """Of all that the bytes depend on but the sites: arguments, the generator's code, libraries."""
    content = hashlib.sha256(repr((arguments, np.__version__, pa.__version__)).encode())
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        content.update(source.read_bytes())
    return content.hexdigest()


def _open_place(order: Order, fingerprint: str) -> None:
    """Make the folder aside, or keep it as it is where the same call was interrupted."""
    plan = {
        "fingerprint": fingerprint,
        "hospitals": order.hospitals,
        "municipality": order.municipality,
    }
    text = json.dumps(plan)
    file = order.folder / _PLAN
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return
    shutil.rmtree(order.folder, ignore_errors=True)
    (order.folder / "receipts").mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def _put_in_place(order: Order, out: Path) -> None:
    """Move what is whole over what was there; the truth goes first away and comes last."""
    before = _organisations(out)
    for name in (TRUTH, *before):
        shutil.rmtree(out / name, ignore_errors=True)
    (out / DIRT_FILE).unlink(missing_ok=True)
    for name in (*order.hospitals, order.municipality, DIRT_FILE, TRUTH):
        if (order.folder / name).exists():
            (order.folder / name).rename(out / name)
    shutil.rmtree(order.folder)


class _Population:
    """`population.parquet`, a shard at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "_Population":
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, truth: pa.Table) -> None:
        if self._writer is None:
            names = truth.schema.names
            compression = {n: "none" if n in _NOT_COMPRESSED else "zstd" for n in names}
            options: dict[str, Any] = _TRUTH_OPTIONS | {"compression": compression}
            self._writer = pq.ParquetWriter(self._path, truth.schema, **options)
        self._writer.write_table(truth)


def _write_truth(order: Order, parameters: Parameters, arguments: Mapping[str, object]) -> None:
    content = {
        **arguments,
        "seed": order.seed,
        "hospitals": order.hospitals,
        "municipality": order.municipality,
        "parameters": parameters,
    }
    text = json.dumps(content, ensure_ascii=False, default=_plain)
    (order.folder / TRUTH / _TRUTH_FILE).write_text(text + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    """JSON of what a dataclass of parameters may hold."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if is_dataclass(value):
        return vars(value)  # `asdict` would copy every number of it
    return str(value)


def _write_manifest(order: Order, parts: Sequence[Part], rate: float) -> None:
    injected = [
        {"organisation": part.organisation, "register": part.register, "file": part.name}
        | asdict(one)
        for part in _in_order(order, parts)
        for one in part.injected
    ]
    rates = [
        {"part": kind.part, "kind": kind.kind, "rate": kind.rate * rate, "source": kind.source}
        | {"standing": STANDING_OF_RATES}
        for kind in (*FAULTS, *FLAWS)
    ]
    text = json.dumps({"rate": rate, "injected": injected, "rates": rates}, indent=2)
    (order.folder / DIRT_FILE).write_text(text + "\n", encoding="utf-8")


def _in_order(order: Order, parts: Sequence[Part]) -> list[Part]:
    place = {delivery: number for number, delivery in enumerate(registers_of(order))}
    return sorted(parts, key=lambda p: (place[p.organisation, p.register], p.part, p.name))


def _listed(order: Order, parts: Sequence[Part], out: Path) -> list[GeneratedFile]:
    return [
        GeneratedFile(
            part.organisation,
            part.register,
            out / part.path,
            part.rows,
            part.sha256,
            {one.kind: one.count for one in part.injected},
        )
        for part in _in_order(order, parts)
    ]


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _check(
    persons: int,
    years: range,
    hospitals: Sequence[str],
    municipality: str,
    *,
    dirt: float | None,
    file_format: str,
) -> None:
    if persons < 1:
        raise ValueError("persons must be at least 1")
    if not len(years) or years.step != 1 or years.start < 2000 or years.stop > 2039:
        raise ValueError("years must be consecutive years from 2000 to 2038")
    sites = [*hospitals, municipality]
    if not hospitals or len(set(sites)) < len(sites):
        raise ValueError("one hospital at least, and every site once")
    if len(hospitals) > _MAX_HOSPITALS:
        raise ValueError(f"at most {_MAX_HOSPITALS} hospitals")
    if dirt is not None and not 0 <= dirt <= 1_000:
        raise ValueError("the rate of dirt must lie from 0 to 1000")
    known_format(file_format)
