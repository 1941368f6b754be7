"""The residents follow the counted structure, move with the year, and are born in the window."""

import numpy as np
import pytest

from synthetic.events import NO_DAY, Window
from synthetic.population import (
    ALWAYS,
    BIRTHS_A_YEAR,
    COUNTS_2021,
    SINGLE_YEARS_2021,
    Residents,
    draw_residents,
    everybody,
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
    alive = (people.born < WINDOW.first_day) & (people.moves_in <= 0)
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
    newborn = (people.born >= WINDOW.first_day) & (people.moves_in <= 0)
    expected = BIRTHS_A_YEAR * ((people.born < WINDOW.first_day) & (people.moves_in <= 0)).sum()
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


def _there(people: Residents, window: Window, day: str) -> np.ndarray:
    at = (np.datetime64(day) - window.first_day).astype(int)
    return (people.born < np.datetime64(day)) & (people.moves_in < at) & (people.moves_out >= at)


def test_five_years_on_every_bydel_has_the_ages_it_is_projected_to_have():
    """Deaths are left to the model: so the young, who do not die, stand for all."""
    window = Window(np.datetime64("2020-01-01"), 5 * 365 + 2 + 59)
    people = draw_residents(_rng(), 400_000, window)
    there = _there(people, window, "2024-12-31")
    age = 2024 - (people.born.astype("datetime64[Y]").astype(int) + 1970)
    projected = structure(2025)
    for low, high in ((0, 18), (18, 35), (35, 60)):
        band = there & (age >= low) & (age < high)
        produced = np.bincount(people.bydel[band], minlength=15) / there.sum()
        expected = projected[:, low:high].sum(axis=1)
        assert produced == pytest.approx(expected, rel=0.1)


def test_whoever_moves_does_so_inside_the_window_and_in_order():
    people = draw_residents(_rng(), 100_000, WINDOW)
    comes, goes = people.moves_in != ALWAYS, people.moves_out != NO_DAY
    assert comes.any() and goes.any()
    assert np.all(people.moves_in[comes] >= 0) and np.all(people.moves_out[goes] > 0)
    assert np.all(people.moves_in < people.moves_out)
    born = (people.born - WINDOW.first_day).astype(int)
    assert np.all(people.moves_in[comes] >= born[comes])
    assert np.all(people.moves_out[goes] > born[goes])


@pytest.mark.parametrize("years", [1, 5])
def test_as_many_live_here_at_the_start_as_were_asked_for(years: int):
    first = np.datetime64(f"{2025 - years}-01-01")
    window = Window(first, int((np.datetime64("2025-03-01") - first).astype(int)))
    people = draw_residents(_rng(), everybody(200_000, window), window)
    there = ((people.born < first) & (people.moves_in <= 0)).sum()
    assert abs(there - 200_000) < 4 * np.sqrt(200_000)
