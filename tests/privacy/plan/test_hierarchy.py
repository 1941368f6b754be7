"""The variance in closed form is that of least squares on the matrix of cells."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.plan.hierarchy import (
    Dimension,
    Level,
    all_grains,
    cells,
    finest_grain,
    grain_name,
    information,
    readout,
)


def dimension(name, factors):
    sizes = np.cumprod([1, *factors])
    return Dimension(name, tuple(Level(f"{name}{size}", int(size)) for size in sizes))


DIMENSIONS = st.lists(st.lists(st.integers(2, 3), min_size=0, max_size=2), min_size=1, max_size=2)


def sums(dimensions, grain):
    """Rows: cells of `grain`; columns: finest cells."""
    made = np.ones((1, 1))
    for d, at in zip(dimensions, grain, strict=True):
        groups, finest = d.levels[at].groups, d.levels[-1].groups
        made = np.kron(made, np.kron(np.eye(groups), np.ones(finest // groups)))
    return made


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_variance_is_that_of_weighted_least_squares(data):
    factors = data.draw(DIMENSIONS)
    dimensions = [dimension(f"d{i}_", f) for i, f in enumerate(factors)]
    grains = all_grains(dimensions)
    others = data.draw(st.lists(st.sampled_from(grains), unique=True))
    measured = list(dict.fromkeys([finest_grain(dimensions), *others]))
    precisions = np.array(data.draw(st.lists(st.floats(0.1, 10), min_size=len(measured),
                                             max_size=len(measured))))  # fmt: skip
    designs = [sums(dimensions, g) for g in measured]
    dense = sum(p * s.T @ s for p, s in zip(precisions, designs, strict=True))
    covariance = np.linalg.inv(dense)
    known = information(dimensions, measured) @ precisions
    for grain in grains:
        of = sums(dimensions, grain)
        expected = np.diag(of @ covariance @ of.T)
        assert np.allclose(expected, expected[0])
        assert readout(dimensions, grain) @ (1 / known) == pytest.approx(expected[0], rel=1e-8)


def test_unequal_sectors_are_well_stood_for_by_their_mean():
    """Three, three, three and six bydeler; both levels measured, sectors at half the precision."""
    sectors = np.zeros((4, 15))
    for sector, (start, end) in enumerate(itertools.pairwise((0, 3, 6, 9, 15))):
        sectors[sector, start:end] = 1
    covariance = np.linalg.inv(np.eye(15) + 0.5 * sectors.T @ sectors)
    area = Dimension("area", (Level("oslo", 1), Level("sector", 4), Level("bydel", 15)))
    known = information([area], [(2,), (1,)]) @ np.array([1.0, 0.5])
    used = known > 0
    for grain, of in (((2,), np.eye(15)), ((1,), sectors), ((0,), np.ones((1, 15)))):
        exact = np.diag(of @ covariance @ of.T).mean()
        found = (readout([area], grain)[used] / known[used]).sum()
        assert found == pytest.approx(exact, rel=0.06)


def test_what_is_measured_alone_has_its_own_variance():
    area, time = dimension("a", [4, 3]), dimension("t", [4])
    for grain in all_grains([area, time]):
        known = information([area, time], [grain])[:, 0] * 5.0
        read = readout([area, time], grain)
        assert (read[read > 0] / known[read > 0]).sum() == pytest.approx(1 / 5)


def test_names_and_numbers_of_cells():
    dimensions = [dimension("a", [4]), dimension("t", [3])]
    assert cells(dimensions, (1, 1)) == 12
    assert grain_name(dimensions, (1, 0)) == "a4"
    assert grain_name(dimensions, (0, 0)) == "total"


@pytest.mark.parametrize("sizes", [(), (4, 4), (4, 2)])
def test_levels_go_from_coarse_to_fine(sizes):
    with pytest.raises(ValueError, match="coarse to fine"):
        Dimension("d", tuple(Level(str(s), s) for s in sizes))
