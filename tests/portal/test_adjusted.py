"""Standardised shares of a release, worked by hand from its noisy cells."""

import math
from pathlib import Path
from typing import Any

import pytest

from portal.adjusted import Adjusted, adjusted
from portal.release_cells import read_cells
from portal.release_page import render_release
from portal.release_record import read_record
from tests.portal.releases import write_release

STANDARD = {
    "keys": ["age_group"],
    "name_nb": "Risikojustert andel",
    "name_en": "Risk-adjusted share",
    "strata": [
        {"values": ["young"], "weight": 0.75, "expected": 0.1},
        {"values": ["old"], "weight": 0.25, "expected": 0.4},
    ],
    "atoms": [[1, 1]],
}
COUNTS = ((45, 5), (20, 10))
"""Index stays and readmissions of each of two quarters: 100 and 10 of the young, 40 and 20 of the
old."""


def release(folder: Path, standard: dict[str, Any] | None = STANDARD, counts=COUNTS) -> Path:
    def change(record: dict[str, Any]) -> None:
        record["indicator"]["standard"] = standard
        record["privacy"]["scale"] = 2.0

    return write_release(
        folder,
        sites=("Nordby",),
        groups=("young", "old"),
        quarters=("2024Q1", "2024Q2"),
        counts=lambda site, group, rng: counts[group],
        change=change,
    )


def of(folder: Path) -> list[Adjusted]:
    record = read_record(folder)
    return adjusted(record, read_cells(folder, record), "site-0")


def test_a_share_worked_by_hand(tmp_path: Path) -> None:
    """90 young, 10 back; 40 old, 20 back: 0.75 x 1/9 + 0.25 x 1/2, and 30 of 9 + 16 expected.

    Noise: two cells of variance 4 for the part, and two for the rest, in each stratum.
    """
    (found,) = of(release(tmp_path / "r"))
    assert found.share is not None and found.ratio is not None
    assert found.share.value == pytest.approx(0.75 / 9 + 0.125)
    young, old = 1 / 9, 1 / 2
    variance = 0.75**2 * (young * (1 - young) / 90 + 8 * ((1 - young) ** 2 + young**2) / 90**2)
    variance += 0.25**2 * (old * (1 - old) / 40 + 8 * ((1 - old) ** 2 + old**2) / 40**2)
    assert found.share.high - found.share.value == pytest.approx(1.959964 * math.sqrt(variance))
    assert found.ratio.value == pytest.approx(30 / 25)
    assert found.ratio.low < 1.2 < found.ratio.high


def test_without_a_standard_there_is_nothing(tmp_path: Path) -> None:
    assert of(release(tmp_path / "r", None)) == []


def test_without_expected_shares_there_is_no_ratio(tmp_path: Path) -> None:
    strata = [{"values": ["young"], "weight": 0.75}, {"values": ["old"], "weight": 0.25}]
    (found,) = of(release(tmp_path / "r", STANDARD | {"strata": strata}))
    assert found.share is not None and found.ratio is None


def test_an_empty_stratum_has_no_share_and_does_not_stop_the_ratio(tmp_path: Path) -> None:
    (found,) = of(release(tmp_path / "r", counts=((45, 5), (0, 0))))
    assert found.share is None
    assert found.ratio is not None and found.ratio.value == pytest.approx(10 / 9)


def test_the_page_says_it_in_both_languages(tmp_path: Path) -> None:
    page = render_release(release(tmp_path / "r"))
    assert "Risikojustert andel" in page and "Risk-adjusted share" in page
    assert "Observert delt på forventet" in page and "Observed over expected" in page
    assert "20,8" in page and "20.8" in page
    assert "Risikojustert" not in render_release(release(tmp_path / "without", None))
