"""Fake national identity numbers: right in form and check digits, invalid by construction.

The month is raised by 80, as in the Norwegian Tax Administration's synthetic population, so that a
number can never belong to anybody.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_FIRST_WEIGHTS = np.array([3, 7, 6, 1, 8, 9, 4, 5, 2])
_SECOND_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
_PLACES = 10 ** np.arange(10, -1, -1)
MONTH_OFFSET = 80
_SERIALS = 250  # of one sex and day: half of the 500 individual numbers of a century
_FIRST_DAY, _LAST_DAY = np.datetime64("1900-01-01"), np.datetime64("2039-12-31")


class NationalIds:
    """Gives out numbers, each once, however many calls they are asked for in.

    The same calls in the same order give the same numbers.
    """

    def __init__(self) -> None:
        days = int((_LAST_DAY - _FIRST_DAY).astype(int)) + 1
        self._used = np.zeros(2 * days, dtype=np.int64)

    def issue(
        self, born: NDArray[np.datetime64], is_female: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """One number a person, as an integer of up to 11 digits; shape (n,).

        born: datetime64[D], from 1900 to 2039. Raises ValueError for another birth, and when more
        than about 200 persons of one sex share a day: the numbers of that day are used up.
        """
        if len(born) and (born.min() < _FIRST_DAY or born.max() > _LAST_DAY):
            raise ValueError("a national id needs a birth from 1900 to 2039")
        months = born.astype("datetime64[M]")
        year = months.astype("datetime64[Y]").astype(int) + 1970
        month = months.astype(int) % 12 + 1
        day = (born - months).astype(int) + 1
        prefix = day * 10_000 + (month + MONTH_OFFSET) * 100 + year % 100
        first_serial = np.where(year < 2000, 0, 500) + np.where(is_female, 0, 1)

        group = (born - _FIRST_DAY).astype(int) * 2 + is_female
        ids = np.zeros(len(born), dtype=np.int64)
        pending = np.arange(len(born))
        while len(pending):
            # One serial in six has no valid check digits; its person takes the group's next one.
            mine = group[pending]
            rank = self._used[mine] + _rank_within(mine)
            if (rank >= _SERIALS).any():
                raise ValueError("too many persons born on one day for unique national ids")
            np.add.at(self._used, mine, 1)
            candidate = prefix[pending] * 1_000 + first_serial[pending] + 2 * rank
            complete, is_valid = _with_check_digits(candidate)
            ids[pending[is_valid]] = complete[is_valid]
            pending = pending[~is_valid]
        return ids


def as_text(ids: NDArray[np.int64]) -> pa.Array:
    """Eleven digits each."""
    padding = pc.PadOptions(11, "0")
    return pc.call_function("utf8_lpad", [pa.array(ids).cast(pa.string())], padding)


def _rank_within(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2, ... for the members of each group, in order of appearance."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.searchsorted(ordered, ordered, side="left")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(group)) - first
    return rank


def _with_check_digits(nine: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    digits = nine[:, None] // _PLACES[2:] % 10
    first = (11 - digits @ _FIRST_WEIGHTS % 11) % 11
    second = (11 - (digits @ _SECOND_WEIGHTS[:9] + first * _SECOND_WEIGHTS[9]) % 11) % 11
    return nine * 100 + first * 10 + second, (first < 10) & (second < 10)
