"""The generator beside pure pyarrow writing of the same tables, in one run on one core."""

import statistics
import tempfile
import time
from collections.abc import Callable
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


@dataclass(frozen=True)
class Comparison:
    """Rows a second of one process; medians of `repeats`.

    The generator's from the model's first draw to the signed delivery; pyarrow's of writing the
    same tables again, from memory and with the same settings. The ratio is of CPU-seconds, which a
    busy machine disturbs least.
    """

    persons: int
    file_format: FileFormat
    rows: int
    bytes: int
    repeats: int
    ratio_to_pyarrow_write: float
    wall_ratio: float
    generator_rows_per_cpu_second: float
    pyarrow_rows_per_cpu_second: float
    generator_rows_per_second: float
    pyarrow_rows_per_second: float


def compare(
    persons: int, file_format: FileFormat = "parquet", *, seed: int = 1, repeats: int = _REPEATS
) -> Comparison:
    """Generate `persons` for a year, then write what came out again."""
    with tempfile.TemporaryDirectory(prefix="sloyfe-bench-") as scratch:
        out, typed, again = (Path(scratch, name) for name in ("out", "typed", "again"))
        run = partial(_generate, persons=persons, seed=seed)
        generating = [_timed(lambda: run(out, file_format=file_format)) for _ in range(repeats)]
        written = [path for path in out.glob("*/*/*") if path.suffix == f".{file_format}"]
        size = sum(path.stat().st_size for path in written)
        run(typed, file_format="parquet")
        tables = [pq.read_table(file) for file in sorted(typed.glob("*/*/*.parquet"))]
        if file_format == "csv":
            tables = [decoded(table) for table in tables]
        again.mkdir()
        writing = [_timed(lambda: _write(tables, again, file_format)) for _ in range(repeats)]
    rows = sum(table.num_rows for table in tables)
    generator_cpu, generator_wall = (statistics.median(t) for t in zip(*generating, strict=True))
    pyarrow_cpu, pyarrow_wall = (statistics.median(t) for t in zip(*writing, strict=True))
    return Comparison(
        persons=persons,
        file_format=file_format,
        rows=rows,
        bytes=size,
        repeats=repeats,
        ratio_to_pyarrow_write=pyarrow_cpu / generator_cpu,
        wall_ratio=pyarrow_wall / generator_wall,
        generator_rows_per_cpu_second=rows / generator_cpu,
        pyarrow_rows_per_cpu_second=rows / pyarrow_cpu,
        generator_rows_per_second=rows / generator_wall,
        pyarrow_rows_per_second=rows / pyarrow_wall,
    )


def _generate(out: Path, *, persons: int, seed: int, file_format: FileFormat) -> None:
    generate(
        out,
        persons=persons,
        years=range(2024, 2025),
        seed=seed,
        signing_key=Ed25519PrivateKey.generate(),
        hospitals=("ous", "diakonhjemmet", "lovisenberg", "ahus"),
        municipality="oslo",
        file_format=file_format,
        workers=1,
    )


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
