"""The published figures: sourced, consistent among themselves, carried as they should be."""

import csv
import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest

from synthetic.calibration.areas import CODES, NAMES, SECTORS
from synthetic.calibration.targets import (
    ADHD,
    AGE_FROM,
    BUP_PATIENTS,
    POPULATION_2021,
    REFERRALS,
    SHARE_75_IN_2025,
    Target,
    pattern,
    residents,
    targets,
)
from tests.shared_data import PUBLISHED


def _published(name: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    path = PUBLISHED / name
    if not path.is_file():
        pytest.skip("the published tables are not on this machine")
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _by_name(year: int = 2024) -> dict[str, Target]:
    return {target.name: target for target in targets(year)}


def test_every_target_has_a_name_of_its_own_a_source_a_denominator_and_a_standing():
    all_targets = targets(2024)

    assert Counter(t.name for t in all_targets).most_common(1)[0][1] == 1
    for target in all_targets:
        assert target.source, target.name
        assert target.denominator, target.name
        assert target.value > 0, target.name
        assert target.standing in {"S", "B", "U"}, target.name
        if target.standing != "S":
            assert target.note, target.name


def test_population_is_that_of_statistics_norway():
    counted: Counter[tuple[str, int]] = Counter()
    for row in _published("oslo_bydel_population_by_age_2020_2021.csv"):
        if row["year"] != "2021.0" or row["granularity_geo"] != "wardoslo":
            continue
        start = max(age for age in AGE_FROM if age <= float(row["age"]))
        counted[row["location_code"][-6:], start] += round(float(row["pop_jan1"]))

    for bydel, persons in POPULATION_2021.items():
        assert persons == tuple(counted[bydel, start] for start in AGE_FROM), bydel


def test_referrals_adhd_and_diagnosis_groups_are_those_published():
    for row in _published("oslo_bup_referrals_2022.csv"):
        if row["bydel"] in REFERRALS:
            assert REFERRALS[row["bydel"]] == (int(row["total"]), int(row["rejected"]))
    adhd = {
        (row["age_group"], row["bydel"]): int(row["unique_patients_2022"])
        for row in _published("oslo_adhd_patients_2022.csv")
    }
    for bydel, pair in ADHD.items():
        assert pair == (adhd["0-17", bydel], adhd["18-25", bydel])
    for row in _published("bup_patients_by_diagnosis_group_2018_2022.csv"):
        if row["area"] == "Oslo" and row["diagnosis_group"] in BUP_PATIENTS:
            assert BUP_PATIENTS[row["diagnosis_group"]] == (int(row["y2018"]), int(row["y2022"]))


@pytest.mark.parametrize(
    ("name", "level2", "area"),
    [
        ("admissions_75/all", "Innleggelser, alle", "Norge"),
        ("admissions_75/Indre Oslo", "Innleggelser, alle", "Indre Oslo"),
        ("readmission_75/all", "Reinnleggelser", "Norge"),
        ("readmission_75/heart_failure", "Hjertesvikt, reinnleggelser", "Norge"),
        ("readmission_75/copd", "Kols, reinnleggelser", "Norge"),
        ("readmission_75/pneumonia", "Lungebetennelse, reinnleggelser", "Norge"),
        ("readmission_75/stroke", "Hjerneslag, reinnleggelser", "Norge"),
        ("readmission_75/hip_fracture", "Hoftebrudd, reinnleggelser", "Norge"),
        ("gp_75/all", "Fastlege", "Norge"),
        ("legevakt_75/all", "Legevakt", "Norge"),
    ],
)
def test_atlas_figures_are_those_published(name, level2, area):
    published = next(
        float(row["value"])
        for row in _published("helseatlas_eldre_2013_2015.csv", ";")
        if row["level2_name"] == level2 and row["area_name"] == area
    )

    assert _by_name()[name].value == pytest.approx(published, abs=0.006)


def test_every_bydel_is_in_one_sector():
    assert sorted(code for own in SECTORS.values() for code in own) == sorted(NAMES)
    assert set(CODES) == set(REFERRALS) == set(ADHD)


def test_population_shares_add_up_and_reach_the_projection_in_2025():
    for year in (2021, 2025, 2030):
        cells = [t.value for t in targets(year) if t.name.count("/") == 2]
        assert sum(cells) == pytest.approx(1000)
    assert _by_name(2021)["population/75+"].value == pytest.approx(
        1000 * residents(ages=(75, 200)) / residents()
    )
    assert _by_name(2025)["population/75+"].value == pytest.approx(1000 * SHARE_75_IN_2025)
    shares = [_by_name(year)["population/75+"].value for year in range(2021, 2031)]
    assert all(before < after for before, after in pairwise(shares))


def test_growth_is_recomputed_not_the_printed_one_and_carries_counts_forward():
    adhd = _by_name()["bup_patients/ADHD"]

    # The source prints +71.1 % for ADHD, rightly; 4 years' growth is carried half as far in 2.
    assert adhd.yearly**4 == pytest.approx(1044 / 610)
    assert adhd.carried(2022) == adhd.value
    assert adhd.carried(2024) == pytest.approx(adhd.value * math.sqrt(1044 / 610))
    # For all it prints +12.9 %: wrong, and not used.
    assert _by_name()["bup_growth/all"].value ** 4 == pytest.approx(1.264, abs=0.001)


def test_a_pattern_keeps_ratios_and_takes_the_level():
    moved = pattern({"a": 10.0, "b": 20.0}, {"a": 3, "b": 1}, 5.0)

    assert moved["b"] / moved["a"] == pytest.approx(2)
    assert (3 * moved["a"] + moved["b"]) / 4 == pytest.approx(5)


def test_sampling_error_of_a_share_and_of_a_rate():
    share = Target("x/y", "g", "s", "2022", 20.0, "%", "d", counted=20, of=100)
    rate = Target("x/y", "g", "s", "2022", 20.0, "per 1000", "d", counted=25)
    unknown = Target("x/y", "g", "s", "2022", 20.0, "per 1000", "d")

    # A share of .2 of 100 has a standard error of .04.
    assert share.relative_sampling_error == pytest.approx(0.04 / 0.2)
    assert rate.relative_sampling_error == pytest.approx(1 / 5)
    assert unknown.relative_sampling_error == 0
