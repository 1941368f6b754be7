"""When a figure is within, when it is not, and what the report of it holds."""

import json
import math
import re
from dataclasses import replace

import pytest

from synthetic.calibration import calibrate
from synthetic.calibration.areas import NAMES
from synthetic.calibration.compare import Calibration, Result, compare, pattern_slope
from synthetic.calibration.measure import Measured
from synthetic.calibration.report import write_report
from synthetic.calibration.targets import Target
from tests.synthetic.calibration.deliveries import Town

TARGET = Target("measure/key", "admissions", "a source", "2022", 100.0, "per 1000", "persons")


@pytest.mark.parametrize(
    ("produced", "error", "is_within"),
    [
        (109.9, 0.0, True),
        (110.1, 0.0, False),
        (89.9, 0.0, False),
        (120.0, 6.1, True),  # 20 is less than 3.7 x 6.1 x sqrt(100/120) = 20.6
        (122.0, 6.1, False),
        (80.0, 5.0, True),  # 3.7 x 5.0 x sqrt(100/80) = 20.7
        (78.0, 5.0, False),
    ],
)
def test_within_is_a_tenth_or_so_many_standard_errors(produced, error, is_within):
    result = compare(TARGET, Measured(produced, error, 1000, 10_000, 1000), 2024)

    assert result.within is is_within
    assert result.relative_error == pytest.approx(produced / 100 - 1)
    assert result.detectable == pytest.approx(max(0.1, 3.7 * error / math.sqrt(100 * produced)))


def test_the_published_figures_own_count_widens_the_rule():
    measured = Measured(140.0, 0.0, 1000, 10_000, 1000)

    assert not compare(TARGET, measured, 2024).within
    few = compare(replace(TARGET, counted=25), measured, 2024)  # 20 %
    assert few.within
    assert few.sampling_error == pytest.approx(0.2)


@pytest.mark.parametrize(("units", "is_within"), [(85, False), (83, True)])
def test_nothing_produced_fails_where_many_were_expected(units, is_within):
    # 8.5 are expected, or 8.3: none comes by chance once in e^8.5, e^8.3; the rule is e^8.4.
    assert compare(TARGET, Measured(0.0, 0.0, 0, units, 1000), 2024).within is is_within


def test_a_figure_that_could_not_be_measured_is_outside():
    result = compare(TARGET, None, 2024)

    assert not result.within
    assert result.produced is None


def test_a_growing_figure_is_carried_to_the_year_measured():
    result = compare(replace(TARGET, yearly=1.1), Measured(121.0, 0.0, 1, 10, 1000), 2024)

    assert (result.published, result.target) == (100.0, pytest.approx(121))
    assert result.relative_error == pytest.approx(0)


def _bydeler(produced: list[float]) -> list[Result]:
    wanted = [10.0 + number for number in range(15)]
    return [
        compare(
            replace(TARGET, name=f"adhd_0_17/{code}", group="adhd_0_17", value=target),
            Measured(made, 1.0, 20, 1000, 1000),
            2022,
        )
        for code, target, made in zip(NAMES, wanted, produced, strict=True)
    ]


def test_pattern_slope_is_one_for_the_published_pattern_at_any_level_and_zero_for_none():
    same = pattern_slope("adhd_0_17", _bydeler([2 * (10.0 + n) for n in range(15)]))
    flat = pattern_slope("adhd_0_17", _bydeler([17.0] * 15))

    assert same.produced == pytest.approx(1)
    assert same.within
    assert flat.produced == pytest.approx(0)


@pytest.fixture(scope="module")
def calibration(tmp_path_factory) -> Calibration:
    """Of a town of six persons, which is far from Oslo."""
    town = Town()
    town.person("ane", age=80)
    town.person("bo", age=82, bydel="030111")
    town.person("dag", age=10)
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-03T12:00:00")
    town.stay("ane", "2024-03-09T08:00:00", "2024-03-10T12:00:00")
    town.referral("dag", "2024-02-01", outcome=2)
    return calibrate(town.write(tmp_path_factory.mktemp("town") / "d"))


def test_calibration_of_a_delivery_holds_every_target_once(calibration):
    names = [result.name for result in calibration.targets]

    assert len(set(names)) == len(names)
    assert calibration.persons == 3
    found = {result.name: result for result in calibration.targets}
    assert found["readmission_75/all"].produced == pytest.approx(50)
    assert found["gp_75/all"].produced == 0
    # Growth needs two years: with one it is not asked for.
    assert not any(name.startswith("bup_growth") for name in names)
    assert not calibration.is_within


def test_json_is_the_published_interface(calibration):
    content = json.loads(json.dumps(calibration.to_json()))

    for row in content["targets"]:
        assert {"name", "source", "target", "produced", "relative_error", "within"} <= row.keys()
    assert content["missed"] == sum(not row["within"] for row in content["targets"]) > 0
    assert content["within"] + content["missed"] == len(content["targets"])


def test_report_names_every_target_with_its_source_and_draws_every_group(calibration, tmp_path):
    page = write_report(calibration, tmp_path / "report")
    html = page.read_text(encoding="utf-8")

    assert json.loads((page.parent / "calibration.json").read_text())["year"] == 2024
    for group in {result.group for result in calibration.targets}:
        section = re.search(rf'<section id="{group}">.*?</section>', html, re.DOTALL)
        assert section is not None, group
        own = [result for result in calibration.targets if result.group == group]
        assert section[0].count("<tr") == len(own) + 1
        assert "<svg" in section[0]
    assert html.count("Eldrehelseatlas") >= 20
    assert not re.search(r"""(?:src|href)=["']https?:""", html)  # nothing is fetched


@pytest.mark.parametrize(("produced", "is_within"), [(3, True), (4, False)])
def test_a_rare_event_may_come_as_often_as_chance_has_it(produced, is_within):
    # 0.25 are expected; P(3 or more) = 2.2e-3, P(4 or more) = 1.3e-4, and the rule is 2.2e-4.
    measured = Measured(produced * 1000 / 2.5, 1.0, produced, 2.5, 1000)

    assert compare(TARGET, measured, 2024).within is is_within


@pytest.mark.parametrize("content", ["", "{}", "[]", "{"])
def test_a_truth_that_is_not_the_generator_s_is_told_in_words(tmp_path, content):
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "truth.json").write_text(content)

    with pytest.raises(ValueError, match="not the generator's"):
        calibrate(tmp_path)
