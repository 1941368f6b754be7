"""A common ROS: signed by one organisation, built on by others, who decide on what differs."""

import json
import os
import shutil
from datetime import timedelta

import pytest

from dbt_models import PROJECT_DIR
from federated.site.config import load_site
from federated.site.ros import deciding
from federated.site.ros.answers import INDICATOR_QUESTIONS, QUESTIONS, SITE_QUESTIONS, load_answers
from federated.site.ros.common import (
    CommonRos,
    imported_file,
    read_common,
    watched_is_broken,
)
from federated.site.ros.common_files import take_over, write_common
from federated.site.ros.document import build_document
from federated.site.ros.judging import inherited_share, items, open_items, open_judgements
from federated.site.ros.scope import case_of, changes, common_of, scope_of
from federated.site.ros.sharing import common_from
from privacy.approval import utc_now
from privacy.problem import Problem
from privacy.ros import Level
from privacy.signatures import load_public_key, load_signing_key
from tests.federated.site.homes import (
    Home,
    question,
    report,
    site_yaml,
    write_enrolled_site,
)

INDICATOR = "readmission_30d_same_site"
SAID = {"answer": "Kvalitetsforbedring", "by": "Personvernombud", "on": "2026-11-01"}
LATER = timedelta(days=30)


def key_of(site):
    return load_signing_key(site.folder / "keys" / "officer.key")


def say(home, /, **content) -> None:
    (home.folder / "ros.yaml").write_text(json.dumps(content), encoding="utf-8")


def share(site, file, **options) -> CommonRos:
    asked = {"by": "Personvernombud", "until": utc_now() + LATER / 2} | options
    common = common_from(site, PROJECT_DIR, key_of(site), **asked)
    write_common(common, key_of(site), file)
    return common


@pytest.fixture(scope="module")
def first(tmp_path_factory, manifest):
    """An organisation that has answered everything, approved, and shared `common.json`."""
    site = write_enrolled_site(tmp_path_factory.mktemp("first") / "first", manifest)
    say(
        site,
        answers={INDICATOR: dict.fromkeys(INDICATOR_QUESTIONS, SAID)},
        site=dict.fromkeys(SITE_QUESTIONS, SAID),
    )
    report(site)
    deciding.approve(
        site, PROJECT_DIR, key_of(site), by="Personvernombud", until=utc_now() + LATER,
        synthetic=False,
    )  # fmt: skip
    share(site, site.folder / "common.json")
    return site


@pytest.fixture
def issuer(first, tmp_path):
    return load_site(shutil.copytree(first.folder, tmp_path / "first"))


@pytest.fixture
def common(issuer):
    return issuer.folder / "common.json"


@pytest.fixture(scope="module")
def second(tmp_path_factory, manifest, first):
    site = write_enrolled_site(tmp_path_factory.mktemp("second") / "second", manifest)
    shutil.copyfile(first.folder / "keys" / "officer.pub", site.folder / "keys" / "first.pub")
    follow(site)
    return site


@pytest.fixture
def importer(second, tmp_path):
    """Another organisation, that has answered nothing and knows the issuer's key."""
    return load_site(shutil.copytree(second.folder, tmp_path / "second"))


def follow(home, /, **more) -> None:
    watch = {"watch": more.pop("watch")} if "watch" in more else {}
    say(home, common={"issuer": "ous", "key": "keys/first.pub"} | watch, **more)


def judged(site, levels=None):
    said = load_answers(site)
    return items(case_of(site, PROJECT_DIR, said), said, common_of(site, said)[1], levels)


def import_(site, file):
    return take_over(site, load_answers(site), file)


def approve(site, **options):
    asked = {"by": "Ombud", "until": utc_now() + LATER, "synthetic": False} | options
    report(site)
    return deciding.approve(site, PROJECT_DIR, key_of(site), **asked)


def test_a_new_organisation_inherits_what_is_the_same_and_answers_for_itself(importer, common):
    alone = judged(importer)
    assert inherited_share(alone) == 0
    assert open_judgements(alone) == sum(asked.judgements for asked in QUESTIONS.values())
    import_(importer, common)
    found = judged(importer)
    assert {i.key for i in open_items(found)} == {f"site/{q}" for q in SITE_QUESTIONS}
    assert open_judgements(found) <= 20
    total = sum(i.judgements for i in found)
    assert inherited_share(found) == (total - open_judgements(found)) / total
    with pytest.raises(Problem, match="11 judgements are open, the first: site/roles"):
        approve(importer)
    follow(importer, site=dict.fromkeys(SITE_QUESTIONS, SAID))
    approve(importer)
    assert deciding.status(importer, PROJECT_DIR).state == "approved"


def test_many_indicators_cost_an_importer_no_more_questions(importer, common, monkeypatch):
    """What is asked of an organisation is asked once, whatever it answers."""
    import_(importer, common)
    said, found = load_answers(importer), judged(importer)
    case = case_of(importer, PROJECT_DIR, said)
    edition = common_of(importer, said)[1]
    assert edition is not None
    names = [f"indicator_{n}" for n in range(40)]
    digests = dict.fromkeys(names, case.indicators[INDICATOR])
    many = edition.model_copy(
        update={"indicators": dict.fromkeys(names, edition.indicators[INDICATOR])}
    )
    of_many = items(type(case)(**{**case.__dict__, "indicators": digests}), said, many)
    assert open_judgements(of_many) == open_judgements(found)
    assert inherited_share(of_many) > 0.9


def test_an_answer_of_ones_own_goes_before_an_inherited_one(importer, common):
    import_(importer, common)
    other = {**SAID, "answer": "Forskning"}
    follow(importer, answers={INDICATOR: {"purpose": other}})
    document = build_document(importer, PROJECT_DIR)
    answers = {q["question"]: q["answer"] for q in document["questions"]}
    assert answers["purpose"] == {**other, "source": "own"}
    assert answers["confidentiality"] == {**SAID, "source": "common"}
    assert answers["roles"] is None


def test_what_an_organisation_must_answer_itself_is_not_even_shared(common):
    text = common.read_text(encoding="utf-8")
    assert '"purpose"' in text
    assert not any(f'"{q}"' in text for q in SITE_QUESTIONS)


@pytest.mark.parametrize(
    ("policy", "differs"),
    [
        ({"max_epsilon_per_release": 3.0, "epsilon_per_person_year": 4.0}, True),
        ({"delta": 2e-6}, True),
        ({"federation_sites": 5}, True),
        ({"max_epsilon_per_release": 0.5}, False),
        ({"delta": 1e-8}, False),
    ],
)
def test_a_wider_budget_is_to_be_decided_on_and_a_narrower_one_is_not(
    importer, common, policy, differs
):
    import_(importer, common)
    policy = site_yaml()["policy"] | policy
    site = importer.model_copy(update={"policy": importer.policy.model_validate(policy)})
    keys = {i.key for i in open_items(judged(site)) if i.differs}
    assert keys == ({"budgets"} if differs else set())
    if differs:
        follow(importer, differences={"budgets": SAID})
        assert not [i for i in open_items(judged(site)) if i.differs]


def test_a_risk_that_is_worse_here_is_to_be_decided_on(importer, common):
    import_(importer, common)
    edition = common_of(importer, load_answers(importer))[1]
    assert edition is not None
    same = {risk: of.level for risk, of in edition.risks.items()}
    assert not [i for i in open_items(judged(importer, same)) if i.differs]
    name = next(risk for risk, level in same.items() if level is not Level.RED)
    worse = [i.key for i in open_items(judged(importer, {**same, name: Level.RED})) if i.differs]
    assert worse == [f"risk/{name}"]
    unknown = {risk: level for risk, level in same.items() if risk != name}
    assert f"risk/{name}" in {i.key for i in open_items(judged(importer, unknown))}


def test_another_definition_inherits_no_answer(importer, common, tmp_path, issuer):
    content = json.loads(common.read_text(encoding="utf-8"))["common"]
    content["indicators"][INDICATOR]["definition"] = "0" * 64
    file = tmp_path / "other.json"
    write_common(CommonRos.model_validate(content), key_of(issuer), file)
    import_(importer, file)
    assert {i.key for i in open_items(judged(importer)) if i.differs} == {
        f"{INDICATOR}/{q}" for q in INDICATOR_QUESTIONS
    }


def test_another_judgement_of_a_risk_is_not_inherited(importer, common, tmp_path, issuer):
    content = json.loads(common.read_text(encoding="utf-8"))["common"]
    content["risks"]["small_cell"]["judgement"] = "0" * 64
    file = tmp_path / "other.json"
    write_common(CommonRos.model_validate(content), key_of(issuer), file)
    import_(importer, file)
    assert [i.key for i in open_items(judged(importer)) if i.differs] == ["risk/small_cell"]


def test_a_change_in_the_common_part_tells_the_importer_and_stops_it(
    importer, issuer, common, indicator, caplog
):
    """The importer does nothing: the new edition lies at the place that it watches."""
    import_(importer, common)
    follow(importer, site=dict.fromkeys(SITE_QUESTIONS, SAID), watch=str(common))
    approve(importer)
    home = Home(load_site(importer.folder), indicator, caplog)
    home.answer(question(indicator, epsilon=0.1))
    share(issuer, common)  # the same content, issued anew
    found = deciding.status(importer, PROJECT_DIR)
    assert found.state == "approved"
    assert [(c["part"], c["weight"]) for c in found.changed] == [("common_issued", "minor")]
    changed = {**SAID, "answer": "Et annet formål"}
    say(
        issuer,
        answers={INDICATOR: dict.fromkeys(INDICATOR_QUESTIONS, SAID) | {"purpose": changed}},
        site=dict.fromkeys(SITE_QUESTIONS, SAID),
    )
    report(issuer)
    deciding.approve(
        issuer, PROJECT_DIR, key_of(issuer), by="O", until=utc_now() + LATER, synthetic=False
    )
    share(issuer, common)
    found = deciding.status(importer, PROJECT_DIR)
    assert found.state == "none"
    assert {(c["part"], *c["which"]) for c in found.changed if c["weight"] == "major"} == {
        ("answers", f"{INDICATOR}/purpose"),
        ("common", "indicators"),
    }
    assert home.refusal(question(indicator, epsilon=0.2)) == "scope_changed"
    home.close()


def test_what_does_not_bear_on_the_importer_changes_nothing(importer, issuer, common):
    """A common ROS that grows by an indicator that is not answered here asks for no decision."""
    import_(importer, common)
    before = scope_of(importer, PROJECT_DIR)
    content = json.loads(common.read_text(encoding="utf-8"))["common"]
    content["indicators"]["another"] = content["indicators"][INDICATOR]
    write_common(CommonRos.model_validate(content), key_of(issuer), common)
    import_(importer, common)
    assert not [c for c in changes(before, scope_of(importer, PROJECT_DIR)) if c.weight == "major"]


def test_a_withdrawn_or_outlived_common_ros_is_no_ground(importer, issuer, common):
    import_(importer, common)
    follow(importer, site=dict.fromkeys(SITE_QUESTIONS, SAID))
    approve(importer)
    said = load_answers(importer)
    assert common_of(importer, said, utc_now() + LATER)[1] is None
    deciding.refuse(issuer, PROJECT_DIR, key_of(issuer), by="O", reason="Tvil om grunnlaget.")
    share(issuer, common, withdrawn=True)
    import_(importer, common)
    assert deciding.status(importer, PROJECT_DIR).state == "none"
    assert {i.key for i in open_items(judged(importer))} == {
        f"{INDICATOR}/{q}" for q in INDICATOR_QUESTIONS
    }
    document = build_document(importer, PROJECT_DIR)
    assert document["common"]["holds"] is False


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda c: c["common"].update(by="Noen andre"), "is not signed by the key"),
        (lambda c: c["common"]["risks"].clear(), "is not signed by the key"),
        (lambda c: c.update(signature="AAAA"), "is not signed by the key"),
        (lambda c: c.pop("signature"), "this is not a common ROS"),
        (lambda c: c.update(more=1), "this is not a common ROS"),
    ],
)
def test_a_forged_common_ros_is_not_believed(importer, common, spoil, says):
    content = json.loads(common.read_text(encoding="utf-8"))
    spoil(content)
    common.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Problem, match=says):
        import_(importer, common)
    assert not imported_file(importer).exists()


def test_a_copy_that_was_changed_after_the_import_stops_the_site(
    importer, common, indicator, caplog
):
    import_(importer, common)
    follow(importer, site=dict.fromkeys(SITE_QUESTIONS, SAID))
    approve(importer)
    kept = imported_file(importer)
    kept.write_text(kept.read_text(encoding="utf-8").replace("Kvalitet", "Kvantitet"))
    home = Home(load_site(importer.folder), indicator, caplog)
    assert home.refusal(question(indicator, epsilon=0.1)) == "not_ready"
    home.close()


def test_an_older_edition_is_not_taken_over(importer, issuer, common, tmp_path):
    old = tmp_path / "old.json"
    shutil.copyfile(common, old)
    share(issuer, common)
    import_(importer, common)
    with pytest.raises(Problem, match="older than the one that is followed"):
        import_(importer, old)


def test_another_issuer_with_the_same_key_is_another_issuer(importer, common):
    say(importer, common={"issuer": "ahus", "key": "keys/first.pub"})
    with pytest.raises(Problem, match="is by `ous`, not by `ahus`"):
        import_(importer, common)


def test_nobody_is_followed_unasked(importer, common):
    say(importer)
    with pytest.raises(Problem, match="follows no common ROS"):
        import_(importer, common)


def test_rubbish_at_the_place_that_is_watched_stops_nobody_and_is_told(importer, common, tmp_path):
    import_(importer, common)
    place = tmp_path / "drop.json"
    place.write_text("{}")
    follow(importer, site=dict.fromkeys(SITE_QUESTIONS, SAID), watch=str(place))
    approve(importer)
    assert build_document(importer, PROJECT_DIR)["common"]["watched_is_broken"] is True


def test_an_edition_that_was_seen_is_not_forgotten_when_it_is_taken_away(importer, issuer, common):
    """Whoever can write at the place that is watched cannot bring back what was withdrawn."""
    import_(importer, common)
    place = common.with_name("watched.json")
    old = common.read_bytes()
    follow(importer, watch=str(place))
    share(issuer, place, withdrawn=True)
    assert common_of(importer, load_answers(importer))[1] is None
    place.write_bytes(old)
    assert common_of(importer, load_answers(importer))[1] is None
    place.unlink()
    assert common_of(importer, load_answers(importer))[1] is None


def test_an_edition_of_the_future_is_not_believed(importer, issuer, common):
    content = json.loads(common.read_text(encoding="utf-8"))["common"]
    content["issued"] = (utc_now() + timedelta(days=1)).isoformat()
    write_common(CommonRos.model_validate(content), key_of(issuer), common)
    with pytest.raises(Problem, match="dated in the future"):
        import_(importer, common)


def test_no_pipe_or_endless_file_holds_the_site_up(importer, common, tmp_path):
    import_(importer, common)
    pipe, endless = tmp_path / "pipe", tmp_path / "endless"
    os.mkfifo(pipe)
    endless.symlink_to("/dev/zero")
    for place in (pipe, endless):
        follow(importer, watch=str(place))
        said = load_answers(importer)
        assert common_of(importer, said)[1] is not None
        assert watched_is_broken(importer, said)


def test_a_withdrawal_can_be_signed_whatever_state_the_site_is_in(issuer, common, importer):
    (issuer.folder / "ros.yaml").write_text("answers: [", encoding="utf-8")
    issuer.manifest_path.unlink()
    share(issuer, common, withdrawn=True)
    import_(importer, common)
    assert common_of(importer, load_answers(importer))[1] is None


def test_what_was_never_judged_is_not_shared(importer, tmp_path):
    """Approved for synthetic data, with questions open; or by a demo; or stopped by what is red."""
    report(importer)
    approve(importer, synthetic=True)
    with pytest.raises(Problem, match="open questions"):
        share(importer, tmp_path / "c.json")
    approve(importer, synthetic=True, demo=True)
    with pytest.raises(Problem, match="a demo's decision"):
        share(importer, tmp_path / "c.json")


def test_what_has_turned_red_is_not_shared(issuer, tmp_path):
    report(issuer, "small_cell")
    with pytest.raises(Problem, match="stopped by small_cell"):
        share(issuer, tmp_path / "c.json")


def test_risks_on_another_scale_are_judged_anew(importer, common):
    import_(importer, common)
    follow(importer, scale={"steps": 4, "green": 5, "yellow": 9})
    risks = [i for i in judged(importer) if i.key.startswith("risk/")]
    assert {i.source for i in risks} == {"open"}


def test_what_is_not_approved_cannot_be_shared(importer, issuer, tmp_path):
    with pytest.raises(Problem, match="what is not approved here cannot be shared"):
        share(importer, tmp_path / "c.json")
    with pytest.raises(Problem, match="would outlast it"):
        share(issuer, tmp_path / "c.json", until=utc_now() + 2 * LATER)
    with pytest.raises(Problem, match="not the key of the officer"):
        common_from(issuer, PROJECT_DIR, key_of(importer), by="N", until=utc_now() + LATER / 2)


def test_an_inherited_answer_is_not_passed_on(importer, issuer, common, tmp_path):
    import_(importer, common)
    follow(importer, site=dict.fromkeys(SITE_QUESTIONS, SAID))
    approve(importer)
    passed = share(importer, tmp_path / "second.json")
    assert passed.indicators[INDICATOR].answers == {}


def test_the_file_is_read_back_as_it_was_signed(issuer, common):
    public = load_public_key(issuer.folder / "keys" / "officer.pub")
    edition = read_common(common, "ous", public)
    assert edition.issuer == "ous"
    assert edition.holds(utc_now())
    assert set(edition.risks) == set(case_of(issuer, PROJECT_DIR, load_answers(issuer)).judgements)
