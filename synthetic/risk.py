"""Risk models of what may follow a stay, fitted to synthetic stays: coefficients, bands, reference.

The model is logistic, with one coefficient for every value of every term:

    log odds(stay) = intercept + sum over terms of coefficient(term, value of the stay)

fitted by Newton's method to counts. A Gaussian prior of variance `PRIOR_VARIANCE` on each
coefficient keeps a rare value finite that has no event, or nothing else. Coefficients are rounded
to thousandths before anything else is worked out of them, so that bands and reference belong to the
very numbers that a site adds up.

A band is a range of predicted risk p, cut so that each has the same sum of sqrt(p (1 - p)) over its
stays. That lies between equal numbers of stays, which would spend most bands of a rare event on
those who hardly run a risk, and equal numbers of events, which would leave few at the top. A band's
share of the stays, and its share with the event, are the reference that indicators standardise by.

`sloyfe synth fit-risk` brings the counts: of generated data alone. Coefficients tuned on records of
persons would be a release of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

TERMS: Final = ("age_group", "sex", "diagnosis_group", "charlson_group")
BANDS: Final = 8
PRIOR_VARIANCE: Final = 4.0
"""Of a coefficient: one of two log odds either way is nothing unusual."""
WIDEST: Final = 100_000
"""Thousandths of a log odds beyond which no stay lies: where the outer bands end."""
_STEPS: Final = 50

Floats = NDArray[np.float64]
Cell = tuple[str, ...]
"""Values of TERMS, in their order."""


@dataclass(frozen=True)
class Coefficient:
    """millilogit, standard_error: thousandths of a log odds, both 0 of a reference value."""

    term: str
    value: str
    millilogit: int
    standard_error: int
    stays: int
    events: int


@dataclass(frozen=True)
class Band:
    """millilogit_from, millilogit_to: both inclusive. stays, events: of the data fitted to."""

    name: str
    millilogit_from: int
    millilogit_to: int
    stays: int
    events: int


@dataclass(frozen=True)
class RiskModel:
    """concordance: chance that of two stays, one with the event, it has the higher log odds."""

    coefficients: tuple[Coefficient, ...]
    bands: tuple[Band, ...]
    concordance: float


def fit(counts: Mapping[Cell, tuple[int, int]]) -> RiskModel:
    """The model of these counts: cell -> (stays, those of them with the event).

    The reference value of a term is its most frequent one. Raises ValueError where no stay, or
    every one, has the event.
    """
    cells = sorted(cell for cell, (stays, _) in counts.items() if stays)
    stays = np.array([counts[cell][0] for cell in cells], dtype=np.float64)
    events = np.array([counts[cell][1] for cell in cells], dtype=np.float64)
    if not 0 < events.sum() < stays.sum():
        raise ValueError("there is nothing to tell apart: no stay, or every one, has the event")
    columns = _columns(cells, stays)
    design = np.ones((len(cells), 1 + len(columns)))
    for place, (number, value) in enumerate(columns, start=1):
        design[:, place] = [cell[number] == value for cell in cells]
    found, errors = _newton(design, stays, events)
    rounded = np.rint(1000 * found).astype(np.int64)
    log_odds = (design @ rounded).astype(np.int64)
    thousandths = zip(rounded.tolist(), np.rint(1000 * errors).astype(int).tolist(), strict=True)
    of_column = dict(zip([(-1, ""), *columns], thousandths, strict=True))
    return RiskModel(
        coefficients=_coefficients(cells, stays, events, of_column),
        bands=_bands(log_odds, stays, events),
        concordance=_concordance(log_odds, stays, events),
    )


def _columns(cells: Sequence[Cell], stays: Floats) -> list[tuple[int, str]]:
    """(place of the term, value) of every value that is not its term's reference."""
    columns: list[tuple[int, str]] = []
    for number in range(len(TERMS)):
        of_value = _stays_by_value(cells, stays, number)
        reference = max(of_value, key=lambda value: (of_value[value], value))
        columns += [(number, value) for value in sorted(of_value) if value != reference]
    return columns


def _stays_by_value(cells: Sequence[Cell], stays: Floats, number: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for cell, count in zip(cells, stays.tolist(), strict=True):
        found[cell[number]] = found.get(cell[number], 0.0) + count
    return found


def _newton(design: Floats, stays: Floats, events: Floats) -> tuple[Floats, Floats]:
    """Coefficients and their standard errors: the mode of the posterior, and its curvature."""
    prior = np.full(design.shape[1], 1 / PRIOR_VARIANCE)
    prior[0] = 0.0
    found = np.zeros(design.shape[1])
    found[0] = np.log(events.sum() / (stays.sum() - events.sum()))
    for _ in range(_STEPS):
        risk = 1 / (1 + np.exp(-design @ found))
        gradient = design.T @ (events - stays * risk) - prior * found
        curvature = design.T @ (design * (stays * risk * (1 - risk))[:, None]) + np.diag(prior)
        step = np.linalg.solve(curvature, gradient)
        found = found + step
        if np.abs(step).max() < 1e-10:
            return found, np.sqrt(np.diag(np.linalg.inv(curvature)))
    raise ValueError("the fit did not settle")


def _coefficients(
    cells: Sequence[Cell],
    stays: Floats,
    events: Floats,
    of_column: Mapping[tuple[int, str], tuple[int, int]],
) -> tuple[Coefficient, ...]:
    """of_column: coefficient and standard error in thousandths; of the intercept under (-1, "")."""
    whole = round(stays.sum()), round(events.sum())
    found = [Coefficient("intercept", "all", *of_column[-1, ""], *whole)]
    for number, term in enumerate(TERMS):
        in_stays = _stays_by_value(cells, stays, number)
        in_events = _stays_by_value(cells, events, number)
        for value in sorted(in_stays):
            of_value = round(in_stays[value]), round(in_events[value])
            found.append(
                Coefficient(term, value, *of_column.get((number, value), (0, 0)), *of_value)
            )
    return tuple(found)


def _bands(log_odds: NDArray[np.int64], stays: Floats, events: Floats) -> tuple[Band, ...]:
    """Stays of one log odds are never parted; the bands cover all whole numbers."""
    values = np.unique(log_odds)
    risk = 1 / (1 + np.exp(-values / 1000))
    of_value = np.array([stays[log_odds == value].sum() for value in values])
    spread = of_value * np.sqrt(risk * (1 - risk))
    middle = (np.cumsum(spread) - spread / 2) / spread.sum()
    band_of_value = np.minimum((middle * BANDS).astype(np.int64), BANDS - 1)
    if len(np.unique(band_of_value)) < BANDS:
        raise ValueError("too few different stays for as many bands")
    lowest = [int(values[band_of_value == band].min()) for band in range(BANDS)]
    edges = [-WIDEST, *lowest[1:], WIDEST + 1]
    found: list[Band] = []
    for number in range(BANDS):
        is_in = (log_odds >= edges[number]) & (log_odds < edges[number + 1])
        of_band = round(stays[is_in].sum()), round(events[is_in].sum())
        found.append(Band(f"risk_{number + 1}", edges[number], edges[number + 1] - 1, *of_band))
    return tuple(found)


def _concordance(log_odds: NDArray[np.int64], stays: Floats, events: Floats) -> float:
    values = np.unique(log_odds)
    with_event = np.array([events[log_odds == value].sum() for value in values])
    without = np.array([(stays - events)[log_odds == value].sum() for value in values])
    below = np.cumsum(without) - without
    pairs = with_event.sum() * without.sum()
    return float((with_event * (below + without / 2)).sum() / pairs)


def risk_of(millilogit: float) -> float:
    """The probability of these log odds."""
    return float(1 / (1 + np.exp(-millilogit / 1000)))
