"""Whole-period figures of a site, from the noisy cells alone, with intervals that stay honest.

The noise of each cell is drawn on its own, so that a sum of cells has the noise of as many draws as
there are atoms in them. It uses the noisy values as they are, negative ones too: cutting them first
would bias it.
"""

import math
from collections.abc import Sequence

from portal.figures import (
    CountFigure,
    ShareFigure,
    shown_amount,
    shown_count,
    shown_mean,
    shown_share,
)
from portal.release_cells import Cell
from portal.release_record import Amount
from privacy.estimates.intervals import NoisyCount, around, gaussian_half_width
from privacy.estimates.noise import discrete_gaussian
from privacy.estimates.rates import mean as mean_of
from privacy.estimates.rates import share as share_of_counts
from privacy.estimates.status import Status

_HOPELESS = 1e5
"""No sum of a site's cells is large beside noise of this scale, whose table would be."""


_WIDEST = 3e5
"""Scale up to which the noise of a sum of amounts is tabulated."""


def total(
    cells: Sequence[Cell],
    atoms: int,
    scale: float,
    confidence: float,
    amount: Amount | None = None,
) -> CountFigure:
    """Sum of `cells`, each the sum of `atoms` draws of `scale`, with an interval of `confidence`.

    amount: of cells that are sums of amounts, whose noise is wider.

    Cells that are not applicable hold nobody. A sum with a cell that is suppressed or was not
    delivered would be of something else: it has no value, and that cell's status.
    """
    counted = _counted(cells)
    if isinstance(counted, Status):
        return CountFigure(None, None, None, counted)
    value, draws = sum(counted), atoms * len(counted)
    if amount is None:
        ends = around(value, gaussian_half_width(scale, draws, confidence))
        return shown_count(value, ends.low, ends.high)
    steps = gaussian_half_width(amount.steps * scale, draws, confidence)
    ends = around(value, amount.step * steps)
    return shown_amount(value, ends.low, ends.high, _rows_of(cells))


def mean(
    cells: Sequence[Cell], amount: Amount, atoms: int, scale: float, confidence: float
) -> CountFigure:
    """The sum of amounts in `cells` over the count of their rows, in whole units.

    atoms: draws in a cell, the same in sum and count.
    """
    summed = _counted(cells)
    if isinstance(summed, Status):
        return CountFigure(None, None, None, summed, is_amount=True)
    draws, rows = atoms * len(summed), _rows_of(cells)
    if amount.steps * scale * math.sqrt(draws) > _WIDEST:
        return CountFigure(None, 0, amount.step * amount.steps, Status.UNCERTAIN, is_amount=True)
    steps = NoisyCount(sum(summed) // amount.step, discrete_gaussian(amount.steps * scale, draws))
    counted = NoisyCount(rows, discrete_gaussian(scale, draws))
    return shown_mean(mean_of(steps, counted, amount.steps, confidence), amount.step, rows)


def share(
    part: Sequence[Cell],
    whole: Sequence[Cell],
    atoms: tuple[int, int],
    scale: float,
    confidence: float,
) -> ShareFigure:
    """The sum of `part` as a share of the sum of `whole`, whose counts include it.

    atoms: of the part, and of the whole, in a cell; the whole's include the part's.
    """
    of_part, of_whole = _counted(part), _counted(whole)
    if isinstance(of_part, Status) or isinstance(of_whole, Status):
        status = of_part if isinstance(of_part, Status) else of_whole
        return ShareFigure(None, 0.0, 1.0, Status(status))
    draws = atoms[0] * len(of_part)
    rest_draws = atoms[1] * len(of_whole) - draws
    if scale * math.sqrt(max(draws, rest_draws)) > _HOPELESS:
        return ShareFigure(None, 0.0, 1.0, Status.UNCERTAIN)
    inside = NoisyCount(sum(of_part), discrete_gaussian(scale, draws))
    rest = NoisyCount(sum(of_whole) - inside.value, discrete_gaussian(scale, rest_draws))
    found = share_of_counts(inside, rest, confidence)
    return shown_share(found, inside.value, rest.value)


def _rows_of(cells: Sequence[Cell]) -> int:
    """The noisy count of the rows whose amounts `cells` sum."""
    return sum(cell.counted or 0 for cell in cells if cell.status is not Status.NOT_APPLICABLE)


def _counted(cells: Sequence[Cell]) -> list[int] | Status:
    """The values of the cells that somebody can be in, or why there is no sum of them."""
    applicable = [cell for cell in cells if cell.status is not Status.NOT_APPLICABLE]
    if not applicable:
        return Status.NOT_APPLICABLE
    values = [cell.value for cell in applicable if cell.value is not None]
    if len(values) == len(applicable):
        return values
    statuses = {cell.status for cell in applicable}
    return Status.NOT_DELIVERED if Status.NOT_DELIVERED in statuses else Status.SUPPRESSED
