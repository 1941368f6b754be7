"""Whole-period figures of a site, from the noisy cells alone, with intervals that stay honest.

The noise of each cell is drawn on its own, so the variance of a sum is the sum of the variances.
The sum uses the noisy values as they are, negative ones too: cutting them first would bias it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from portal.release_cells import Cell


@dataclass(frozen=True)
class Total:
    """A sum of noisy counts. half_width: of its interval, before that is cut at zero."""

    value: int
    half_width: int

    @property
    def low(self) -> int:
        return max(0, self.value - self.half_width)

    @property
    def high(self) -> int:
        return max(0, self.value + self.half_width)

    @property
    def status(self) -> str:
        """As for a cell: uncertain where the noise is as large as the value."""
        return "ok" if self.value >= self.half_width else "uncertain"


@dataclass(frozen=True)
class Ratio:
    """A share between 0 and 1 with its interval."""

    value: float
    low: float
    high: float


def total(cells: Iterable[Cell], cell_error: int, of_confidence: float, confidence: float) -> Total:
    """Sum of `cells`, with an interval of `confidence`.

    cell_error: half width of one cell's interval of `of_confidence`, an integer and so up to half
    a count narrower than the normal quantile it stands for: that half is added back.
    """
    values = [cell.value for cell in cells]
    quantiles = _two_sided(confidence) / _two_sided(of_confidence)
    return Total(sum(values), math.ceil((cell_error + 0.5) * math.sqrt(len(values)) * quantiles))


def ratio(part: Total, whole: Total) -> Ratio | None:
    """`part` of `whole`; None where the noise leaves nothing to divide by.

    Given totals of confidence 1 - a/2 each, the interval has at least 1 - a (Bonferroni), however
    the two depend on each other.
    """
    if whole.low <= 0 or part.value < 0:
        return None
    return Ratio(
        value=min(1.0, part.value / whole.value),
        low=part.low / whole.high,
        high=min(1.0, part.high / whole.low),
    )


def _two_sided(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
