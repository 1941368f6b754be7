"""Sums and shares of a site's cells: as covered as they say, and without a number where it is not
shown. Noise is drawn from the tables of `privacy.estimates.noise`; generators are seeded."""

import numpy as np
import pytest

from portal.figures import CountFigure, ShareFigure
from portal.release_cells import Cell
from portal.totals import share, total
from privacy.estimates.noise import discrete_gaussian
from privacy.estimates.status import Status
from tests.privacy.estimates.chance import covers_enough, draws

SIGMA, CELLS, RUNS = 8.66, 20, 4_000


def _noisy(rng: np.random.Generator, counts: np.ndarray) -> np.ndarray:
    return counts + draws(discrete_gaussian(SIGMA), (RUNS, *counts.shape), rng)


def _cells(values: np.ndarray) -> list[Cell]:
    return [Cell("a", "b", "c", "d", int(value), 0, 10**9, Status.OK) for value in values]


def _cell(value: int | None, status: Status) -> Cell:
    return Cell("a", "b", "c", "d", value, 0, 9, status)


def test_a_total_s_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    counts = rng.integers(0, 60, CELLS)  # zeros too: many noisy values are negative
    totals = [total(_cells(run), 1, SIGMA, 0.95) for run in _noisy(rng, counts)]
    held = sum(t.low <= counts.sum() <= t.high for t in totals)  # pyright: ignore
    assert covers_enough(held, RUNS, 0.95)
    assert held / RUNS < 0.97
    assert np.mean([t.value for t in totals]) == pytest.approx(counts.sum(), abs=4)  # pyright: ignore


def test_a_share_s_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(12)
    readmitted, not_readmitted = rng.integers(5, 30, CELLS), rng.integers(50, 200, CELLS)
    truth = readmitted.sum() / (readmitted + not_readmitted).sum()
    held = 0
    for part, rest in zip(_noisy(rng, readmitted), _noisy(rng, not_readmitted), strict=True):
        found = share(_cells(part), _cells(part + rest), (1, 2), SIGMA, 0.95)
        held += found.low <= truth <= found.high
    assert covers_enough(held, RUNS, 0.95)
    assert held / RUNS < 0.97


def test_no_share_where_noise_leaves_nothing_to_divide_by() -> None:
    few, none = _cells(np.array([10, 10])), _cells(np.array([-5, -4]))
    assert share(few, none, (1, 2), SIGMA, 0.95).value is None
    whole = ShareFigure(None, 0.0, 1.0, Status.UNCERTAIN)
    assert share(few, few, (1, 2), 1e6, 0.95) == whole
    small = share(_cells(np.array([3])), _cells(np.array([900])), (1, 2), SIGMA, 0.95)
    assert (small.value, small.status) == (None, Status.SUPPRESSED)


def test_totals_are_marked_and_cut_like_cells() -> None:
    # half width of one cell at this scale: 17
    assert total(_cells(np.array([17])), 1, SIGMA, 0.95) == CountFigure(17, 0, 34, Status.OK)
    assert total(_cells(np.array([16])), 1, SIGMA, 0.95).status is Status.UNCERTAIN
    assert total(_cells(np.array([-9])), 1, SIGMA, 0.95) == CountFigure(
        None, 0, 8, Status.SUPPRESSED
    )
    assert total(_cells(np.array([-90])), 1, SIGMA, 0.95).high == 0


@pytest.mark.parametrize("status", [Status.SUPPRESSED, Status.NOT_DELIVERED])
def test_a_sum_that_lacks_a_cell_is_no_sum(status: Status) -> None:
    cells = [*_cells(np.array([100, 200])), _cell(None, status)]
    assert total(cells, 1, SIGMA, 0.95) == CountFigure(None, None, None, status)
    for part, whole in ((cells, cells[:2]), (cells[:2], cells)):
        assert share(part, whole, (1, 2), SIGMA, 0.95) == ShareFigure(None, 0.0, 1.0, status)


def test_a_cell_nobody_can_be_in_adds_neither_count_nor_noise() -> None:
    empty = _cell(None, Status.NOT_APPLICABLE)
    cells = _cells(np.array([100, 200]))
    assert total([*cells, empty], 1, SIGMA, 0.95) == total(cells, 1, SIGMA, 0.95)
    assert total([empty], 1, SIGMA, 0.95).status is Status.NOT_APPLICABLE
