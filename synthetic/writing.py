"""Register tables on disk: semicolon CSV in UTF-8, or Parquet."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

FileFormat = Literal["csv", "parquet"]
FILE_FORMATS: tuple[FileFormat, ...] = ("csv", "parquet")


def file_format(name: str) -> FileFormat:
    """The format of that name. Raises ValueError."""
    for known in FILE_FORMATS:
        if name == known:
            return known
    raise ValueError(f"unknown format `{name}`, not one of {', '.join(FILE_FORMATS)}")


OPEN_QUOTE = "\x01"
"""Stands in a faulty row for a quote that is never closed."""

CSV_OPTIONS = pa_csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
_PERSONS = {"lopenr", "kpr_lnr", "npr_lnr", "fodselsnummer"}


@dataclass(frozen=True)
class WrittenFile:
    """rows: below the header, faulty ones included."""

    path: Path
    rows: int
    sha256: str


def write_csv(
    path: Path, table: pa.Table, faulty: pa.Table | None = None, places: Sequence[int] = ()
) -> WrittenFile:
    """Write `table`, with the rows of `faulty` (same columns, all text) among its rows.

    places: after how many rows of `table` a share of `faulty` comes, ascending; not empty where
    there is `faulty`. No value of ours holds a semicolon, quote or line break: none is quoted.
    """
    extra = faulty.num_rows if faulty is not None else 0
    shares = np.linspace(0, extra, len(places) + 1).astype(int).tolist()
    with path.open("wb") as file:
        file.write((";".join(table.column_names) + "\n").encode())
        plain = decoded(table)
        done = 0
        for place, first, last in zip(places, shares, shares[1:], strict=False):
            _write_rows(file, plain.slice(done, place - done))
            done = place
            if faulty is not None:
                file.write(_csv_bytes(faulty.slice(first, last - first)))
        _write_rows(file, plain.slice(done))
    return WrittenFile(path, table.num_rows + extra, _sha256(path))


def write_parquet(path: Path, table: pa.Table) -> WrittenFile:
    """Write `table` as one Parquet file."""
    pq.write_table(table, path, **parquet_options(table.schema))
    return WrittenFile(path, table.num_rows, _sha256(path))


def parquet_options(schema: pa.Schema) -> dict:
    """How `write_parquet` writes a table of this schema: arguments of `pq.write_table`."""
    repeating = [f.name for f in schema if not _hardly_repeats(f)]
    ordered = [f.name for f in schema if f.type == pa.date32() or f.type == pa.int64()]
    return {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": repeating,
        "write_statistics": ordered,
    }


def _hardly_repeats(field: pa.Field) -> bool:
    """Whether a dictionary of the values costs more than it saves."""
    kind = field.type
    is_moment = pa.types.is_time(kind) or pa.types.is_timestamp(kind)
    return is_moment or pa.types.is_int64(kind) or field.name in _PERSONS


def decoded(table: pa.Table) -> pa.Table:
    """The CSV writer knows no dictionaries."""
    for index, field in enumerate(table.schema):
        if isinstance(field.type, pa.DictionaryType):
            column = table.column(index).cast(field.type.value_type)
            table = table.set_column(index, field.name, column)
    return table


def _write_rows(file: IO[bytes], table: pa.Table) -> None:
    if table.num_rows:
        pa_csv.write_csv(table, file, CSV_OPTIONS)


def _csv_bytes(faulty: pa.Table) -> bytes:
    buffer = pa.BufferOutputStream()
    if faulty.num_rows:
        pa_csv.write_csv(faulty, buffer, CSV_OPTIONS)
    return buffer.getvalue().to_pybytes().replace(OPEN_QUOTE.encode(), b'"')


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
