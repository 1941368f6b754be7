"""Finding valid real-form Norwegian national identity numbers in data that pass for synthetic.

Real form: eleven digits `DDMMYYNNNCC`, maybe with a space or hyphen after the date, or the date as
`DD.MM.YY`; a calendar day (+40 in a D-number) and a real month in the century that the individual
number gives; both check digits right. Months +40, +65 and +80 mark synthetic persons and never
count. The digits must stand alone, or after letters (`P`, `NO-`): not inside a longer number,
decimal fraction or hyphenated code such as a UUID.

Ten digits may be a number that lost its zero. One in a thousand ten-digit numbers is valid by
chance, so in text they count by the column: if they fill a cell, and of the column's ten-digit
cells at least `_SHARE` are valid.

Source: Skatteetaten, Folkeregisteret, "Fødselsnummer" (form in use until 2032).
"""

import calendar
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from federated.site.landing.source import read_chunks
from privacy.problem import Problem

_NUMBER = re.compile(rb"(\d{6})[ -]?(\d{5})|(\d\d)\.(\d\d)\.(\d\d)[ -]?(\d{5})")
_BEFORE = re.compile(
    rb"(?:(?:^|[^0-9A-Za-z.-])(?:[A-Za-z]{1,12}-?)?|(?:^|[^0-9])\.|(?:^|[^0-9A-Za-z])-)$"
)
"""What may stand before a number: nothing, a sign, a word that is not part of a code."""
_AFTER = re.compile(rb"(?![0-9A-Za-z])(?!-[0-9A-Za-z])(?!\.(?!0+(?![0-9]))[0-9])")
_NUMBER_RE2 = r"[0-9]{6}[ -]?[0-9]{5}|[0-9]{2}\.[0-9]{2}\.[0-9]{2}[ -]?[0-9]{5}"
"""The same without what must surround it, for a first vectorised look at a text column."""
_TEN_RE2 = r"^\s*[0-9]{10}(\.0+)?\s*$"
_WHOLE_NUMBER = re.compile(rb"(?:\.0+)?(?=[;,|\t\r\n\"]|$)")
_NAME = re.compile(r"(?!.*\d{4})[^\W\d][\w .()/-]{0,40}")
"""A column's name: no digits in a row, so that a line of data never passes for a header."""

_SHARE = 0.05
"""Of a column's ten-digit cells; by chance one in a thousand is valid."""

_BORDER = 64
"""Bytes: more than a number takes with all that is looked at on one side of it."""

_LINE_FEED = b"\n"
_DELIMITERS = ";,|\t"

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


def refuse_real_national_ids(
    paths: Iterable[Path], delivered: Mapping[Path, Path] | None = None
) -> None:
    """Read every column of every file; raise Problem at the first valid real-form number.

    paths: CSV or Parquet. delivered: what a file is called to the user, where it is a copy. The
    Problem names the file, the line (counted in lines of the file) or row, and the column where a
    header names it; never the number. Memory: a few chunks.
    """
    for path in paths:
        where = _in_parquet(path) if path.suffix.lower() == ".parquet" else _in_text(path)
        if where is not None:
            raise Problem(
                "a valid national identity number stands in data that are said to be synthetic",
                f"{(delivered or {}).get(path, path)}, {where}",
                "Stop: find out whether real persons are in the file before it is used at all.",
            )


@dataclass
class _TenDigits:
    """Ten-digit cells by column: how many, how many are valid, and where the first valid one is."""

    seen: dict[str, int] = field(default_factory=dict)
    valid: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)

    def is_first_valid(self, column: str, digits: str) -> bool:
        """Count a cell; True where it is the column's first valid one, whose place is wanted."""
        self.seen[column] = self.seen.get(column, 0) + 1
        if not is_real_form("0" + digits):
            return False
        self.valid[column] = self.valid.get(column, 0) + 1
        return self.valid[column] == 1

    def verdict(self) -> str | None:
        """Where the first one stands of a column that holds too many to be chance."""
        return next(
            (
                self.first[column]
                for column, valid in self.valid.items()
                if valid >= _SHARE * self.seen[column]
            ),
            None,
        )


# -- text ------------------------------------------------------------------------------------------


def _is_number_at(text: bytes, position: int) -> bool:
    match = _NUMBER.match(text, position)
    if match is None or not _AFTER.match(text, match.end()):
        return False
    if not _BEFORE.search(text[max(0, position - 24) : position]):
        return False
    return is_real_form(b"".join(digits for digits in match.groups() if digits).decode())


class _Runs:
    """The runs of digits in a text, found vectorised: few places are worth a closer look."""

    def __init__(self, text: bytes) -> None:
        self._codes = np.frombuffer(text, dtype=np.uint8)
        digit = np.zeros(len(text) + 2, dtype=np.int8)
        digit[1:-1] = (self._codes >= ord("0")) & (self._codes <= ord("9"))
        edges = np.flatnonzero(np.diff(digit))
        self._starts, self._ends = edges[::2], edges[1::2]
        self._lengths = self._ends - self._starts

    def elevens(self, start: int, end: int) -> list[int]:
        """Where eleven digits begin, in one run or parted as `_NUMBER` has it."""
        found = [
            self._pattern((11,), ()),
            self._pattern((6, 5), (" -",)),
            self._pattern((2, 2, 7), (".", ".")),
            self._pattern((2, 2, 2, 5), (".", ".", " -")),
        ]
        return self._between(np.sort(np.concatenate(found)), start, end)

    def tens(self, start: int, end: int) -> list[int]:
        return self._between(self._pattern((10,), ()), start, end)

    def _pattern(self, lengths: tuple[int, ...], signs: tuple[str, ...]) -> np.ndarray:
        """Starts of runs of these lengths, one sign apart each."""
        count = len(self._lengths) - len(lengths) + 1
        if count <= 0:
            return np.empty(0, dtype=self._starts.dtype)
        fits = np.logical_and.reduce(
            [self._lengths[k : k + count] == length for k, length in enumerate(lengths)]
        )
        places = np.flatnonzero(fits)
        for k, allowed in enumerate(signs):
            ends, next_ones = self._ends[places + k], self._starts[places + k + 1]
            near = next_ones - ends == 1
            places, ends = places[near], ends[near]
            signs_there = self._codes[ends]
            places = places[np.isin(signs_there, np.frombuffer(allowed.encode(), np.uint8))]
        return self._starts[places]

    @staticmethod
    def _between(places: np.ndarray, start: int, end: int) -> list[int]:
        return places[(places >= start) & (places < end)].tolist()


def _in_text(path: Path) -> str | None:
    """A place near the end of a chunk waits for the next, where all that surrounds it is seen."""
    header, tens = _Header.of(path), _TenDigits()
    line, text, start = 1, b"", 0
    for chunk, is_last in _with_last(read_chunks(path)):
        text += chunk
        end = len(text) if is_last else max(0, len(text) - _BORDER)
        runs = _Runs(text)
        for place in runs.elevens(start, end):
            if _is_number_at(text, place):
                return header.place(text, place, line)
        for place in runs.tens(start, end):
            if _fills_a_cell(text, place):
                column = header.column(text, place)
                if tens.is_first_valid(column, text[place : place + 10].decode()):
                    tens.first[column] = header.place(text, place, line)
        cut = text.rfind(_LINE_FEED, 0, max(0, end - _BORDER)) + 1
        if end - cut > 1 << 22:  # a line without measure: its columns are not known any more
            cut = end - 2 * _BORDER
        line += text.count(_LINE_FEED, 0, cut)
        text, start = text[cut:], end - cut
    return tens.verdict()


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk, and whether none follows."""
    held: bytes | None = None
    for chunk in chunks:
        if held is not None:
            yield held, False
        held = chunk
    if held is not None:
        yield held, True


def _fills_a_cell(text: bytes, place: int) -> bool:
    before = text[place - 1 : place] if place else b"\n"
    return before in b';,|\t\r\n"' and bool(_WHOLE_NUMBER.match(text, place + 10))


@dataclass(frozen=True)
class _Header:
    """names: those of the first line, if it looks like a header; else empty, since it is data."""

    delimiter: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> "_Header":
        line = next(read_chunks(path), b"")[: 1 << 20].lstrip(b"\xef\xbb\xbf\r\n")
        first = re.split(rb"[\r\n]", line, maxsplit=1)[0].decode("utf-8", "replace")
        delimiter = max(_DELIMITERS, key=first.count)
        names = tuple(name.strip() for name in _cells(first, delimiter))
        looks_so = len(set(names)) == len(names) and all(map(_NAME.fullmatch, names))
        return cls(delimiter, names if looks_so else ())

    def column(self, text: bytes, place: int) -> str:
        """The column in which a place lies, as a sentence has it; empty where that is not known."""
        line_start = max(text.rfind(b"\n", 0, place), text.rfind(b"\r", 0, place)) + 1
        before = text[line_start:place].decode("utf-8", "replace")
        index = len(_cells(before, self.delimiter)) - 1 if before else 0
        return f"column `{self.names[index]}`" if index < len(self.names) else ""

    def place(self, text: bytes, place: int, line: int) -> str:
        line += text.count(_LINE_FEED, 0, place)
        column = self.column(text, place) if line > 1 else ""
        return f"line {line}, {column}" if column else f"line {line}"


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


# -- Parquet ---------------------------------------------------------------------------------------


def _in_parquet(path: Path) -> str | None:
    tens = _TenDigits()
    try:
        with pq.ParquetFile(path) as file:
            row = 0
            for batch in file.iter_batches(batch_size=65_536):
                for name, column in zip(batch.schema.names, batch.columns, strict=True):
                    found = _in_column(column)
                    if found is not None:
                        return f"column `{name}`, row {row + found + 1}"
                    _count_ten_digits(tens, name, column, row)
                row += batch.num_rows
    except (pa.ArrowException, OSError):
        raise Problem(
            "the file cannot be read as Parquet", str(path), "Deliver it anew; it may be cut short."
        ) from None
    return tens.verdict()


def _in_column(column: pa.Array) -> int | None:
    """The index of the first value of a Parquet column that is, or holds, a valid number."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or pa.types.is_null(kind):
        return None
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _in_numbers(column)
    # Decimals, binaries, lists and structures are looked at one by one, as Python writes them.
    every = pa.array([True] * len(column))
    suspects = _matches(column, _NUMBER_RE2) if _is_text(kind) else every
    for index in np.flatnonzero(suspects.fill_null(False).to_numpy(zero_copy_only=False)):
        text = _as_bytes(column[int(index)].as_py())
        if any(_is_number_at(text, place) for place in _Runs(text).elevens(0, len(text))):
            return int(index)
    return None


def _count_ten_digits(tens: _TenDigits, name: str, column: pa.Array, row: int) -> None:
    """Count the text cells that are ten digits; in columns of numbers any valid one counts."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not _is_text(column.type):
        return
    suspects = _matches(column, _TEN_RE2).fill_null(False).to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(suspects):
        if tens.is_first_valid(name, str(column[int(index)].as_py()).strip()[:10]):
            tens.first[name] = f"column `{name}`, row {row + int(index) + 1}"


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _matches(column: pa.Array, pattern: str) -> pa.Array:
    return pc.call_function("match_substring_regex", [column], pc.MatchSubstringOptions(pattern))


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
