"""A site's ROS from a real warehouse, ledger and approval: what is seen, and what changes it."""

import json
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from federated.site.config import load_site
from federated.site.ros.answers import QUESTIONS, ROS_FILE
from federated.site.ros.attacks import attacks_refused
from federated.site.ros.checks import CHECKS, Look, look
from federated.site.ros.document import build_document
from privacy.problem import Problem
from privacy.ros import Finding, load_register
from tests.federated.site.homes import (
    ONE_ATOM,
    Home,
    approve,
    open_policy,
    question,
    site_yaml,
    write_enrolled_site,
    write_site,
    write_warehouse,
)

INDICATOR = "readmission_30d_same_site"


@pytest.fixture
def home(tmp_path, manifest, indicator, caplog):
    site = write_enrolled_site(tmp_path / "ous", manifest)
    approve(site, indicator)
    made = Home(site, indicator, caplog)
    yield made
    made.close()


def seen(home, *, after: timedelta = timedelta(0)):
    return look(Look(home.site, PROJECT_DIR, datetime.now(UTC) + after))


def finding(home, check: str, **options) -> Finding:
    return seen(home, **options)[check].finding


def test_every_measure_points_to_a_check_and_every_check_to_a_measure():
    assert {measure.evidence for measure in load_register().measures} == set(CHECKS)


def test_what_a_working_site_shows(home, indicator):
    home.answer(question(indicator))
    found = {name: evidence.finding for name, evidence in seen(home).items()}
    for name in (
        "approval_valid", "definitions_match", "policy_closed", "no_linkage", "ledger_whole",
        "budget_left", "audit_log_whole", "global_ledger", "attack_refused", "files_private",
        "quarantine_small", "period_stated",
    ):  # fmt: skip
        assert found[name] is Finding.HOLDS, name
    assert found["purposes_divided"] is Finding.FAILS
    assert found["answers_given"] is Finding.FAILS  # it went into no release


def test_an_approval_that_runs_out_no_longer_counts(home):
    assert finding(home, "approval_valid", after=timedelta(days=20)) is Finding.FAILS
    assert finding(home, "approval_valid", after=timedelta(days=40)) is Finding.FAILS


def test_a_changed_ledger_shows(home, indicator):
    home.answer(question(indicator))
    home.close()
    head = home.site.ledger_path.with_suffix(".head")
    head.write_text("1 " + "0" * 64)
    assert finding(home, "ledger_whole") is Finding.FAILS


def test_a_key_that_others_can_read_shows(home):
    (home.site.folder / "keys" / "identity.key").chmod(0o644)
    assert finding(home, "files_private") is Finding.FAILS


def test_a_person_in_a_log_shows_and_is_not_repeated(home):
    with duckdb.connect(str(home.site.warehouse_path)) as connection:
        connection.execute("update landing.npr_stay set person_id = 'kanari-person-1'")
    log = home.site.state_path / "agent" / "agent.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("all is well\n")
    assert finding(home, "logs_clean") is Finding.HOLDS
    log.write_text("failed at kanari-person-1\n")
    evidence = seen(home)["logs_clean"]
    assert evidence.finding is Finding.FAILS
    assert "kanari" not in evidence.seen_nb + evidence.seen_en


def test_a_delivery_that_is_overdue_shows(home):
    with duckdb.connect(str(home.site.warehouse_path)) as connection:
        connection.execute("update landing.delivery set period_to = current_date - 30")
    assert finding(home, "deliveries_fresh") is Finding.HOLDS
    assert finding(home, "deliveries_fresh", after=timedelta(days=60)) is Finding.FAILS


def test_demo_switches_show(tmp_path, manifest, indicator, caplog):
    site = write_site(tmp_path / "ous", manifest, policy=open_policy())
    home = Home(site, indicator, caplog)
    assert finding(home, "policy_closed") is Finding.FAILS
    home.close()


def test_a_site_with_nothing_shows_nothing(tmp_path, caplog, indicator):
    site = write_site(tmp_path / "ous", None)
    found = {
        name: e.finding for name, e in look(Look(site, PROJECT_DIR, datetime.now(UTC))).items()
    }
    for name in ("ledger_whole", "audit_log_whole", "deliveries_fresh", "approval_valid"):
        assert found[name] is Finding.MISSING, name


def test_attacks_are_refused_for_the_right_reason_and_leave_no_trace(home, indicator):
    before = home.entries
    tried, got_through = attacks_refused(home.site, PROJECT_DIR)
    assert tried >= 5
    assert got_through == []
    assert home.entries == before


def test_a_policy_that_lets_anything_through_is_found_out(tmp_path, manifest, indicator, caplog):
    """On synthetic data with demo switches a question for almost no noise is answered."""
    site = write_site(tmp_path / "ous", manifest, policy=open_policy())
    write_warehouse(site, ONE_ATOM)
    approve(site, indicator)
    _, got_through = attacks_refused(site, PROJECT_DIR)
    assert got_through == ["almost no noise"]


def test_attacks_are_tried_under_the_approval_that_would_be_asked_for(tmp_path, manifest):
    """Whether one has been given does not decide what they show; nothing of them is left behind."""
    site = write_site(tmp_path / "ous", manifest)
    write_warehouse(site, ONE_ATOM)
    assert attacks_refused(site, PROJECT_DIR)[1] == []
    assert not site.state_path.joinpath("approvals.sqlite").exists()
    assert not site.assessments_path.exists()


def test_a_site_that_refuses_everything_has_shown_nothing(tmp_path, manifest, indicator):
    """No warehouse: refusals come, for another reason than the attacks'."""
    site = write_site(tmp_path / "ous", manifest)
    _, got_through = attacks_refused(site, PROJECT_DIR)
    assert "almost no noise" in got_through


def test_the_document_asks_and_never_answers(home):
    document = build_document(home.site, PROJECT_DIR)
    assert document["open_questions"] == sum(asked.judgements for asked in QUESTIONS.values())
    assert all(of["answer"] is None for of in document["questions"])
    said = {"answer": "Kvalitetsforbedring", "by": "Personvernombud", "on": "2026-11-01"}
    (home.site.folder / ROS_FILE).write_text(
        json.dumps({"answers": {INDICATOR: {"purpose": said}}}), encoding="utf-8"
    )
    before, document = document, build_document(home.site, PROJECT_DIR)
    assert document["open_questions"] == before["open_questions"] - 1
    assert [of["answer"] for of in document["questions"] if of["answer"]] == [
        {**said, "source": "own"}
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("answers: {readmission: {purpos: {answer: a, by: b, on: 2026-01-01}}}", "purpos"),
        ("answers: {readmission: {purpose: {answer: ''}}}", "answer"),
        ("evidence: {ledger_whole: holds}", "evidence"),
        ("scale: {steps: 6}", "steps"),
        ("scale: {green: 8, yellow: 8}", "limits"),
        ("scale: {yellow: 16}", "limits"),
    ],
)
def test_what_people_say_is_checked(home, content, says):
    (home.site.folder / ROS_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(Problem) as problem:
        build_document(home.site, PROJECT_DIR)
    assert says in str(problem.value)


def test_the_same_site_has_the_same_fingerprint(home):
    first, second = (build_document(home.site, PROJECT_DIR) for _ in range(2))
    assert first["fingerprint"] == second["fingerprint"]


@pytest.mark.parametrize(
    "changes",
    [
        {"operator": "En annen"},
        {"peers": {}},
        {"policy": site_yaml()["policy"] | {"epsilon_per_person_year": 3.0}},
        {"policy": site_yaml()["policy"] | {"max_epsilon_per_release": 1.0}},
        {"policy": site_yaml()["policy"] | {"delta": 5e-7}},
        {"policy": site_yaml()["policy"] | {"federation_sites": 3}},
        {"policy": site_yaml()["policy"] | {"answers": {}}},
        {"policy": open_policy()},
    ],
    ids=["operator", "peers", "year", "release", "delta", "sites", "answers", "demo"],
)
def test_a_change_of_what_a_decision_is_about_changes_the_fingerprint(home, tmp_path, changes):
    before = build_document(home.site, PROJECT_DIR)
    file = home.site.folder / "site.yaml"
    yaml = YAML()
    content = yaml.load(file.read_text(encoding="utf-8")) | changes
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    after = build_document(load_site(home.site.folder), PROJECT_DIR)
    assert after["fingerprint"] != before["fingerprint"]


def test_no_value_of_a_record_is_in_the_document(home, indicator):
    home.answer(question(indicator))
    assert "kanari" not in json.dumps(build_document(home.site, PROJECT_DIR), default=str)
