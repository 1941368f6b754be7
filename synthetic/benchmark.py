"""The generator beside pure pyarrow writing of the same tables, in one run on one core.

What is compared, file by file the same rows and columns with the same encodings and compression:

- the generator: from the first random draw to the signed delivery in place - model, register
  tables, writing, checksums, the truth;
- pyarrow: `write_table` (or `write_csv`) of the tables that came out, which lie ready in memory.

So the ratio is the share of the generator's work that no generator could do without.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from synthetic.generate import generate
from synthetic.writing import CSV_OPTIONS, FileFormat, decoded, parquet_options

_REPEATS = 3
_LAST_YEAR = 2024


@dataclass(frozen=True)
class Comparison:
    """Rows a second of one process; medians of `repeats` runs, taken in turns.

    ratio_to_pyarrow_write: the generator's rows a second over pyarrow's, by CPU-seconds, which a
    busy machine disturbs least; wall_ratio: by the clock. bytes: of the generator's data files;
    pyarrow_bytes: of pyarrow's. peak_rss_bytes: of the process, after generating once.
    """

    persons: int
    years: int
    file_format: FileFormat
    rows: int
    bytes: int
    pyarrow_bytes: int
    peak_rss_bytes: int
    repeats: int
    ratio_to_pyarrow_write: float
    wall_ratio: float
    generator_cpu_seconds: float
    pyarrow_cpu_seconds: float
    generator_rows_per_cpu_second: float
    pyarrow_rows_per_cpu_second: float
    generator_rows_per_second: float
    pyarrow_rows_per_second: float


def compare(
    persons: int,
    file_format: FileFormat = "parquet",
    *,
    years: int = 1,
    seed: int = 1,
    repeats: int = _REPEATS,
) -> Comparison:
    """Generate `persons` for `years`, the last one 2024, and write what came out again.

    The two take turns, so that a machine that slows down slows both; a first turn of the generator
    is not counted.
    """
    with tempfile.TemporaryDirectory(prefix="sloyfe-bench-") as scratch:
        out, typed, again = (Path(scratch, name) for name in ("out", "typed", "again"))
        again.mkdir()
        run = partial(_generate, persons=persons, years=years, seed=seed)
        run(out, file_format=file_format)
        peak = _peak_rss()
        run(typed, file_format="parquet")
        tables = [_in_seconds(pq.read_table(f)) for f in sorted(typed.glob("*/*/*.parquet"))]
        if file_format == "csv":
            tables = [decoded(table) for table in tables]
        generating, writing = [], []
        for _ in range(repeats):
            generating.append(_timed(lambda: run(out, file_format=file_format)))
            writing.append(_timed(lambda: _write(tables, again, file_format)))
        size = _size(out.glob(f"*/*/*.{file_format}"))
        size_again = _size(again.iterdir())
    rows = sum(table.num_rows for table in tables)
    generator_cpu, generator_wall = (statistics.median(t) for t in zip(*generating, strict=True))
    pyarrow_cpu, pyarrow_wall = (statistics.median(t) for t in zip(*writing, strict=True))
    return Comparison(
        persons=persons,
        years=years,
        file_format=file_format,
        rows=rows,
        bytes=size,
        pyarrow_bytes=size_again,
        peak_rss_bytes=peak,
        repeats=repeats,
        ratio_to_pyarrow_write=pyarrow_cpu / generator_cpu,
        wall_ratio=pyarrow_wall / generator_wall,
        generator_cpu_seconds=generator_cpu,
        pyarrow_cpu_seconds=pyarrow_cpu,
        generator_rows_per_cpu_second=rows / generator_cpu,
        pyarrow_rows_per_cpu_second=rows / pyarrow_cpu,
        generator_rows_per_second=rows / generator_wall,
        pyarrow_rows_per_second=rows / pyarrow_wall,
    )


def _generate(out: Path, *, persons: int, years: int, seed: int, file_format: FileFormat) -> None:
    generate(
        out,
        persons=persons,
        years=range(_LAST_YEAR + 1 - years, _LAST_YEAR + 1),
        seed=seed,
        signing_key=Ed25519PrivateKey.generate(),
        hospitals=("ous", "diakonhjemmet", "lovisenberg", "ahus"),
        municipality="oslo",
        file_format=file_format,
        workers=1,
    )


def _in_seconds(table: pa.Table) -> pa.Table:
    """Times as the generator had them: Parquet knows no seconds and gives milliseconds back."""
    for index, field in enumerate(table.schema):
        if pa.types.is_time(field.type):
            table = table.set_column(index, field.name, table.column(index).cast(pa.time32("s")))
        elif pa.types.is_timestamp(field.type):
            second = table.column(index).cast(pa.timestamp("s"))
            table = table.set_column(index, field.name, second)
    return table


def _write(tables: list[pa.Table], folder: Path, file_format: FileFormat) -> None:
    for number, table in enumerate(tables):
        path = folder / str(number)
        if file_format == "csv":
            pa_csv.write_csv(table, path, CSV_OPTIONS)
        else:
            pq.write_table(table, path, **parquet_options(table.schema))


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """CPU-seconds and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def _size(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def _peak_rss() -> int:
    """The process's highest resident memory so far, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
