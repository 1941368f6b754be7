"""Small questions about time: is it a working day, is the person somewhere just then."""

import numpy as np
from numpy.typing import NDArray

from synthetic.events import Window

_SPAN = 2**40
_OFFSET = 2**39
"""A person's seconds, window years away on both sides, stay apart from the next person's."""


def to_weekday(window: Window, day: NDArray[np.int32]) -> NDArray[np.int32]:
    """Saturdays and Sundays moved to the Monday after; may fall outside the window."""
    if not len(day):
        return day
    # Few days hold many rows: look each one up.
    first = int(day.min())
    days = np.arange(first, int(day.max()) + 1, dtype=np.int32)
    weekday = (int(window.first_day.astype(np.int64)) + 3 + days) % 7
    return (days + np.where(weekday >= 5, 7 - weekday, 0)).astype(np.int32)[day - first]


def by_person(
    person: NDArray[np.integer], second: NDArray[np.integer] | NDArray[np.floating]
) -> NDArray[np.int64]:
    """The order by person, then time; what comes at once keeps its order."""
    return np.argsort(_key(person, second), kind="stable")


def _key(
    person: NDArray[np.integer], second: NDArray[np.integer] | NDArray[np.floating]
) -> NDArray[np.int64]:
    """One integer that orders moments by person and time; second: inside +-_OFFSET."""
    key = person.astype(np.int64)
    key *= _SPAN
    key += _OFFSET
    key += second.astype(np.int64, copy=False)
    return key


class Intervals:
    """Intervals [start, end] of persons, to be asked which moments lie in one of them."""

    def __init__(
        self,
        person: NDArray[np.integer],
        start: NDArray[np.integer] | NDArray[np.floating],
        end: NDArray[np.integer] | NDArray[np.floating],
    ) -> None:
        begins, ends = (
            _key(person, np.clip(second, -_OFFSET, _OFFSET - 1).astype(np.int64))
            for second in (start, end)
        )
        order = np.argsort(begins, kind="stable")
        self._begins = begins[order]
        # The latest end so far: intervals of one person may overlap.
        self._ends = np.maximum.accumulate(ends[order])
        # Most persons have none, and need no search. The last place is true: it is there for
        # whoever comes after the last person.
        self._has_any = np.zeros(int(person.max(initial=-1)) + 1, dtype=bool)
        self._has_any[person] = True

    def cover(
        self,
        person: NDArray[np.integer],
        second: NDArray[np.integer] | NDArray[np.floating],
        until: NDArray[np.integer] | NDArray[np.floating] | None = None,
    ) -> NDArray[np.bool_]:
        """Whether each moment, or the time from it `until` another, meets an interval of the same
        person.
        """
        if not len(self._begins):
            return np.zeros(len(person), dtype=bool)
        asked = np.flatnonzero(self._has_any[np.minimum(person, len(self._has_any) - 1)])
        first = _key(person[asked], second[asked])
        last = first if until is None else _key(person[asked], until[asked])
        place = np.searchsorted(self._begins, last, side="right") - 1
        covered = np.zeros(len(person), dtype=bool)
        covered[asked] = (place >= 0) & (self._ends[np.maximum(place, 0)] >= first)
        return covered
