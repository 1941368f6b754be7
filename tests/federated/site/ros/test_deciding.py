"""A decision on the report binds the gate: what was decided on, and nothing else."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from federated.site.config import load_site
from federated.site.ros import deciding
from federated.site.ros.answers import QUESTIONS, ROS_FILE
from federated.site.ros.scope import MAJOR, changes, fingerprint, scope_of
from portal.ros_page import PARTS
from privacy.approval import utc_now
from privacy.problem import Problem
from privacy.signatures import load_signing_key
from tests.federated.site.homes import (
    Home,
    open_policy,
    question,
    site_yaml,
    write_site,
    write_warehouse,
)

ATOMS = [("kanari-person-1", "2024", "75-84", "2024Q1", "readmitted")]
INDICATOR = "readmission_30d_same_site"
UNTIL = timedelta(days=30)


@pytest.fixture
def home(tmp_path, manifest, indicator, caplog):
    keys = site_yaml()["keys"] | {"identity": "keys/identity.key"}
    site = write_site(
        tmp_path / "ous", manifest, keys=keys, peers={"diakonhjemmet": "keys/diakonhjemmet.pub"}
    )
    write_warehouse(site, ATOMS)
    made = Home(site, indicator, caplog)
    yield made
    made.close()


def officer(home):
    return load_signing_key(home.site.folder / "keys" / "officer.key")


def approve(home, **changes):
    options = {"by": "Personvernombud", "until": utc_now() + UNTIL, "synthetic": True} | changes
    return deciding.approve(home.site, PROJECT_DIR, officer(home), **options)


def status(home):
    return deciding.status(load_site(home.site.folder), PROJECT_DIR)


def edit(home, **changes) -> None:
    file = home.site.folder / "site.yaml"
    yaml = YAML()
    content = yaml.load(file.read_text(encoding="utf-8")) | changes
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)


def say(home, **answers) -> None:
    said = {"answer": "Kvalitetsforbedring", "by": "Personvernombud", "on": "2026-11-01"}
    content = {"answers": {INDICATOR: dict.fromkeys(QUESTIONS, said) | answers}}
    (home.site.folder / ROS_FILE).write_text(json.dumps(content), encoding="utf-8")


def anew(home, indicator, caplog) -> Home:
    home.close()
    return Home(load_site(home.site.folder), indicator, caplog)


def test_what_is_approved_on_a_report_is_answered(home, indicator):
    assert home.refusal(question(indicator)) == "no_approval"
    approve(home)
    assert status(home).state == "approved"
    home.answer(question(indicator, epsilon=0.5))


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"operator": "En annen"}, "operator"),
        ({"policy": site_yaml()["policy"] | {"max_epsilon_per_release": 1.9}}, "budgets"),
        ({"policy": site_yaml()["policy"] | {"epsilon_per_person_year": 2.4}}, "budgets"),
        ({"policy": open_policy()}, "budgets"),
        ({"peers": {}}, "peers"),
    ],
    ids=["operator", "release", "year", "demo", "peers"],
)
def test_a_scope_that_has_changed_is_refused(home, indicator, caplog, changes, part):
    approve(home)
    edit(home, **changes)
    found = status(home)
    assert found.state == "none"
    assert [(c["part"], c["weight"]) for c in found.changed] == [(part, "major")]
    changed = anew(home, indicator, caplog)
    assert changed.refusal(question(indicator, epsilon=0.5)) == "scope_changed"
    changed.close()


def test_another_answer_is_another_scope_and_the_old_one_back_is_the_old_scope(home, indicator):
    say(home)
    approve(home, synthetic=False)
    assert status(home).state == "approved"
    other = {"answer": "Noe annet", "by": "Personvernombud", "on": "2026-11-01"}
    say(home, purpose=other)
    assert home.refusal(question(indicator, epsilon=0.5)) == "scope_changed"
    say(home)
    home.answer(question(indicator, epsilon=0.5))


def test_open_questions_stop_an_approval_of_real_data(home):
    with pytest.raises(Problem, match="15 judgements are open, the first: readmission"):
        approve(home, synthetic=False)
    assert status(home).state == "none"


def test_a_refusal_ends_an_approval_and_says_why(home, indicator):
    approve(home)
    deciding.refuse(
        home.site, PROJECT_DIR, officer(home), by="Personvernombud", reason="Formålet er uklart."
    )
    assert home.refusal(question(indicator)) == "approval_refused"
    assert status(home).state == "refused"
    approve(home)
    assert status(home).state == "approved"


def test_a_decision_by_somebody_else_is_none(home):
    with pytest.raises(Problem, match="not the key of the officer"):
        deciding.approve(
            home.site,
            PROJECT_DIR,
            Ed25519PrivateKey.generate(),
            by="Noen",
            until=utc_now() + UNTIL,
            synthetic=True,
        )
    assert status(home).state == "none"


def test_words_and_owners_are_told_and_change_nothing(home, indicator):
    say(home)
    approve(home, synthetic=False)
    content = json.loads((home.site.folder / ROS_FILE).read_text(encoding="utf-8"))
    content["owners"] = {"small_cell": {"owner": "Analyse"}}
    (home.site.folder / ROS_FILE).write_text(json.dumps(content), encoding="utf-8")
    found = status(home)
    assert [(c["part"], c["weight"]) for c in found.changed] == [("owners", "minor")]
    assert found.state == "approved"
    home.answer(question(indicator, epsilon=0.5))


def test_the_fingerprint_is_over_every_major_part(home):
    scope = scope_of(home.site, PROJECT_DIR)
    for part in scope[MAJOR]:
        other = {**scope, MAJOR: {**scope[MAJOR], part: "changed"}}
        assert fingerprint(other) != fingerprint(scope), part
        assert [(c.part, c.weight) for c in changes(scope, other)] == [(part, "major")]
    assert fingerprint({**scope, "minor": {}}) == fingerprint(scope)


def test_every_part_of_a_scope_has_words_in_the_report(home):
    scope = scope_of(home.site, PROJECT_DIR)
    compared_with_a_common_ros = {"budgets", "kinds", "scale", "code_line"}
    assert {*scope["major"], *scope["minor"], *compared_with_a_common_ros} == set(PARTS)
