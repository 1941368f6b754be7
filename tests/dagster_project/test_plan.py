"""What a demo may be asked to be, and how a folder is tied to it."""

import json

import pytest

from dagster_project.demo.plan import PLAN_FILE, remember_plan
from privacy.problem import Problem
from tests.dagster_project.homes import plan
from tests.sloyfe.sources import STAY, write_synthea

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"hospitals": 0}, "--sites"),
        ({"hospitals": 51}, "--sites"),
        ({"epsilon": 0.0}, "--epsilon"),
        ({"epsilon": -1.0}, "--epsilon"),
        ({"epsilon": NAN}, "--epsilon"),
        ({"epsilon": INFINITE}, "--epsilon"),
        ({"epsilon": 1e10}, "--epsilon"),
        ({"persons": 0}, "--persons"),
        ({"claims_at": "hospital"}, "--claims-at"),
        ({"periods": ("20x4",)}, "--period"),
        ({"periods": ("2024", "")}, "--period"),
        ({"periods": ("２０２４",)}, "--period"),
        ({"source": "csv:here"}, "--source"),
        ({"source": "synthea"}, "--source"),
        ({"source": "synthea:"}, "--source"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_named_by_its_option(changes, where):
    with pytest.raises(Problem) as caught:
        plan(**changes)
    assert caught.value.where == where


def test_a_source_without_its_files_is_refused(tmp_path):
    source = write_synthea(tmp_path / "source")
    (source / "encounters.csv").unlink()
    with pytest.raises(Problem, match=r"there is no encounters\.csv"):
        plan(f"synthea:{source}")


def test_a_third_party_source_has_no_register_of_claims(tmp_path):
    source = write_synthea(tmp_path / "source")
    with pytest.raises(Problem) as caught:
        plan(f"synthea:{source}", claims_at="register")
    assert caught.value.where == "--claims-at"


def test_more_than_the_policy_allows_needs_synthetic_data(tmp_path):
    source = f"synthea:{write_synthea(tmp_path / 'source')}"
    with pytest.raises(Problem, match="above the policy's maximum"):
        plan(source, epsilon=2.01)
    assert plan(source, epsilon=2.01, declared_synthetic=True).needs_demo_switch
    assert plan(epsilon=2.01).needs_demo_switch
    assert not plan(source, epsilon=2.0).needs_demo_switch


def test_a_period_that_is_named_twice_is_asked_once():
    assert plan(periods=("2024", "2023", "2024")).periods == ("2024", "2023")


@pytest.mark.parametrize(
    ("stops", "year"),
    [
        (["2024-01-31T00:00:00Z"], "2023"),  # 30 days after the last midnight of 2023
        (["2024-01-30T23:59:59Z"], "2022"),
        (["2025-01-31T00:00:00Z"], "2024"),
        (["2025-01-30T12:00:00Z"], "2023"),  # 2024 is a leap year
        (["2020-05-01T10:00:00Z", "2021-06-01T10:00:00Z", "2019-01-01T10:00:00Z"], "2020"),
        (["2021-06-01T10:00:00Z", "", "soon"], "2020"),
    ],
)
def test_the_last_year_whose_every_discharge_was_followed_is_released(tmp_path, stops, year):
    source = write_synthea(tmp_path, [STAY | {"STOP": stop} for stop in stops])
    assert plan(f"synthea:{source}", periods=()).periods == (year,)


def test_encounters_that_are_no_csv_are_one_clear_line(tmp_path):
    source = write_synthea(tmp_path)
    (source / "encounters.csv").write_text('Id,STOP\n"' + "x" * 200_000, encoding="utf-8")
    with pytest.raises(Problem, match="not a CSV file"):
        plan(f"synthea:{source}", periods=())


def test_a_folder_is_tied_to_its_plan(tmp_path):
    out = tmp_path / "new" / "demo"
    remember_plan(plan(), out)
    remember_plan(plan(), out)
    with pytest.raises(Problem, match="made with another --epsilon, --seed"):
        remember_plan(plan(epsilon=1.0, seed=2), out)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Problem, match="not a demo"):
        remember_plan(plan(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "[1, 2]"])
def test_a_broken_plan_file_is_one_clear_line(tmp_path, content):
    (tmp_path / PLAN_FILE).write_text(content)
    with pytest.raises(Problem):
        remember_plan(plan(), tmp_path)


def test_a_place_where_no_folder_can_be_is_one_clear_line(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for place in (file, file / "below"):
        with pytest.raises(Problem, match="the folder cannot be used") as caught:
            remember_plan(plan(), place)
        assert caught.value.where == str(place)


def test_the_plan_file_is_plain_json(tmp_path):
    remember_plan(plan(), tmp_path / "demo")
    kept = json.loads((tmp_path / "demo" / PLAN_FILE).read_text(encoding="utf-8"))
    assert kept["periods"] == ["2023", "2024"] and kept["source"] is None
