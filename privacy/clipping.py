"""Sums of amounts (kroner, days): how an amount becomes whole steps that one row moves little.

    given amounts a_1 ... a_n, whole units; a step q and a largest number of steps c, both public:
        s_i = min(c, round(min(max(a_i, 0), c q) / q))         in {0 ... c}, halves upwards
        per cell and atom:  S = sum of s_i over the rows that count (`privacy.bounds`)
        release  S + Z,  Z discrete Gaussian of scale c s, s being the scale of the counts' noise
        shown as q (S + Z) units

Privacy map. The rows that count are those of the counts: at most u in a cell and k in all. Where a
person moves the counts of a slot by m <= u rows, it moves the sum of that slot by at most m c. So
the squared L2 norm of what one person adds to all sums is at most c^2 D^2, with D^2 the bound's
`l2_squared`, and the sums cost rho = c^2 D^2 / 2 (c s)^2 = D^2 / 2 s^2: as much as the counts
themselves, whatever c is (Canonne, Kamath and Steinke 2020, Theorem 14, with noise of scale c s).
Counts and sums are one vector with independent noise; squared norms add up over its coordinates,
each divided by the square of how much wider its noise is, so that one map prices all of it:

    rho = (D^2 + c^2 D^2 / c^2 + 1/4) / 2 s^2              the quarter is the persons cut

Rounding is a function of one row, is done before the sum, and ends in integers 0 ... c: it is
inside the sensitivity. Nothing here is a float, so there are no low bits that could tell (Mironov
2012; Casacuberta, Shoemate, Vadhan and Wagaman 2022, Widespread Underestimation of Sensitivity).
No amount can overflow: it is cut to 0 ... c q, at most 10^11, before anything is added to it.

Error. The noise of a cell's sum is unbiased with standard deviation c q s units, nearly: in
proportion to the clip. Above the clip amounts are lost: the sum falls by sum (a_i - c q)+, always
downwards. A row's rounding is off by at most q/2, up and down alike. A lower clip has less noise
and more bias; `sloyfe plan bounds` sets them against each other, and the number of persons any of
whose rows was cut is released beside the sums.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST = 10**11
"""Units that a row may count at most: times the widest noise that may be asked for (10^6), or the
rows of ten million persons, they fit 64 bits."""
MOST_STEPS = 10**6
"""Noise so many times that of the counts still leaves sums of steps that fit 53 bits."""


@dataclass(frozen=True)
class Clip:
    """A row's amount counts as whole steps of `step` units, at most `steps` of them."""

    step: int
    steps: int

    def __post_init__(self) -> None:
        if self.step < 1 or self.steps < 1:
            raise ValueError("a clip needs a step of one unit or more, and one step or more")
        if self.steps > MOST_STEPS or self.step * self.steps > LARGEST:
            raise ValueError("a clip of so many steps does not fit the integers that are released")

    @property
    def at(self) -> int:
        """Most that one row counts, in units."""
        return self.step * self.steps

    def whole_steps(self, amounts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Steps of each amount: rounded, halves upwards, and within 0 .. `steps`.

        amounts: shape (n,), units, any 64-bit integers.
        """
        within = np.clip(amounts, 0, self.at)
        return np.minimum((within + self.step // 2) // self.step, self.steps)

    def cuts(self, amounts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each amount counts as another than it is, rounding aside. Shape (n,)."""
        return (amounts < 0) | (amounts > self.at)
