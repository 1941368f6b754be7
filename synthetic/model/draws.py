"""Random numbers that belong to a person: the same person meets the same luck in every scenario."""

from enum import IntEnum, auto
from typing import Final

import numpy as np
from numpy.typing import NDArray


class Purpose(IntEnum):
    """What a number is used for; each purpose of each turn has a number of its own."""

    WAIT = 0
    KIND = auto()
    CAUSE = auto()
    CODE = auto()
    ARRIVAL = auto()
    LENGTH = auto()
    LENGTH_ANGLE = auto()
    DEATH = auto()
    HOSPITAL = auto()
    TRANSFER = auto()
    TRANSFER_TIME = auto()
    READY = auto()
    OVERSTAY = auto()
    OVERSTAY_DAYS = auto()
    HOUR = auto()
    DESTINATION = auto()
    SHORT_STAY_DAYS = auto()
    FOLLOW_UP_7 = auto()
    FOLLOW_UP_14 = auto()
    FOLLOW_UP_30 = auto()
    FOLLOW_UP_DAY = auto()
    AFTER_KAD = auto()


def rare(rng: np.random.Generator, rate: NDArray[np.floating]) -> NDArray[np.int64]:
    """Who has a Poisson event, in order and as often as they have one; rate: of each.

    Of all events together, shared out: quicker than a number each where events are few.
    """
    total = np.cumsum(rate, dtype=np.float64)
    if not len(total):
        return np.zeros(0, dtype=np.int64)
    lots = np.sort(rng.random(rng.poisson(total[-1]))) * total[-1]
    return np.minimum(np.searchsorted(total, lots, side="right"), len(total) - 1)


_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_PURPOSES: Final = 32
_STEPS: Final = [np.uint64((n + 1) * int(_GOLDEN) % 2**64) for n in range(_PURPOSES)]


class Draws:
    """Numbers by (person, turn, purpose): SplitMix64's output function over a key a person.

    Numbers that depend on nothing else are what makes two scenarios comparable person by person
    (common random numbers): an event that one of them adds does not shift all later luck.
    """

    def __init__(self, rng: np.random.Generator, persons: int) -> None:
        self._keys = rng.integers(0, 2**64, persons, dtype=np.uint64)

    def at(self, who: NDArray[np.integer], turn: NDArray[np.integer]) -> "Lots":
        """The numbers of each person of `who` at its `turn`, for all purposes."""
        counter = turn.astype(np.uint64) * np.uint64(_PURPOSES)
        return Lots(self._keys[who] + counter * _GOLDEN)


class Lots:
    """One number a person and purpose; arrays of shape (m,)."""

    def __init__(self, start: NDArray[np.uint64]) -> None:
        self._start = start

    def uniform(self, purpose: Purpose) -> NDArray[np.float64]:
        """Uniform over (0, 1)."""
        bits = self._start + _STEPS[purpose]
        bits ^= bits >> np.uint64(30)
        bits *= _FIRST
        bits ^= bits >> np.uint64(27)
        bits *= _SECOND
        bits ^= bits >> np.uint64(31)
        bits >>= np.uint64(11)
        return (bits.astype(np.float64) + 0.5) * 2.0**-53

    def exponential(self, purpose: Purpose) -> NDArray[np.float64]:
        return -np.log(self.uniform(purpose))

    def normal(self, purposes: tuple[Purpose, Purpose]) -> NDArray[np.float64]:
        """Standard normal from two purposes (Box and Muller)."""
        radius = np.sqrt(2 * self.exponential(purposes[0]))
        return radius * np.cos(2 * np.pi * self.uniform(purposes[1]))
