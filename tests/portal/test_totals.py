import numpy as np
import pytest

from portal.release_cells import Cell
from portal.totals import Total, ratio, total

SIGMA, CELLS, RUNS = 8.66, 20, 4_000
ERROR = 17  # half width of one cell's 95 % interval at that scale


def _noisy(rng: np.random.Generator, counts: np.ndarray) -> np.ndarray:
    """Rounded normal noise: what a discrete Gaussian of this scale is to four digits."""
    return counts + rng.normal(0, SIGMA, (RUNS, *counts.shape)).round().astype(int)


def _cells(values: np.ndarray) -> list[Cell]:
    return [Cell("a", "b", "c", "d", int(value), 0, 0, "ok") for value in values]


def test_a_total_s_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    counts = rng.integers(0, 60, CELLS)  # zeros too: many noisy values are negative
    totals = [
        total(_cells(run), ERROR, of_confidence=0.95, confidence=0.95)
        for run in _noisy(rng, counts)
    ]
    covered = np.mean([t.low <= counts.sum() <= t.high for t in totals])
    assert 0.945 < covered < 0.975
    assert np.mean([t.value for t in totals]) == pytest.approx(counts.sum(), abs=3)


def test_a_share_s_interval_covers_at_least_as_often_as_it_says() -> None:
    rng = np.random.default_rng(12)
    readmitted, not_readmitted = rng.integers(5, 30, CELLS), rng.integers(50, 200, CELLS)
    truth = readmitted.sum() / (readmitted + not_readmitted).sum()
    covered = []
    part_noise, rest_noise = _noisy(rng, readmitted), _noisy(rng, not_readmitted)
    for part, rest in zip(part_noise, rest_noise, strict=True):
        found = ratio(
            total(_cells(part), ERROR, of_confidence=0.95, confidence=0.975),
            total(_cells(part + rest), 24, of_confidence=0.95, confidence=0.975),
        )
        assert found is not None
        covered.append(found.low <= truth <= found.high)
    assert np.mean(covered) >= 0.95


def test_no_share_where_noise_leaves_nothing_to_divide_by() -> None:
    assert ratio(Total(10, 5), Total(20, 20)) is None
    assert ratio(Total(-1, 5), Total(2000, 20)) is None


def test_intervals_are_cut_at_zero_and_marked() -> None:
    assert (Total(-9, 4).low, Total(-9, 4).high, Total(-9, 4).status) == (0, 0, "uncertain")
    assert (Total(9, 10).low, Total(9, 10).high, Total(9, 10).status) == (0, 19, "uncertain")
    assert Total(10, 10).status == "ok"
