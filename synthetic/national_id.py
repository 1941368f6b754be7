"""Fake national identity numbers: right in form and check digits, invalid by construction.

The month is raised by 80, as in the Norwegian Tax Administration's synthetic population, so that a
number can never belong to anybody.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic.columns import digits

_FIRST_WEIGHTS = np.array([3, 7, 6, 1, 8, 9, 4, 5, 2], dtype=np.int32)
_SECOND_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], dtype=np.int32)
MONTH_OFFSET = 80
_FIRST_DAY, _LAST_DAY = np.datetime64("1900-01-01"), np.datetime64("2039-12-31")


class NationalIds:
    """Gives out numbers, each once, however many calls they are asked for in.

    The same calls in the same order give the same numbers.
    """

    def __init__(self) -> None:
        self._days = _days()
        self._endings, self._valid = _endings()
        self._used = np.zeros(2 * len(self._days.row), dtype=np.int32)

    def issue(
        self, born: NDArray[np.datetime64], is_female: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """One number a person, as an integer of up to 11 digits; shape (n,).

        born: datetime64[D], from 1900 to 2039. Raises ValueError for another birth, and when more
        than about 200 persons of one sex share a day: the numbers of that day are used up.
        """
        if len(born) and (born.min() < _FIRST_DAY or born.max() > _LAST_DAY):
            raise ValueError("a national id needs a birth from 1900 to 2039")
        day = (born - _FIRST_DAY).astype(np.int32)
        group = day * np.int32(2) + is_female
        rank = self._used[group] + _rank_within(group)
        self._used += np.bincount(group, minlength=len(self._used)).astype(np.int32)
        row = self._days.row[day] + is_female
        if (rank >= self._valid[row]).any():
            raise ValueError("too many persons born on one day for unique national ids")
        return self._days.prefix[day] * 100_000 + self._endings[row, rank]


def as_text(ids: NDArray[np.int64]) -> pa.Array:
    """Eleven digits each."""
    return digits(ids, 11)


@dataclass(frozen=True)
class _Days:
    """Every day a number can tell. prefix: its six digits; row: of `_endings`, men's; then women's.

    Which individual numbers have check digits hangs on the century and on what the six digits add
    to either of the two weighted sums, modulo 11.
    """

    prefix: NDArray[np.int64]
    row: NDArray[np.int32]


def _days() -> _Days:
    days = np.arange(_FIRST_DAY, _LAST_DAY + 1)
    months = days.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1 + MONTH_OFFSET
    day = (days - months).astype(np.int64) + 1
    first, second = (
        sum(
            _weighted(100, weights[place : place + 2])[part]
            for place, part in ((0, day), (2, month), (4, year % 100))
        )
        for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS)
    )
    row = ((year >= 2000) * 11 + first % 11) * 11 + second % 11
    return _Days(day * 10_000 + month * 100 + year % 100, (row * 2).astype(np.int32))


def _endings() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Individual number and check digits of all that have them, in order: a row a kind of day and
    sex; and how many a row has.
    """
    century, first, second, is_female = np.indices((2, 11, 11, 2), np.int32).reshape(4, -1, 1)
    serial = century * 500 + 1 - is_female + np.arange(0, 500, 2, dtype=np.int32)
    one = -(first + _weighted(1_000, _FIRST_WEIGHTS[6:])[serial]) % 11
    two = second + _weighted(1_000, _SECOND_WEIGHTS[6:9])[serial] + one * _SECOND_WEIGHTS[9]
    two = -two % 11
    is_valid = (one < 10) & (two < 10)
    endings = serial * 100 + one * 10 + two
    count, place = is_valid.sum(axis=1), np.cumsum(is_valid, axis=1, dtype=np.int16) - 1
    row, column = np.nonzero(is_valid)
    in_order = np.zeros((len(endings), count.max()), dtype=np.int32)
    in_order[row, place[row, column]] = endings[row, column]
    return in_order, count


def _weighted(numbers: int, weights: NDArray[np.int32]) -> NDArray[np.int32]:
    """The weighted sum of the digits of every number below `numbers`."""
    places = 10 ** np.arange(len(weights) - 1, -1, -1, dtype=np.int32)
    return np.arange(numbers, dtype=np.int32)[:, None] // places % 10 @ weights


def _rank_within(group: NDArray[np.int32]) -> NDArray[np.int32]:
    """0, 1, 2, ... for the members of each group, in order of appearance."""
    order = np.argsort(group, kind="stable")
    ordered, place = group[order], np.arange(len(group), dtype=np.int32)
    begins = np.ones(len(group), dtype=np.bool_)
    begins[1:] = ordered[1:] != ordered[:-1]
    rank = np.empty_like(place)
    rank[order] = place - np.maximum.accumulate(np.where(begins, place, 0))
    return rank
