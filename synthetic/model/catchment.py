"""Which hospital a bydel belongs to."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.events import DAY

OUS, DIAKONHJEMMET, LOVISENBERG, AHUS = range(4)
"""Places of the four trusts among the hospitals of the default order."""

_SECTOR_OF_BYDEL: Final = np.array(
    [
        LOVISENBERG, LOVISENBERG, OUS, LOVISENBERG, DIAKONHJEMMET,
        DIAKONHJEMMET, DIAKONHJEMMET, OUS, OUS, AHUS,
        AHUS, AHUS, OUS, OUS, OUS,
    ],
    dtype=np.int8,
)  # fmt: skip
_ALNA: Final = 11
_ALNA_MOVES: Final = np.datetime64("2026-01-01")
"""Alna's somatic care moved from Ahus to OUS (helse-sorost.no, 9 March 2023)."""

TRUSTS: Final = 4


def sector(bydel: NDArray[np.integer]) -> NDArray[np.int8]:
    """The somatic sector until 2025, of four: what the published tables call opptaksområde."""
    return _SECTOR_OF_BYDEL[bydel]


def home_hospitals(hospitals: int, on: np.datetime64) -> NDArray[np.int8]:
    """The hospital of each of the 15 bydeler for somatic care on a day.

    Of fewer than four hospitals the first takes over the bydeler of the missing ones; with more
    than four the bydeler are dealt out in turn.
    """
    if hospitals > TRUSTS:
        return (np.arange(len(_SECTOR_OF_BYDEL)) % hospitals).astype(np.int8)
    homes = _SECTOR_OF_BYDEL.copy()
    if on >= _ALNA_MOVES:
        homes[_ALNA] = OUS
    return np.where(homes < hospitals, homes, 0).astype(np.int8)


class Homes:
    """The home hospital of a bydel at a second of the window, whose first day is `first_day`."""

    def __init__(self, hospitals: int, first_day: np.datetime64) -> None:
        before = home_hospitals(hospitals, _ALNA_MOVES - np.timedelta64(1, "D"))
        self._maps = np.stack([before, home_hospitals(hospitals, _ALNA_MOVES)]).astype(np.int64)
        self._changes_at = int((_ALNA_MOVES - first_day).astype(np.int64)) * DAY

    def at(
        self,
        bydel: NDArray[np.integer],
        second: NDArray[np.integer] | NDArray[np.floating],
    ) -> NDArray[np.int64]:
        return self._maps[(second >= self._changes_at).astype(np.int64), bydel]
