"""SPSS, SAS and Stata files as Parquet of text cells, in chunks, so that size does not matter.

Codes stay codes: value labels are not applied. Dates and times become ISO text, whole numbers lose
their `.0`, missing values of every kind (user-defined ones too) become empty.
"""

# pyright: basic
# (pyreadstat's readers are compiled and carry no types.)

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyreadstat

from privacy.problem import Problem

_READERS: dict[str, Callable[..., Any]] = {
    ".sav": pyreadstat.read_sav,
    ".zsav": pyreadstat.read_sav,
    ".sas7bdat": pyreadstat.read_sas7bdat,
    ".xpt": pyreadstat.read_xport,
    ".dta": pyreadstat.read_dta,
}
_CELLS = 4_000_000
"""Cells a chunk: some 300 MB where each is a text."""
_XPT_RECORD = 80
_EXACT = 2.0**53
"""Beyond this a double does not hold every whole number, and is left as it is written."""


def to_parquet(delivered: Path, copy: Path) -> int:
    """Write the rows of a statistics file to `copy`; return how many there are.

    Raises Problem where the file cannot be read to the end its own header tells (an XPT file tells
    none: one that is cut between two records of 80 bytes is not found out), or where a date in it
    cannot be one.
    """
    try:
        rows, expected = _write(delivered, copy)
    except Problem:
        raise
    except OverflowError:
        raise Problem(
            "a date or time in the file lies outside the calendar",
            str(delivered),
            "Mend it at the source, or deliver the file as CSV: then its row alone is set aside.",
        ) from None
    except Exception as error:  # whatever the library raises; its text may show a value
        raise _unreadable(delivered, type(error).__name__) from None
    if expected is not None and rows != expected:
        raise _unreadable(delivered, f"{rows} rows read, {expected} announced")
    return rows


def _write(delivered: Path, copy: Path) -> tuple[int, int | None]:
    suffix = delivered.suffix.lower()
    if suffix == ".xpt" and delivered.stat().st_size % _XPT_RECORD:
        raise _unreadable(delivered, "no whole number of records")
    read = _READERS[suffix]
    _, about = read(delivered, metadataonly=True)
    names = list(about.column_names)
    if not names:
        raise Problem("the file has no columns", str(delivered), "Deliver it anew.")
    schema = pa.schema([(name, pa.string()) for name in names])
    rows = 0
    with pq.ParquetWriter(copy, schema) as writer:
        for frame in _chunks(read, delivered, max(1, _CELLS // len(names))):
            columns = [_text(frame[name].to_numpy()) for name in names]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            rows += len(frame)
    return rows, about.number_rows


def _chunks(read: Callable[..., Any], file: Path, size: int) -> Iterator[Any]:
    """Data frames of at most `size` rows (pyreadstat's own iterator asks for an extra one)."""
    offset = 0
    while True:
        frame, _ = read(file, row_offset=offset, row_limit=size)
        if len(frame):
            yield frame
        if len(frame) < size:
            return
        offset += len(frame)


def _text(array: np.ndarray) -> pa.Array:
    """A column as text, null where empty."""
    if array.dtype.kind == "f":
        return _number_text(array)
    if array.dtype.kind in "iu":
        return pc.cast(pa.array(array), pa.string())
    if array.dtype.kind == "M":
        array = array.astype("datetime64[us]").astype(object)
    return pa.array([_one(value) for value in array.tolist()], pa.string())


def _number_text(array: np.ndarray) -> pa.Array:
    missing = ~np.isfinite(array)
    whole = ~missing & (array == np.trunc(array)) & (np.abs(array) < _EXACT)
    integers = pa.array(np.where(whole, array, 0).astype(np.int64), mask=~whole)
    if bool((whole | missing).all()):
        return pc.cast(integers, pa.string())
    others = pa.array(
        [repr(v) if o else None for v, o in zip(array.tolist(), ~whole & ~missing, strict=True)],
        pa.string(),
    )
    return pc.call_function("coalesce", [pc.cast(integers, pa.string()), others])


def _one(value: Any) -> str | None:
    if value is None or value == "" or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def _unreadable(file: Path, how: str) -> Problem:
    return Problem(
        f"the file cannot be read as {file.suffix.lower().lstrip('.')} ({how})",
        str(file),
        "Deliver it anew; it may be cut short.",
    )
