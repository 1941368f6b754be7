"""Small questions about time: is it a working day, is the person somewhere just then."""

import numpy as np
from numpy.typing import NDArray

from synthetic.events import Window

_SPAN = 2**40
_OFFSET = 2**39
"""A person's seconds, window years away on both sides, stay apart from the next person's."""


def to_weekday(window: Window, day: NDArray[np.int32]) -> NDArray[np.int32]:
    """Saturdays and Sundays moved to the Monday after; may fall outside the window."""
    weekday = (window.first_day.astype(np.int64) + 3 + day) % 7
    return (day + np.where(weekday >= 5, 7 - weekday, 0)).astype(np.int32)


class Intervals:
    """Intervals [start, end] of persons, to be asked which moments lie in one of them."""

    def __init__(
        self,
        person: NDArray[np.integer],
        start: NDArray[np.integer] | NDArray[np.floating],
        end: NDArray[np.integer] | NDArray[np.floating],
    ) -> None:
        begins, ends = self._key(person, start), self._key(person, end)
        order = np.argsort(begins, kind="stable")
        self._begins = begins[order]
        # The latest end so far: intervals of one person may overlap.
        self._ends = np.maximum.accumulate(ends[order])

    @staticmethod
    def _key(
        person: NDArray[np.integer], second: NDArray[np.integer] | NDArray[np.floating]
    ) -> NDArray[np.int64]:
        inside = np.clip(second, -_OFFSET, _OFFSET - 1).astype(np.int64)
        return person.astype(np.int64) * _SPAN + _OFFSET + inside

    def cover(
        self,
        person: NDArray[np.integer],
        second: NDArray[np.integer] | NDArray[np.floating],
    ) -> NDArray[np.bool_]:
        """Whether each moment lies in an interval of the same person."""
        if not len(self._begins):
            return np.zeros(len(person), dtype=bool)
        key = self._key(person, second)
        place = np.searchsorted(self._begins, key, side="right") - 1
        return (place >= 0) & (self._ends[np.maximum(place, 0)] >= key)
