"""What may be said of a figure once its noise is known: one rule, and how a figure is published.

Nothing here protects anybody: the noise has done that. The threshold is the convention of Norwegian
health statistics that counts below five are not shown; it is applied after the noise, to the noisy
count. A figure that is not shown is null and its status says why; no number ever stands for that.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """OK: the noise is smaller than the figure, by the display's limits. UNCERTAIN: it is not, or
    nothing can be said: use the interval. SUPPRESSED: below the display threshold. NOT_APPLICABLE:
    there is no such figure, as of a group that cannot have it. NOT_DELIVERED: nobody sent it.
    """

    OK = "ok"
    UNCERTAIN = "uncertain"
    SUPPRESSED = "suppressed"
    NOT_APPLICABLE = "not_applicable"
    NOT_DELIVERED = "not_delivered"


class Reliability(StrEnum):
    """Classes of the half width beside the figure; see `Display`."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True)
class Display:
    """threshold: counts below it are not shown; None shows all. high, medium, low: the largest
    half width, as a part of the figure, with which its reliability is that; above `low` there is
    none. The last makes a figure uncertain where the noise is larger than the figure.
    """

    threshold: int | None = 5
    high: float = 0.10
    medium: float = 0.30
    low: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.high <= self.medium <= self.low:
            raise ValueError("limits of reliability rise from high over medium to low")


DISPLAY = Display()
EVERYTHING = Display(threshold=None)
"""For data that are to be summed and not read: what is hidden below a threshold would bias sums."""


@dataclass(frozen=True)
class Published:
    """The four columns a figure is published in; null where the status leaves nothing to show.

    An uncertain figure keeps its value, if it has one, and an unbounded interval has no ci_high.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None
    status: Status


def relative_half_width(value: float | None, low: float, high: float, size: float | None) -> float:
    """The longer side of low..high from `value`, as a part of `size`; 0 for an exact zero.

    Infinite without a value, and where noise has taken size to zero or below.
    """
    if value is None or size is None or size < 0:
        return math.inf
    side = max(high - value, value - low)
    if side == 0:
        return 0.0
    return side / size if size > 0 else math.inf


def reliability(relative: float, display: Display = DISPLAY) -> Reliability:
    """The class of a relative half width."""
    if relative <= display.high:
        return Reliability.HIGH
    if relative <= display.medium:
        return Reliability.MEDIUM
    return Reliability.LOW if relative <= display.low else Reliability.NONE


def status_of(
    value: float | None,
    low: float,
    high: float,
    *,
    counts: Sequence[float],
    size: float | None = None,
    display: Display = DISPLAY,
    delivered: bool = True,
    applicable: bool = True,
) -> Status:
    """The status of a figure with interval low..high; the first of these that holds.

    not applicable, not delivered, suppressed (one of `counts` is below the threshold), uncertain
    (no value, or a half width beyond `display.low`), ok. counts: the noisy counts it rests on; of a
    count, itself. size: what the half width is held against, if not the value.
    """
    if not applicable:
        return Status.NOT_APPLICABLE
    if not delivered:
        return Status.NOT_DELIVERED
    if display.threshold is not None and any(count < display.threshold for count in counts):
        return Status.SUPPRESSED
    relative = relative_half_width(value, low, high, value if size is None else size)
    if reliability(relative, display) is Reliability.NONE:
        return Status.UNCERTAIN
    return Status.OK


def published(
    value: float | None, low: float, high: float, status: Status, lowest: float = 0.0
) -> Published:
    """The columns of a figure with that status.

    lowest: the least the figure can be, where the interval of a suppressed one is shown to begin,
    so that its middle does not say what is suppressed.
    """
    if status in (Status.NOT_APPLICABLE, Status.NOT_DELIVERED):
        return Published(None, None, None, status)
    upper = high if math.isfinite(high) else None
    if status is Status.SUPPRESSED:
        return Published(None, lowest, upper, status)
    return Published(value, low, upper, status)
