"""NumPy columns as Arrow columns, without a Python object a row.

Text that repeats is a dictionary array with int16 indices (int32 for persons), which Parquet
writes as it stands. Days are int32 counted from the window's first day.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic.events import DAY, Bools, Ints, Window


def coded(
    texts: Sequence[str] | pa.Array, index: Ints, is_missing: Bools | None = None
) -> pa.Array:
    """`texts[index]` as a dictionary array; null where the index is negative or `is_missing`."""
    if is_missing is None and len(index) and index.min() < 0:
        is_missing = index < 0
    values = texts if isinstance(texts, pa.Array) else _as_arrow(tuple(texts))
    return pa.DictionaryArray.from_arrays(pa.array(index, mask=is_missing), values)


@cache
def _as_arrow(texts: tuple[str, ...]) -> pa.Array:
    """Code lists serve many columns."""
    return pa.array(texts, pa.string())


def constant(text: str, rows: int) -> pa.Array:
    return coded((text,), np.zeros(rows, dtype=np.int16))


def digits(number: NDArray[np.int64], count: int) -> pa.Array:
    """Text of `count` digits each, zeros before; three digits at a time from a table."""
    groups = -(-count // 3)
    text = np.empty((len(number), groups), dtype=_THREE_DIGITS.dtype)
    for group in range(groups - 1, -1, -1):
        rest = number // 1_000
        text[:, group] = _THREE_DIGITS[number - rest * 1_000]
        number = rest
    chars = text.view(np.uint8).reshape(len(number), groups * 3)[:, groups * 3 - count :]
    ends = np.arange(len(number) + 1, dtype=np.int32) * np.int32(count)
    return pa.StringArray.from_buffers(
        len(number), pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(chars))
    )


_THREE_DIGITS = np.array([f"{number:03d}" for number in range(1_000)], dtype="S3")


def dates(window: Window, day: Ints, is_missing: Bools | None = None) -> pa.Array:
    """date32 from days of the window."""
    return pa.array(day + _epoch_day(window), pa.int32(), mask=is_missing).view(pa.date32())


def times(second: Ints, is_missing: Bools | None = None) -> pa.Array:
    """time32[s]: the time of day of seconds of the window."""
    of_day = (second % DAY).astype(np.int32)
    return pa.array(of_day, pa.int32(), mask=is_missing).view(pa.time32("s"))


def timestamps(window: Window, second: Ints, is_missing: Bools | None = None) -> pa.Array:
    """timestamp[s] from seconds of the window."""
    at = second + _epoch_day(window) * DAY
    return pa.array(at, pa.int64(), mask=is_missing).view(pa.timestamp("s"))


def years(window: Window, day: Ints) -> NDArray[np.int16]:
    """The calendar year of days of the window; looked up, since few days hold many rows."""
    if not len(day):
        return np.zeros(0, dtype=np.int16)
    first, last = int(day.min()), int(day.max())
    calendar = window.first_day + np.arange(first, last + 1)
    return (calendar.astype("datetime64[Y]").astype(np.int16) + 1970)[day - first]


def _epoch_day(window: Window) -> int:
    return int(window.first_day.astype("datetime64[D]").astype(np.int64))
