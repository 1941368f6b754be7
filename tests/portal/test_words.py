from datetime import UTC, datetime

import pytest

from portal import words
from portal.adjusted import Figure
from portal.figures import CountFigure, shown_count
from portal.words import BOKMAL, ENGLISH
from privacy.estimates.status import Status


@pytest.mark.parametrize(
    ("value", "low", "high", "shown", "interval"),
    [
        (1204, 1187, 1221, "1\u202f204", "±17 forløp"),
        (17, 0, 34, "17", "±17 forløp"),
        (9, 0, 26, "9", "0–26 forløp"),  # cut at zero
        (5, 4, 6, "5", "±1 forløp"),
        (4, 3, 5, "<5", "0–5 forløp"),  # an interval must not give the hidden value away
        (0, 0, 17, "<5", "0–17 forløp"),
        (-8, 0, 9, "<5", "0–9 forløp"),
        (-30, 0, 0, "<5", "nær 0 forløp"),
    ],
)
def test_a_count_and_its_interval_in_words(
    value: int, low: int, high: int, shown: str, interval: str
) -> None:
    figure = shown_count(value, low, high)
    assert BOKMAL.count(figure) == shown
    assert BOKMAL.interval(figure, "forløp") == interval


@pytest.mark.parametrize("status", [Status.NOT_APPLICABLE, Status.NOT_DELIVERED])
def test_where_there_is_no_count_a_dash_stands_and_no_zero(status: Status) -> None:
    nothing = CountFigure(None, None, None, status)
    assert (BOKMAL.count(nothing), BOKMAL.interval(nothing, "forløp")) == ("–", "")


def test_every_status_has_words_of_its_own() -> None:
    for language in (BOKMAL, ENGLISH):
        assert set(language.statuses) == set(Status)
        assert len(set(language.statuses.values())) == len(Status)


def test_share_is_rounded_outwards() -> None:
    ratio = Figure(value=0.12345, low=0.10199, high=0.14501)
    assert BOKMAL.share(ratio) == ("12,3\xa0%", "10,1–14,6\xa0%")
    assert ENGLISH.share(ratio) == ("12.3%", "10.1–14.6%")


@pytest.mark.parametrize(
    ("value", "nb", "en"),
    [(2.4789, "2,48", "2.48"), (0.0533, "0,0533", "0.0533"), (64.2, "64,2", "64.2"),
     (1234.5, "1\u202f234", "1,234"), (0, "0", "0")],
)  # fmt: skip
def test_decimals_keep_three_digits(value: float, nb: str, en: str) -> None:
    assert (BOKMAL.decimals(value), ENGLISH.decimals(value)) == (nb, en)


def test_powers_of_ten() -> None:
    assert BOKMAL.power_of_ten(1e-6) == "1 · 10⁻⁶"
    assert BOKMAL.power_of_ten(2.5e-7) == "2,5 · 10⁻⁷"


def test_times_and_groups() -> None:
    assert (BOKMAL.time("2024Q3"), ENGLISH.time("2024Q3")) == ("3. kvartal 2024", "Q3 2024")
    assert (words.short_time("2024Q3"), words.short_time("mai")) == ("3", "mai")
    assert (words.group("0-17"), words.group("85+"), words.group("a-b")) == ("0–17", "85+", "a-b")
    assert BOKMAL.day(datetime(2025, 3, 17, tzinfo=UTC)) == "17. mars 2025"
