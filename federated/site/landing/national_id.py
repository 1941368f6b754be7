"""Finding valid real-form Norwegian national identity numbers in data that pass for synthetic.

Real form: eleven digits `DDMMYYNNNCC`, or `DDMMYY NNNCC` with one space or hyphen; a calendar day
(+40 in a D-number) and a real month in the century that the individual number gives; both check
digits right. Months +40, +65 and +80 mark synthetic persons and never count. The digits must stand
alone: not inside a longer word, number, decimal fraction or hyphenated code such as a UUID.

Source: Skatteetaten, Folkeregisteret, "Fødselsnummer" (form in use until 2032).
"""

import calendar
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from federated.site.landing.source import read_chunks
from privacy.problem import Problem

_CANDIDATE = re.compile(
    rb"(?<![0-9A-Za-z])(?<![0-9A-Za-z]-)(?<![0-9]\.)"
    rb"(\d{6})[ -]?(\d{5})"
    rb"(?![0-9A-Za-z])(?!-[0-9A-Za-z])(?!\.(?!0+(?![0-9]))[0-9])"
)
_CANDIDATE_RE2 = r"[0-9]{6}[ -]?[0-9]{5}"
"""The same without what must surround it, for a first vectorised look at a text column."""

_BORDER = 64
"""Bytes: more than a number takes with all that is looked at on one side of it."""

_LINE_FEED = b"\n"

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def is_real_form(digits: str) -> bool:
    """Whether eleven digits are a valid real-form fødselsnummer or D-number."""
    day, month, year, individual = (
        int(digits[:2]),
        int(digits[2:4]),
        int(digits[4:6]),
        int(digits[6:9]),
    )
    century = _century(year, individual)
    if century is None or not 1 <= month <= 12:
        return False
    day = day - 40 if day > 40 else day
    if not 1 <= day <= calendar.monthrange(century + year, month)[1]:
        return False
    numbers = [int(d) for d in digits]
    return numbers[9] == _check_digit(numbers, _FIRST) and numbers[10] == _check_digit(
        numbers, _SECOND
    )


def _century(year: int, individual: int) -> int | None:
    if individual <= 499:
        return 1900
    if individual <= 749 and year >= 54:
        return 1800
    if year <= 39:
        return 2000
    if individual >= 900:
        return 1900
    return None


def _check_digit(numbers: Sequence[int], weights: Sequence[int]) -> int:
    """The check digit; 10 (which no digit equals) where the number may not be given out."""
    return -sum(n * w for n, w in zip(numbers, weights, strict=False)) % 11


def refuse_real_national_ids(paths: Iterable[Path]) -> None:
    """Read every column of every file; raise Problem at the first valid real-form number.

    The Problem names the file and the line (CSV, counted in lines of the file) or column and row
    (Parquet), never the number. Memory: one chunk.
    """
    for path in paths:
        where = _in_parquet(path) if path.suffix.lower() == ".parquet" else _in_text(path)
        if where is not None:
            raise Problem(
                "a valid national identity number stands in data that are said to be synthetic",
                f"{path}, {where}",
                "Stop: find out whether real persons are in the file before it is used at all.",
            )


def _first(text: bytes, start: int = 0, end: int | None = None) -> int | None:
    """Where the first valid number begins that starts at `start` or later and ends by `end`."""
    for position in _suspects(text):
        match = _CANDIDATE.match(text, position) if position >= start else None
        if match is None:
            continue
        if end is not None and match.end() > end:
            return None
        if is_real_form((match[1] + match[2]).decode()):
            return position
    return None


def _suspects(text: bytes) -> list[int]:
    """Where six digits and five more begin, with at most a space or hyphen between them.

    Vectorised, since few places of a file come through and a pattern tried at each byte is slow.
    """
    codes = np.frombuffer(text, dtype=np.uint8)
    places = len(codes) - 10
    if places <= 0:
        return []
    digit = np.append((codes >= ord("0")) & (codes <= ord("9")), False)
    break_ = (codes == ord(" ")) | (codes == ord("-"))
    first = np.logical_and.reduce([digit[k : k + places] for k in range(6)])
    joined = np.logical_and.reduce([digit[k : k + places] for k in range(6, 11)])
    apart = np.logical_and.reduce(
        [break_[6 : 6 + places], *(digit[k : k + places] for k in range(7, 12))]
    )
    return np.flatnonzero(first & (joined | apart)).tolist()


def _in_text(path: Path) -> str | None:
    """A match near the end of a chunk waits for the next, where all that surrounds it is seen."""
    line, text, start = 1, b"", 0
    for chunk in read_chunks(path):
        text += chunk
        found = _first(text, start, len(text) - _BORDER)
        if found is not None:
            return f"line {line + text.count(_LINE_FEED, 0, found)}"
        cut = max(0, len(text) - 3 * _BORDER)
        line += text.count(_LINE_FEED, 0, cut)
        start = _BORDER if cut else start
        text = text[cut:]
    found = _first(text, start)
    return None if found is None else f"line {line + text.count(_LINE_FEED, 0, found)}"


def _in_parquet(path: Path) -> str | None:
    try:
        with pq.ParquetFile(path) as file:
            row = 0
            for batch in file.iter_batches(batch_size=65_536):
                for name, column in zip(batch.schema.names, batch.columns, strict=True):
                    found = _in_column(column)
                    if found is not None:
                        return f"column `{name}`, row {row + found + 1}"
                row += batch.num_rows
    except (pa.ArrowException, OSError):
        raise Problem(
            "the file cannot be read as Parquet", str(path), "Deliver it anew; it may be cut short."
        ) from None
    return None


def _in_column(column: pa.Array) -> int | None:
    """The index of the first value of a Parquet column that is, or holds, a valid number."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or pa.types.is_null(kind):
        return None
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _in_numbers(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        suspects = pc.call_function(
            "match_substring_regex", [column], pc.MatchSubstringOptions(_CANDIDATE_RE2)
        )
    else:  # decimals, binaries, lists, structures: as Python writes them
        suspects = pa.array([True] * len(column))
    for index in np.flatnonzero(suspects.fill_null(False).to_numpy(zero_copy_only=False)):
        if _first(_as_bytes(column[int(index)].as_py())) is not None:
            return int(index)
    return None


def _in_numbers(column: pa.Array) -> int | None:
    """Whole numbers of ten digits may have lost a leading zero; so may a float column with gaps."""
    values = column.drop_null().to_numpy(zero_copy_only=False)
    suspects = np.isfinite(values) & (values >= 10**9) & (values < 10**11)
    if not suspects.any():
        return None
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    for index in np.flatnonzero(suspects):
        value = values[index]
        if value == int(value) and is_real_form(f"{int(value):011d}"):
            return int(rows[index])
    return None


def _as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
