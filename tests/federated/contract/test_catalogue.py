"""The fingerprint follows what an indicator means, and nothing else."""

import copy
import json
import shutil
from pathlib import Path

import pytest

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import attempt_id, catalogue_document, load_catalogue
from privacy.bounds import ContributionBound
from privacy.problem import Problem
from tests.federated.contract.parsed_project import INDICATOR

MODEL = "model.sloyfe.atom_readmission_30d_same_site"


@pytest.fixture(scope="session")
def parsed(manifest):
    return json.loads(manifest.read_text(encoding="utf-8"))


@pytest.fixture
def load(parsed, tmp_path):
    """The indicator after `change` has been made to a copy of the manifest."""

    def run(change=lambda content: None, project=PROJECT_DIR):
        content = copy.deepcopy(parsed)
        change(content)
        file = tmp_path / "manifest.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return load_catalogue(file, project)[INDICATOR]

    return run


def meta(content):
    return content["nodes"][MODEL]["config"]["meta"]["indicator"]


def other_checksum(unique_id):
    def change(content):
        content["nodes"][unique_id]["checksum"]["checksum"] = "0" * 64

    return change


def other_macro(unique_id):
    def change(content):
        content["macros"][unique_id]["macro_sql"] += " "

    return change


def set_meta(**fields):
    return lambda content: meta(content).update(fields)


@pytest.mark.parametrize(
    "change",
    [
        other_checksum(MODEL),
        other_checksum("model.sloyfe.fct_index_stay"),
        other_checksum("model.sloyfe.stg_npr__stay"),
        other_checksum("model.sloyfe.input_npr_stay"),
        other_checksum("seed.sloyfe.age_group"),
        other_macro("macro.sloyfe.indicator_rows"),
        other_macro("macro.sloyfe.readmission_window"),
        set_meta(bounds={"per_cell": 2, "total": 5}),
        set_meta(definition_nb="Noe annet."),
        set_meta(known_limits_en="None."),
        set_meta(version=2),
        set_meta(atoms=["readmitted", "not_readmitted"]),
    ],
    ids=range(12),
)
def test_the_fingerprint_changes_with_what_the_indicator_is_made_of(load, change):
    assert load(change).fingerprint != load().fingerprint


def _move_everything(content):
    for node in content["nodes"].values():
        node["original_file_path"] = "elsewhere/" + node["original_file_path"]
        node["root_path"] = "/another/place"
    content["metadata"]["generated_at"] = "2030-01-01T00:00:00Z"
    content["metadata"]["invocation_id"] = "another"


@pytest.mark.parametrize(
    "change",
    [
        other_checksum("model.sloyfe.fct_service_day"),
        other_checksum("seed.sloyfe.service"),
        other_macro("macro.dbt.test_relationships"),
        _move_everything,
    ],
    ids=["another model", "another seed", "dbt's own macro", "paths and times"],
)
def test_the_fingerprint_stays_when_something_unrelated_changes(load, change):
    assert load(change).fingerprint == load().fingerprint


def test_two_parses_of_one_project_agree(manifest, load):
    """What site and coordinator each parse themselves must be the same definition."""
    assert load_catalogue(manifest, PROJECT_DIR)[INDICATOR].fingerprint == load().fingerprint


def test_the_public_domain_is_every_combination_in_a_fixed_order(indicator):
    seed = (PROJECT_DIR / "seeds" / "age_group.csv").read_text(encoding="utf-8").splitlines()
    place = seed[0].split(",").index("age_group")
    groups = [line.split(",")[place] for line in seed[1:]]
    quarters = ["2024Q1", "2024Q2", "2024Q3", "2024Q4"]
    assert indicator.key_names == ("age_group", "quarter")
    assert indicator.domain("2024") == [(g, q) for g in groups for q in quarters]
    assert len(set(indicator.domain("2024"))) == 4 * len(groups) > 4


def test_bounds_and_relation_come_from_the_manifest(indicator):
    assert indicator.bound == ContributionBound(per_cell=2, total=4)
    assert indicator.relation == ("indicators", "atom_readmission_30d_same_site")
    assert indicator.definition.data_years.before == 1


def test_a_question_is_another_when_indicator_period_edition_or_domain_is(indicator, load):
    first = indicator.question_id("2024", 1)
    assert first == indicator.question_id("2024", 1)
    changed = load(set_meta(version=2))
    others = {
        indicator.question_id("2023", 1),
        indicator.question_id("2024", 2),
        changed.question_id("2024", 1),
    }
    assert len(others | {first}) == 4


def test_an_attempt_is_another_when_number_roster_or_scale_is():
    ids = {
        attempt_id("q", 1, ["a", "b"], 8.0),
        attempt_id("q", 2, ["a", "b"], 8.0),
        attempt_id("q", 1, ["a"], 8.0),
        attempt_id("q", 1, ["a", "b"], 8.000000000000002),
        attempt_id("p", 1, ["a", "b"], 8.0),
    }
    assert len(ids) == 5


def test_a_manifest_that_is_missing_or_broken_is_one_clear_line(tmp_path):
    file = tmp_path / "manifest.json"
    with pytest.raises(Problem, match="there is no dbt manifest"):
        load_catalogue(file, PROJECT_DIR)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(Problem, match="cannot be read"):
        load_catalogue(file, PROJECT_DIR)


def test_a_wrong_definition_is_named_by_file_and_field(load):
    with pytest.raises(Problem, match=r"bounds\.per_cell") as caught:
        load(set_meta(bounds={"per_cell": 0, "total": 4}))
    assert caught.value.where == "models/indicators/atom_readmission_30d_same_site.sql"


def test_two_models_with_one_id_are_refused(load):
    def change(content):
        twin = copy.deepcopy(content["nodes"][MODEL])
        content["nodes"][MODEL + "_2"] = twin | {"unique_id": MODEL + "_2"}

    with pytest.raises(Problem, match=f"two models define the indicator `{INDICATOR}`, version 1"):
        load(change)


def test_the_key_values_are_read_from_the_projects_own_seed(load, tmp_path):
    project = tmp_path / "project"
    shutil.copytree(PROJECT_DIR / "seeds", project / "seeds")
    seed: Path = project / "seeds" / "age_group.csv"
    lines = seed.read_text(encoding="utf-8").splitlines()
    seed.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    assert len(load(project=project).domain("2024")) == 4


LINKED = "service_use_before_acute_admission"


@pytest.mark.parametrize("token", ["tok_acute_admission_day", "tok_service_lag_class"])
def test_the_fingerprint_of_a_linked_indicator_follows_every_token_model(parsed, tmp_path, token):
    def fingerprint(content):
        file = tmp_path / "manifest.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return load_catalogue(file, PROJECT_DIR)[LINKED].fingerprint

    changed = copy.deepcopy(parsed)
    changed["nodes"][f"model.sloyfe.{token}"]["checksum"]["checksum"] = "0" * 64
    assert fingerprint(changed) != fingerprint(parsed)


def test_a_token_model_that_is_not_there_is_one_clear_line(parsed, tmp_path):
    content = copy.deepcopy(parsed)
    del content["nodes"]["model.sloyfe.tok_service_lag_class"]
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Problem, match="not there: tok_service_lag_class"):
        load_catalogue(file, PROJECT_DIR)


def test_a_linked_indicator_shows_its_token_tables_and_their_public_values(manifest):
    indicator = load_catalogue(manifest, PROJECT_DIR)[LINKED]
    (entry,) = catalogue_document([indicator])["indicators"]
    assert entry["tokens"] == [table["model"] for table in entry["token_tables"]]
    index, lag, days, hours = entry["token_tables"]
    assert (index["model"], index["side"], index["kept"]) == ("tok_acute_admission_day", "index", 4)
    assert len(index["buckets"]) == len(set(index["buckets"])) == 35
    assert "sector_ous/75-84" in index["buckets"]
    assert len(lag["classes"]) == 8 * 3
    assert len(days["classes"]) == 8 * 4
    assert hours["classes"] == [
        {"service": service, "class": band}
        for service in ("home_nursing", "practical_help")
        for band in ("0-25", "26-89", "90-269", "270+")
    ]


def test_a_class_that_is_of_one_service_is_no_other_services(manifest):
    indicator = load_catalogue(manifest, PROJECT_DIR)["gp_followup_after_discharge"]
    classes, index = indicator.token_tables
    assert classes.classes == (
        ("gp_contact", "days_1_7"), ("gp_contact", "days_8_14"), ("gp_contact", "days_15_30"),
    )  # fmt: skip
    assert index.buckets and not index.classes


ADMISSIONS, LAGS = "model.sloyfe.tok_acute_admission_day", "model.sloyfe.tok_service_lag_class"


def set_token(model, **fields):
    def change(content):
        content["nodes"][model]["config"]["meta"]["token"].update(fields)

    return change


def set_linked(**fields):
    return lambda content: content["nodes"][ADMISSIONS]["config"]["meta"]["indicator"].update(
        fields
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (set_token(ADMISSIONS, side="both"), "`token`"),
        (set_token(ADMISSIONS, kept=0), r"`token\.index\.kept`"),
        (set_token(ADMISSIONS, kept=3), "other bounds than its index table keeps"),
        (set_token(LAGS, kept=4), r"`token\.service\.kept`"),
        (set_token(LAGS, services=[]), r"`token\.service\.services"),
        (
            set_token(ADMISSIONS, buckets={"seed": "area", "column": "area", "by": "level"}),
            "buckets belong to no service",
        ),
        (
            set_token(ADMISSIONS, buckets={"seed": "area", "column": "area"}),
            "are not the buckets of its index table",
        ),
        (set_linked(bounds={"per_cell": 2, "total": 4}), "other bounds than its index table"),
        (set_linked(keys=[]), "are not the buckets of its index table"),
        (set_linked(tokens=["tok_acute_admission_day"]), "one index table and a service table"),
        (set_linked(tokens=["tok_service_lag_class"]), "one index table and a service table"),
        (
            set_linked(tokens=["tok_acute_admission_day", "tok_discharge_day"]),
            "one index table and a service table",
        ),
    ],
    ids=range(12),
)
def test_tokens_that_do_not_fit_their_indicator_are_refused(parsed, tmp_path, change, complaint):
    content = copy.deepcopy(parsed)
    change(content)
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Problem, match=complaint):
        load_catalogue(file, PROJECT_DIR)
