"""Figures as they are shown: after the display threshold, each with a status.

What a status hides has no number here, so that no template can show it.
"""

import math
from dataclasses import dataclass

from privacy.estimates.rates import Estimate
from privacy.estimates.status import Status, status_of


@dataclass(frozen=True)
class CountFigure:
    """A count, or a sum of amounts in whole units, with the ends of its interval; None where the
    status leaves nothing to show.
    """

    value: int | None
    low: int | None
    high: int | None
    status: Status
    is_amount: bool = False


@dataclass(frozen=True)
class ShareFigure:
    """A share between 0 and 1, likewise. value: None too where the noise leaves none."""

    value: float | None
    low: float
    high: float
    status: Status


def shown_count(value: int, low: int, high: int) -> CountFigure:
    """A noisy count and its interval, as it is shown."""
    status = status_of(value, low, high, counts=[value])
    if status is Status.SUPPRESSED:
        return CountFigure(None, 0, high, status)
    return CountFigure(value, low, high, status)


def shown_amount(value: int, low: int, high: int, counted: int) -> CountFigure:
    """A noisy sum of amounts, as it is shown: not where `counted`, the noisy count of its rows, is
    below the display threshold, and from zero there, so that the interval does not say it either.
    Noise that has taken it below zero leaves the interval alone.
    """
    status = status_of(value, low, high, counts=[counted])
    if status is Status.SUPPRESSED:
        return CountFigure(None, 0, high, status, is_amount=True)
    if value < 0:
        return CountFigure(None, low, high, Status.UNCERTAIN, is_amount=True)
    return CountFigure(value, low, high, status, is_amount=True)


def shown_mean(estimate: Estimate, step: int, counted: int) -> CountFigure:
    """A mean in steps, as it is shown: in whole units, the interval rounded outwards."""
    low, high = math.floor(estimate.low * step), math.ceil(estimate.high * step)
    if estimate.value is None:
        return CountFigure(None, low, high, Status.UNCERTAIN, is_amount=True)
    return shown_amount(round(estimate.value * step), low, high, counted)


def shown_share(estimate: Estimate, part: int, rest: int) -> ShareFigure:
    """part / (part + rest), as it is shown: not where either is below the display threshold."""
    status = status_of(estimate.value, estimate.low, estimate.high, counts=[part, rest])
    value = None if status is Status.SUPPRESSED else estimate.value
    return ShareFigure(value, estimate.low, estimate.high, status)
