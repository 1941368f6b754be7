"""The residents follow the counted structure, move with the year, and are born in the window."""

import numpy as np
import pytest

from synthetic.events import Window
from synthetic.population import (
    BIRTHS_A_YEAR,
    COUNTS_2021,
    SINGLE_YEARS_2021,
    draw_residents,
    structure,
)

WINDOW = Window(np.datetime64("2025-01-01"), 365)


def _rng() -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(3))


def test_the_two_counts_are_of_the_same_persons():
    groups = np.minimum(np.arange(len(SINGLE_YEARS_2021)) // 5, 18)
    assert COUNTS_2021.sum(axis=0).tolist() == np.bincount(groups, SINGLE_YEARS_2021).tolist()


def test_the_year_counted_is_given_back():
    shares = structure(2021)
    assert shares.sum() == pytest.approx(1)
    groups = np.minimum(np.arange(shares.shape[1]) // 5, 18)
    by_group = np.stack([np.bincount(groups, row) for row in shares])
    assert by_group == pytest.approx(COUNTS_2021 / COUNTS_2021.sum(), rel=1e-9)


@pytest.mark.parametrize(("year", "old"), [(2021, 38_739 / 691_754), (2025, 46_000 / 720_000)])
def test_the_share_of_the_old_is_counted_then_projected(year: int, old: float):
    assert structure(year)[:, 75:].sum() == pytest.approx(old, rel=1e-9)


def test_the_share_of_the_old_grows_with_every_year():
    shares = [structure(year)[:, 75:].sum() for year in range(2019, 2030)]
    assert np.all(np.diff(shares) > 0)


def test_drawn_residents_follow_the_structure():
    people = draw_residents(_rng(), 400_000, WINDOW)
    alive = people.born < WINDOW.first_day
    born, bydel = people.born[alive], people.bydel[alive]
    age = 2025 - (born.astype("datetime64[Y]").astype(int) + 1970) - 1
    expected = structure(2025)
    share_old = np.mean(age >= 75)
    error = np.sqrt(share_old / alive.sum())
    assert abs(share_old - expected[:, 75:].sum()) < 4 * error
    by_bydel = np.bincount(bydel, minlength=15) / alive.sum()
    assert by_bydel == pytest.approx(expected.sum(axis=1), abs=4 * np.sqrt(0.1 / alive.sum()))


def test_births_keep_pace_with_the_window():
    people = draw_residents(_rng(), 200_000, WINDOW)
    newborn = people.born >= WINDOW.first_day
    expected = BIRTHS_A_YEAR * (~newborn).sum()
    assert abs(newborn.sum() - expected) < 4 * np.sqrt(expected)
    assert people.born.max() < WINDOW.first_day + WINDOW.days
    assert not people.lives_alone[newborn].any()


def test_old_women_are_more_and_more_alone():
    people = draw_residents(_rng(), 200_000, WINDOW)
    old = people.born < np.datetime64("1945-01-01")
    assert 0.52 < people.is_female[old].mean() < 0.68
    alone = people.lives_alone
    assert alone[old & people.is_female].mean() > alone[old & ~people.is_female].mean() + 0.1


def test_one_person_is_a_population():
    assert len(draw_residents(_rng(), 1, WINDOW)) == 1
