import numpy as np
import pytest

from synthetic.national_id import MONTH_OFFSET, NationalIds, as_text


def _check_digits(first_nine: str) -> str:
    """The published rule, one number at a time: weights modulo 11."""

    def digit(digits: str, weights: tuple[int, ...]) -> str:
        rest = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        return str((11 - rest) % 11)

    first = digit(first_nine, (3, 7, 6, 1, 8, 9, 4, 5, 2))
    return first + digit(first_nine + first, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))


@pytest.fixture(scope="module")
def people() -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(5)
    born = np.datetime64("1921-03-01") + rng.integers(0, 36_000, 3_000)
    born[:150] = np.datetime64("2000-02-29")  # many on one day
    is_female = rng.random(3_000) < 0.5
    return born, is_female, _issued(born, is_female, shards=3)


def _issued(born: np.ndarray, is_female: np.ndarray, shards: int) -> list[str]:
    """As the generator asks for them: some of the persons at a time."""
    ids = NationalIds()
    parts = zip(np.array_split(born, shards), np.array_split(is_female, shards), strict=True)
    return [number for part in parts for number in as_text(ids.issue(*part)).to_pylist()]


def test_check_digits_are_valid(people) -> None:
    assert all(number[9:] == _check_digits(number[:9]) for number in people[2])


def test_no_number_can_belong_to_anybody(people) -> None:
    # 1-12 is a national identity number, 41-52 a D-number's or a hospital's month.
    assert {int(number[2:4]) for number in people[2]} <= set(
        range(MONTH_OFFSET + 1, MONTH_OFFSET + 13)
    )


def test_numbers_are_unique_and_tell_birth_date_and_sex(people) -> None:
    born, is_female, numbers = people
    assert len(set(numbers)) == len(numbers)
    for day, female, number in zip(born.tolist(), is_female.tolist(), numbers, strict=True):
        assert (int(number[:2]), int(number[2:4]) - MONTH_OFFSET) == (day.day, day.month)
        assert int(number[4:6]) == day.year % 100
        assert int(number[8]) % 2 == (0 if female else 1)
        assert (int(number[6:9]) >= 500) == (day.year >= 2000)


def test_a_person_s_number_does_not_hang_on_those_who_come_later(people) -> None:
    born, is_female, numbers = people
    assert _issued(born[:1_000], is_female[:1_000], shards=1) == numbers[:1_000]


def test_a_day_with_too_many_births_is_refused() -> None:
    born = np.full(150, np.datetime64("1950-05-17"))
    ids = NationalIds()
    ids.issue(born, np.full(150, True))
    ids.issue(born, np.full(150, False))
    with pytest.raises(ValueError, match="too many persons born on one day"):
        ids.issue(born, np.full(150, True))


@pytest.mark.parametrize("day", ["1899-12-31", "2040-01-01"])
def test_a_birth_that_no_number_can_tell_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match="1900 to 2039"):
        NationalIds().issue(np.array([np.datetime64(day)]), np.array([True]))
