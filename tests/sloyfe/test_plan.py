"""`sloyfe plan`: errors and costs before anything is spent, and the page of a default year."""

import itertools
import json
import math
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "privacy" / "year.md"


def test_the_page_of_the_year_is_what_the_planner_makes(sloyfe):
    code, said, _ = sloyfe("plan", "year", "--check", "--out", PAGE)
    assert (code, said) == (0, "the page is what the planner makes\n")


def test_a_page_that_was_edited_is_noticed(sloyfe, tmp_path):
    edited = tmp_path / "year.md"
    edited.write_text(PAGE.read_text(encoding="utf-8").replace("dropped", "useful"), "utf-8")
    assert sloyfe("plan", "year", "--check", "--out", edited)[0] == 1


def test_the_document_adds_up(sloyfe):
    wanted = "readmission_30d_same_site,gp_followup_after_discharge"
    code, said, _ = sloyfe("plan", "--indicators", wanted, "--budget", "2", "--json")
    document = json.loads(said)
    tables, total = document["tables"], document["total"]
    assert code == 0
    assert [t["indicator"] for t in tables] == wanted.split(",")
    assert math.fsum(t["federation_rho"] for t in tables) == pytest.approx(total["federation_rho"])
    assert 1.9 < total["federation_epsilon"] <= 2
    assert total["delta"] == 1e-6
    for table in tables:
        assert table["expected_abs_error"] > table["sigma"] > 0
        assert table["expected_rel_error"] > 0


def test_a_person_at_every_site_costs_more_where_sites_are_keyed(sloyfe):
    asked = ("plan", "--indicators", "acute_admissions", "--json", "--combine")
    home, keyed = (json.loads(sloyfe(*asked, c)[1]) for c in ("home_site", "keyed_by_site"))
    assert home["total"]["epsilon"] == pytest.approx(home["total"]["federation_epsilon"])
    assert keyed["total"]["epsilon"] < keyed["total"]["federation_epsilon"] <= 2
    one, other = (d["tables"][0]["expected_rel_error"] for d in (home, keyed))
    assert other > 3 * one


def test_the_table_says_what_to_do_and_plots_are_drawn(sloyfe, tmp_path):
    wanted = "acute_admissions,service_use_before_acute_admission,use_across_levels"
    code, said, _ = sloyfe("plan", "--indicators", wanted, "--out", tmp_path / "plots")
    assert code == 0
    assert "coarser: " in said
    assert "a person at every site: ρ 0.0834" in said
    for name in ("errors", "split"):
        assert (tmp_path / "plots" / f"{name}.svg").read_text(encoding="utf-8").startswith("<svg")
        assert (tmp_path / "plots" / f"{name}.png").stat().st_size > 5_000


def test_coarsening_leaves_out_what_is_too_dear(sloyfe):
    asked = ("plan", "--indicators", "kad_onward_admission,function_level", "--coarsen", "--json")
    tables = json.loads(sloyfe(*asked, "--budget", "0.05")[1])["tables"]
    assert [t["indicator"] for t in tables] == ["function_level"]
    assert tables[0]["expected_rel_error"] <= 0.2
    _, said, _ = sloyfe(*asked[:-1], "--budget", "0.05")
    assert "not within the budget at any grain: kad_onward_admission" in said
    assert "coarser" not in said


def test_design_and_file_splits(sloyfe, tmp_path):
    wanted = "frailty_risk,discharge_ready"
    _, said, _ = sloyfe("plan", "--indicators", wanted, "--split", "design", "--json")
    rho = [t["federation_rho"] for t in json.loads(said)["tables"]]
    assert rho[0] == pytest.approx(rho[1])
    file = tmp_path / "split.yaml"
    file.write_text("frailty_risk: 0.75\ndischarge_ready: 0.25\n", encoding="utf-8")
    _, said, _ = sloyfe("plan", "--indicators", wanted, "--split", file, "--json")
    rho = [t["federation_rho"] for t in json.loads(said)["tables"]]
    assert rho[0] == pytest.approx(3 * rho[1])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--indicators", "nothing_such"), "no figures to plan with: nothing_such"),
        (("--split", "design"), "the split has no part for"),
        (("--split", "none.yaml"), "the split cannot be used"),
        (("--combine", "by_magic"), "cannot be put together by `by_magic`"),
        (("--combine", "secure_sum", "--sites", "1"), "one site has nobody to sum with"),
    ],
)
def test_what_cannot_be_planned_is_one_clear_line(sloyfe, arguments, words):
    code, said, errors = sloyfe("plan", *arguments)
    assert (code, said, len(errors)) == (1, "", 1)
    assert words in errors[0]


def test_bounds_set_bias_against_noise(sloyfe, tmp_path):
    asked = ("plan", "bounds", "--indicator", "readmission_30d_skde", "--rho", "0.01")
    code, said, _ = sloyfe(*asked, "--out", tmp_path, "--json")
    choices = json.loads(said)["choices"]
    assert code == 0
    assert (tmp_path / "bounds.svg").is_file()
    by_bound = {(c["per_cell"], c["total"]): c for c in choices}
    assert by_bound[1, 1]["bias"] > by_bound[3, 4]["bias"]
    assert by_bound[1, 1]["noise"] < by_bound[3, 4]["noise"]
    assert sum(c["best"] for c in choices) == 1
    assert sloyfe("plan", "bounds", "--indicator", "function_level")[0] == 1


@pytest.mark.slow
def test_definitions_are_those_of_the_catalogue(tmp_path):
    from dagster_project.parsed import parse_project
    from dbt_models import PROJECT_DIR
    from federated.contract.catalogue import load_catalogue
    from federated.contract.planning import released_definitions

    catalogue = load_catalogue(parse_project(tmp_path), PROJECT_DIR)
    assert released_definitions(PROJECT_DIR) == {
        name: indicator.definition
        for name, indicator in sorted(catalogue.items())
        if indicator.definition.release != "internal"
    }


def test_a_clip_s_bias_is_set_against_its_noise(sloyfe):
    code, said, _ = sloyfe("plan", "bounds", "--indicator", "acute_stay_cost", "--json")
    assert code == 0
    clips = json.loads(said)["clips"]
    assert sum(c["best"] for c in clips) == 1 and 150_000 in {c["at"] for c in clips}
    for tight, loose in itertools.pairwise(clips):
        assert tight["bias"] >= loose["bias"] and tight["noise"] < loose["noise"]
