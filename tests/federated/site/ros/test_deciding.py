"""A decision on the report binds the gate: what was decided on, and nothing else."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from federated.site.config import SiteConfig, load_site
from federated.site.ros import deciding
from federated.site.ros.answers import QUESTIONS, ROS_FILE
from federated.site.ros.checks import CHECKS
from federated.site.ros.document import build_document, red_if_approved
from federated.site.ros.scope import MAJOR, changes, fingerprint, scope_of
from portal.ros_page import PARTS
from privacy.approval import utc_now
from privacy.problem import Problem
from privacy.ros import Assessments, Finding
from privacy.signatures import load_signing_key
from tests.federated.site.homes import (
    Home,
    open_policy,
    question,
    report,
    site_yaml,
    write_enrolled_site,
)

INDICATOR = "readmission_30d_same_site"
UNTIL = timedelta(days=30)


@pytest.fixture
def home(tmp_path, manifest, indicator, caplog):
    site = write_enrolled_site(tmp_path / "ous", manifest)
    made = Home(site, indicator, caplog)
    yield made
    made.close()


def officer(home):
    return load_signing_key(home.site.folder / "keys" / "officer.key")


def approve(home, **changes):
    """On a report that has just been built, without a red risk."""
    report(home.site)
    return decide(home, **changes)


def decide(home, **changes):
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
    report(home.site)
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


# -- the report that is decided on -----------------------------------------------------------------


def test_nothing_is_approved_without_a_report(home, indicator):
    with pytest.raises(Problem, match="there is no report") as caught:
        decide(home)
    assert "sloyfe ros build" in caught.value.mend
    assert home.refusal(question(indicator)) == "no_approval"


def test_a_report_on_another_scope_is_no_report(home):
    report(home.site)
    edit(home, operator="En annen")
    with pytest.raises(Problem, match="about another scope"):
        deciding.approve(
            load_site(home.site.folder),
            PROJECT_DIR,
            officer(home),
            by="Personvernombud",
            until=utc_now() + UNTIL,
            synthetic=True,
        )
    assert status(home).state == "none"


def test_a_report_that_is_too_old_is_no_report(home):
    report(home.site, age=timedelta(days=41))
    with pytest.raises(Problem, match="too old"):
        decide(home)


def test_red_has_to_be_accepted_by_name_and_the_name_is_signed(home, indicator):
    report(home.site, "small_cell", "supply_chain")
    with pytest.raises(Problem, match="red risks are not accepted: supply_chain") as caught:
        decide(home, accept_red=["small_cell"])
    assert "--accept-red" in caught.value.mend
    with pytest.raises(Problem, match="`outage` is not a red risk"):
        decide(home, accept_red=["small_cell", "supply_chain", "outage"])
    assert status(home).state == "none"
    approval = decide(home, accept_red=["supply_chain", "small_cell"])
    assert approval.scope.ros is not None
    assert approval.scope.ros.accepted_red == ["small_cell", "supply_chain"]
    found = status(home)
    assert (found.state, found.accepted_red) == ("approved", ["small_cell", "supply_chain"])
    assert found.stopped_by == []
    home.answer(question(indicator, epsilon=0.5))


def test_a_risk_that_turns_red_stops_answers_until_it_is_accepted_or_green_again(home, indicator):
    approve(home)
    asked = question(indicator, epsilon=0.5)
    home.answer(asked)
    report(home.site, "small_cell")
    assert home.refusal(asked) == "risk_red", "nor does what has left before leave again"
    assert home.refusal(question(indicator, epsilon=0.5, attempt=2)) == "risk_red"
    found = status(home)
    assert (found.state, found.stopped_by) == ("approved", ["small_cell"])
    decide(home, accept_red=["small_cell"])
    assert status(home).stopped_by == []
    home.answer(asked)
    report(home.site)
    home.answer(asked)
    report(home.site, "small_cell")
    home.answer(asked)  # it is accepted until the approval ends
    report(home.site, "small_cell", "membership")
    assert home.refusal(asked) == "risk_red"
    assert status(home).stopped_by == ["membership"]
    report(home.site, "small_cell")
    home.answer(asked)


def test_the_risk_is_named_in_the_site_s_own_log_and_nowhere_else(home, indicator, caplog):
    approve(home)
    report(home.site, "small_cell")
    assert home.refusal(question(indicator)) == "risk_red"
    assert "red: small_cell" in caplog.text
    assert b"small_cell" not in home.reply(question(indicator))
    entries = [entry.body for entry in home.ledger.entries() if entry.kind == "refusal"]
    assert {body["reason"] for body in entries} == {"risk_red"}
    assert "small_cell" not in json.dumps(entries)


@pytest.mark.parametrize("name", ["not_sharing", "outage", "linkage_key"])
def test_a_red_risk_outside_whose_scope_an_answer_lies_does_not_stop_it(home, indicator, name):
    approve(home)
    report(home.site, name)
    assert status(home).stopped_by == []
    home.answer(question(indicator, epsilon=0.5))


def log_of(home) -> dict[Path, bytes]:
    folder = home.site.assessments_path.parent
    return {file: file.read_bytes() for file in folder.glob("assessments.*")}


def put_back(home, files: dict[Path, bytes]) -> None:
    for file in log_of(home):
        file.unlink()
    for file, content in files.items():
        file.write_bytes(content)


def test_without_its_log_nothing_is_answered(home, indicator):
    approve(home)
    kept = log_of(home)
    put_back(home, {})
    assert home.refusal(question(indicator)) == "assessment_missing"
    assert status(home).stopped_by == ["assessment_missing"]
    put_back(home, kept)
    home.answer(question(indicator, epsilon=0.5))


def test_a_log_that_was_changed_is_not_believed(home, indicator):
    approve(home)
    with closing(sqlite3.connect(home.site.assessments_path)) as connection, connection:
        connection.execute("drop trigger entry_is_never_changed")
        connection.execute("update entry set body = replace(body, 'green', 'yellow')")
    assert home.refusal(question(indicator)) == "assessment_missing"


def test_a_log_put_back_to_before_the_red_is_not_believed(home, indicator):
    approve(home)
    before = log_of(home)
    report(home.site, "small_cell")
    assert home.refusal(question(indicator)) == "risk_red"  # the ledger has noted it
    put_back(home, before)
    assert home.refusal(question(indicator)) == "assessment_missing"
    assert status(home).stopped_by == ["assessment_missing"]
    with pytest.raises(Problem, match="there is no report"):
        decide(home)
    decided = Assessments(home.site.assessments_path)
    assert decided.kept() and not decided.kept(home.ledger.assessment())


def test_a_new_log_is_not_what_was_decided_on(home, indicator):
    """The one that was lost may have shown anything: a new report wants a new decision."""
    approve(home)
    put_back(home, {})
    report(home.site)
    assert home.refusal(question(indicator)) == "assessment_missing"
    decide(home)
    home.answer(question(indicator, epsilon=0.5))


def later(home, monkeypatch, days: float) -> None:
    """Both the gate and the status look at a clock that has gone on."""

    def clock():
        return utc_now() + timedelta(days=days)

    monkeypatch.setattr(home.answering.gate, "_clock", clock)
    monkeypatch.setattr("federated.site.ros.deciding.utc_now", clock)


def test_an_assessment_goes_stale(home, indicator, monkeypatch):
    report(home.site)
    decide(home, until=utc_now() + timedelta(days=100))
    later(home, monkeypatch, 39)
    home.answer(question(indicator, epsilon=0.5))
    later(home, monkeypatch, 41)
    assert home.refusal(question(indicator, epsilon=0.5)) == "assessment_stale"
    assert status(home).stopped_by == ["assessment_stale"]
    report(home.site, age=timedelta(days=-41))
    home.answer(question(indicator, epsilon=0.5))


def test_how_old_it_may_be_is_the_site_s_to_say_and_part_of_the_scope(home, indicator, monkeypatch):
    (home.site.folder / ROS_FILE).write_text("assessed_within_days: 7", encoding="utf-8")
    approve(home)
    later(home, monkeypatch, 8)
    assert home.refusal(question(indicator, epsilon=0.5)) == "assessment_stale"
    (home.site.folder / ROS_FILE).write_text("assessed_within_days: 70", encoding="utf-8")
    assert home.refusal(question(indicator, epsilon=0.5)) == "scope_changed"


def test_a_slow_look_does_not_undo_what_a_later_one_has_seen(home, indicator):
    approve(home)
    report(home.site, "small_cell")
    with pytest.raises(Problem, match="somebody has looked at this site since"):
        report(home.site, age=timedelta(minutes=5))
    assert home.refusal(question(indicator, epsilon=0.5)) == "risk_red"


def test_a_report_of_another_scope_is_said_to_be_that(home, indicator):
    say(home)
    approve(home, synthetic=False)
    kept = (home.site.folder / ROS_FILE).read_text(encoding="utf-8")
    say(home, purpose={"answer": "Noe annet", "by": "Ombud", "on": "2026-11-01"})
    report(home.site)
    (home.site.folder / ROS_FILE).write_text(kept, encoding="utf-8")
    refused = home.refusal(question(indicator, epsilon=0.5))
    assert refused == "assessment_of_another_scope"


def test_a_report_of_the_future_is_no_report(home):
    report(home.site, age=timedelta(hours=-1))
    with pytest.raises(Problem, match="dated in the future"):
        decide(home)


def test_what_was_read_is_what_is_approved(home):
    found = report(home.site)
    with pytest.raises(Problem, match="another scope than the site has now"):
        decide(home, read="0" * 12)
    with pytest.raises(Problem, match="another scope"):
        decide(home, read=found.fingerprint[:4])
    decide(home, read=found.fingerprint[:12])
    assert status(home).state == "approved"


def test_a_running_agent_does_not_go_on_by_an_old_site_file(home, indicator):
    """The officer narrows the policy; nobody has started the agent anew."""
    approve(home)
    home.answer(question(indicator, epsilon=0.5))
    edit(home, policy=site_yaml()["policy"] | {"max_epsilon_per_release": 0.1})
    assert home.refusal(question(indicator, epsilon=0.6)) == "site_file_changed"


def swapped_key(home):
    (home.site.folder / "keys" / "diakonhjemmet.pub").write_bytes(
        (home.site.folder / "keys" / "officer.pub").read_bytes()
    )


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (swapped_key, "peers"),
        (
            lambda home: edit(home, coordinator={"address": "a.no:1", "ca_certificate": "ca.crt"}),
            "coordinator",
        ),
        (lambda home: (home.site.folder / "keys" / "ca.crt").write_text("another"), "coordinator"),
        (lambda home: edit(home, declared_synthetic=False), "deliveries"),
        (lambda home: edit(home, registers=[{"format": "npr", "path": "npr"}]), "deliveries"),
        (lambda home: edit(home, person_numbers={"common": "kpr_lnr"}), "deliveries"),
        (lambda home: edit(home, kind="municipality"), "deliveries"),
    ],
    ids=["key", "address", "certificate", "synthetic", "register", "numbers", "kind"],
)  # fmt: skip
def test_who_gets_answers_whose_keys_and_what_is_delivered_are_in_the_scope(home, change, part):
    approve(home)
    change(home)
    assert [c["part"] for c in status(home).changed] == [part]


def test_every_setting_of_a_site_is_in_the_scope_or_has_a_reason_not_to_be():
    """A new field of `site.yaml` has to be thought of."""
    where_things_lie = {"warehouse", "state", "folder"}
    names = {"id", "name"}  # of another id, another site's approval is not believed
    dealt_out = {"synthea"}  # third-party data, which are no organisation's
    in_the_scope = {
        "kind", "operator", "registers", "person_numbers", "holders", "policy", "coordinator",
        "keys", "peers", "declared_synthetic",
    }  # fmt: skip
    assert set(SiteConfig.model_fields) == where_things_lie | names | dealt_out | in_the_scope


def test_a_decision_with_open_questions_is_for_synthetic_data_alone(home, indicator):
    """A pilot is approved on generated files; later somebody lands real ones beside them."""
    approve(home)
    assert status(home).synthetic_only
    home.answer(question(indicator, epsilon=0.3))
    with duckdb.connect(str(home.site.warehouse_path)) as connection:
        connection.execute("update landing.delivery set origin = 'real'")
    assert home.refusal(question(indicator, epsilon=0.4)) == "no_report"
    found = status(home)
    assert found.state == "approved" and "no_report" in found.stopped_by
    say(home)
    approve(home, synthetic=False)
    home.answer(question(indicator, epsilon=0.4))


def test_a_demo_s_decision_says_so(home):
    assert not status(home).demo
    report(home.site)
    with pytest.raises(Problem, match="a demo decides on synthetic data alone"):
        decide(home, synthetic=False, demo=True)
    decide(home, demo=True)
    assert status(home).demo


def test_what_the_report_finds_is_what_is_decided_on(home, indicator, caplog):
    """Built for real: the risks that are red if it is approved have to be named, and are kept."""
    document = build_document(home.site, PROJECT_DIR)
    red = red_if_approved(document)
    assert deciding.red_risks(home.site) == sorted(red)
    assert document["decision"]["state"] == "none"
    assert [of["fingerprint"] for of in document["history"]] == [document["fingerprint"]]
    decide(home, accept_red=red)
    home.answer(question(indicator, epsilon=0.5))
    again = build_document(home.site, PROJECT_DIR)
    assert len(again["history"]) == 2
    decision = again["decision"]
    assert (decision["state"], decision["accepted_red"]) == ("approved", sorted(red))
    held = {e["id"]: e["status"] for e in again["evidence"]}
    assert held["approval_valid"] == "holds"
    assert {e["id"]: e["status"] for e in document["evidence"]}["approval_valid"] == "missing"
    levels = [{r["id"]: r["if_approved"] for r in of["risks"]} for of in (document, again)]
    assert levels[0]["malicious_question"] == levels[1]["malicious_question"]


def test_a_newly_red_risk_is_noted_in_the_ledger_as_the_report_is_built(home, monkeypatch):
    """Between that and the next question nobody can put the log back unseen."""
    build_document(home.site, PROJECT_DIR)
    noted = home.ledger.assessment()
    build_document(home.site, PROJECT_DIR)
    assert home.ledger.assessment() == noted
    monkeypatch.setitem(
        CHECKS, "mechanisms_audited", lambda _: (Finding.FAILS, "Holdt ikke.", "Did not hold.")
    )
    document = build_document(home.site, PROJECT_DIR)
    assert "small_cell" in red_if_approved(document)
    assert home.ledger.assessment()[0] == 3


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
