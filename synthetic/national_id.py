"""Fake national identity numbers: right in form and check digits, invalid by construction.

The month is raised by 80, as in the Norwegian Tax Administration's synthetic population, so that a
number can never belong to anybody.
"""

import numpy as np
from numpy.typing import NDArray

_FIRST_WEIGHTS = np.array([3, 7, 6, 1, 8, 9, 4, 5, 2])
_SECOND_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
_PLACES = 10 ** np.arange(10, -1, -1)
MONTH_OFFSET = 80


def fake_national_ids(
    born: NDArray[np.datetime64], is_female: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """One unique number a person, as an integer of up to 11 digits; shape (n,).

    born: datetime64[D], from 1900 to 2039. Raises ValueError when more than about 200 persons of
    one sex share a day of birth: the numbers of that day are used up.
    """
    months = born.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(int) + 1970
    month = months.astype(int) % 12 + 1
    day = (born - months).astype(int) + 1
    prefix = day * 10_000 + (month + MONTH_OFFSET) * 100 + year % 100
    first_serial = np.where(year < 2000, 0, 500) + np.where(is_female, 0, 1)

    _, group = np.unique(born.astype(int) * 2 + is_female, return_inverse=True)
    used = np.zeros(group.max(initial=-1) + 1, dtype=np.int64)
    ids = np.zeros(len(born), dtype=np.int64)
    pending = np.arange(len(born))
    while len(pending):
        # One serial in six has no valid check digits; its person takes the group's next one.
        rank = used[group[pending]] + _rank_within(group[pending])
        if (rank >= 250).any():
            raise ValueError("too many persons born on one day for unique national ids")
        used += np.bincount(group[pending], minlength=len(used))
        candidate = prefix[pending] * 1_000 + first_serial[pending] + 2 * rank
        complete, is_valid = _with_check_digits(candidate)
        ids[pending[is_valid]] = complete[is_valid]
        pending = pending[~is_valid]
    return ids


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
