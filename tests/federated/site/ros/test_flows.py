"""Assets and flows are derived: what is added at its own place shows, and is typed nowhere else."""

from typing import Literal, get_args

import pytest

from dbt_models import PROJECT_DIR
from federated.contract import messages
from federated.contract.catalogue import load_catalogue
from federated.contract.messages import Notice, Receipt, encode
from federated.site.config import Keys, load_site
from federated.site.ros.document import build_document
from federated.site.ros.flows import Run, landscape_of
from federated.site.ros.landscape import told
from federated.site.ros.lineage import Table
from portal.ros_page import render_ros
from privacy.ros import AssetKind, Evidence, Finding, FlowKind, load_register
from tests.federated.site.homes import (
    ONE_ATOM,
    Home,
    approve,
    open_policy,
    question,
    site_yaml,
    write_site,
    write_warehouse,
)
from tests.privacy.ledger.test_shared import attempt, chained

INDICATOR = "readmission_30d_same_site"
REGISTERS = {
    "registers": [{"format": "npr", "path": "deliveries/npr"}],
    "keys": site_yaml()["keys"] | {"identity": "keys/identity.key"},
    "peers": {"diakonhjemmet": "keys/diakonhjemmet.pub"},
}


@pytest.fixture
def make(tmp_path, manifest):
    number = iter(range(100))

    def made(**changes):
        return write_site(tmp_path / f"site-{next(number)}", manifest, **(REGISTERS | changes))

    return made


def landscape(site, *runs):
    return landscape_of(site, PROJECT_DIR, runs)


def flows(site, *runs):
    return {flow.id: flow for flow in landscape(site, *runs).flows}


def assets(site):
    return {asset.id: asset for asset in landscape(site).assets}


def answering(*names):
    return site_yaml()["policy"] | {"answers": dict.fromkeys(names, "auto")}


def test_every_flow_runs_between_assets_and_each_kind_is_somewhere(make):
    found = landscape(make())
    ids = [asset.id for asset in found.assets]
    assert len(ids) == len(set(ids))
    assert len({flow.id for flow in found.flows}) == len(found.flows)
    assert {end for flow in found.flows for end in (flow.source, flow.target)} <= set(ids)
    assert {flow.kind for flow in found.flows} == set(FlowKind)
    assert {asset.kind for asset in found.assets} == set(AssetKind)


def test_what_crosses_the_border_is_what_has_one_end_outside(make):
    found = landscape(make())
    inside = {asset.id: asset.inside for asset in found.assets}
    for flow in found.flows:
        assert flow.crosses is (inside[flow.source] != inside[flow.target]), flow.id
    assert any(flow.crosses for flow in found.flows)


def test_every_message_of_the_protocol_is_a_flow_with_its_own_fields(make):
    found = flows(make())
    for side, kinds, outward in (
        (messages.ForSite, {FlowKind.MESSAGE_IN}, False),
        (messages.BySite, {FlowKind.FIGURES_OUT, FlowKind.STATUS_OUT}, True),
    ):
        for of in get_args(side):
            flow = found[f"message:{of.model_fields['kind'].default}"]
            assert [field.name for field in flow.fields] == list(of.model_fields)
            assert flow.kind in kinds
            assert flow.crosses
            assert (flow.source == "agent") is outward
            assert flow.nb == of.told_nb
    out = {flow.id for flow in found.values() if flow.kind is FlowKind.FIGURES_OUT}
    assert out == {"message:answer"}


def test_a_new_type_of_message_shows_in_the_picture_and_the_table(make, monkeypatch):
    class Heartbeat(messages._Reply):
        """The site is there."""

        told_nb = "Virksomheten er der."
        replies_to = ("receipt",)

        kind: Literal["heartbeat"] = "heartbeat"
        pulse: int

    site = make()
    assert "message:heartbeat" not in flows(site)
    monkeypatch.setattr(messages, "BySite", messages.BySite | Heartbeat)
    flow = flows(site)["message:heartbeat"]
    assert (flow.nb, flow.en) == ("Virksomheten er der.", "The site is there.")
    assert [(f.name, f.form) for f in flow.fields][-1] == ("pulse", "integer")
    assert flow.least == flow.most == messages.SLOT
    # The gate knows no such message, and lets none out; the report says so.
    assert any("slipper den ikke ut" in p.nb for p in flow.protections)
    page = render_ros(document(site), "nb")
    drawn = page[page.index('<svg class="chart"') : page.index("</svg>", page.index("flows-title"))]
    assert ">heartbeat</text>" in drawn
    assert "Virksomheten er der." in page[page.index('<table class="wide moves"') :]


def test_a_message_leaves_at_the_length_that_its_flow_says(make, indicator, caplog):
    site = make(policy=open_policy())
    write_warehouse(site, ONE_ATOM)
    approve(site, indicator)
    home = Home(site, indicator, caplog)
    asked = question(indicator)
    receipt = {"site": "ous", "question_id": asked.question_id, "attempt_id": asked.attempt_id,
               "release_id": "r", "release_digest": "0" * 64}  # fmt: skip
    sent = [
        (asked, "answer"),
        (Notice(site="ous", entries=chained(attempt(1))), "countersignature"),
        (Receipt.model_validate(receipt), "acknowledgement"),
        (Receipt.model_validate(receipt | {"attempt_id": "1" * 64}), "refusal"),
        (question(indicator, site="fremmed"), "refusal"),
        (b"nothing that can be read", "refusal"),
    ]
    found = flows(site)
    for message, kind in sent:
        payload = home.reply(message)
        reply = messages.decode_from_site(payload)
        assert reply.kind == kind
        if not isinstance(message, bytes):
            assert message.kind in type(reply).replies_to
        flow = found[f"message:{kind}"]
        assert flow.least is not None and flow.most is not None
        assert flow.least <= len(payload) <= flow.most
        assert len(encode(reply)) <= len(payload)
    home.close()


def test_without_an_answered_indicator_no_answer_has_a_length(make):
    found = flows(make(policy=answering()))
    assert found["message:answer"].most is None
    assert found["message:refusal"].most is not None
    assert not [flow for flow in found.values() if flow.kind is FlowKind.READ]


def test_an_indicator_that_is_answered_brings_the_tables_it_is_made_of(make, manifest):
    before, after = make(), make(policy=answering(INDICATOR, "acute_admissions"))
    new = flows(after).keys() - flows(before).keys()
    assert new == {
        "model:input_layer-acute_admissions",
        "model:marts-acute_admissions",
        "read:acute_admissions",
    }
    name = load_catalogue(manifest, PROJECT_DIR)["acute_admissions"].definition.name_nb
    assert assets(after)["indicator:acute_admissions"].name_nb == name
    assert "fct_stay" not in assets(before)["marts"].holds
    assert "fct_stay" in assets(after)["marts"].holds
    assert flows(after)["model:marts-acute_admissions"].carries == ("fct_stay",)
    assert name in render_ros(document(after), "nb")
    assert name not in render_ros(document(before), "nb")


def test_a_linked_indicator_is_made_of_its_token_tables(make):
    found = flows(make(policy=answering("gp_followup_after_discharge")))
    tables = set(found["read:gp_followup_after_discharge"].carries)
    assert tables == {"tok_discharge_home_day", "tok_gp_contact_class"}
    rests_on = found["model:marts-gp_followup_after_discharge"].nb
    assert "npr_stay" in rests_on
    assert "kuhr_claim" in rests_on


def test_a_register_of_the_site_file_is_an_asset_and_a_delivery(make):
    holders = {"npr_stay": "Oslo universitetssykehus", "npr_referral": "Folkehelseinstituttet"}
    registers = [
        *REGISTERS["registers"],
        {"format": "npr-henvisning", "path": "deliveries/npr-henvisning"},
    ]
    before = make(holders=holders)
    after = make(holders=holders, registers=registers)
    assert flows(after).keys() - flows(before).keys() == {"delivery:npr-henvisning"}
    assert assets(after).keys() - assets(before).keys() == {"register:npr-henvisning"}
    own, theirs = (flows(after)[f"delivery:{name}"] for name in ("npr", "npr-henvisning"))
    assert (own.crosses, theirs.crosses) == (False, True)
    assert "Folkehelseinstituttet" in theirs.nb
    # What comes in and is used by nothing that is answered is said to be so.
    assert own.unused == ()
    assert theirs.unused == ("npr_referral",)
    page = render_ros(document(after), "nb")
    assert "Brukes ikke av noe som besvares: npr_referral." in page
    assert ">Folkehelseinstituttet</text>" in page


def test_keys_and_peers_are_those_of_the_site_file(make):
    every = Keys.model_validate(dict.fromkeys(Keys.model_fields, "x"))
    assert {*every.private, *every.trusted} == set(Keys.model_fields)
    found = assets(make())
    assert found["private_key"].holds == ("transport", "identity")
    assert found["trusted_key"].holds == ("officer", "ca.crt", "diakonhjemmet")
    assert "peer:diakonhjemmet" in found
    assert "peer:diakonhjemmet" not in assets(make(peers={}))
    assert found["coordinator"].holds == ("127.0.0.1:9092",)
    assert not found["coordinator"].inside


def test_protection_is_as_configured(make):
    def limits(site):
        (limit,) = [p for p in flows(site)["message:answer"].protections if "ε" in p.nb]
        return limit

    closed, demo = limits(make()), limits(make(policy=open_policy()))
    assert "ε = 2 for en utlevering og 2.5 for en person" in closed.nb
    assert (closed.lacks, demo.lacks) == (False, True)

    def measures(site):
        return {p.measure for p in flows(site)["message:countersignature"].protections}

    assert "global_ledger" in measures(make())
    assert "global_ledger" not in measures(make(keys=site_yaml()["keys"]))


def test_a_protection_holds_while_its_evidence_does(make):
    register = load_register()
    found = landscape(make())
    checks = {measure.evidence for measure in register.measures}
    all_hold = {name: Evidence(name, Finding.HOLDS, "", "") for name in checks}

    def holding(evidence):
        return {
            (flow["id"], p["measure"])
            for flow in told(found, register, evidence)["flows"]
            for p in flow["protections"]
            if p["measure"] and p["holds"]
        }

    assert holding({}) == set()
    assert len(holding(all_hold)) > len(found.flows)
    all_hold["certificate_valid"] = Evidence("certificate_valid", Finding.FAILS, "", "")
    assert ("message:answer", "certificate") not in holding(all_hold)
    assert ("message:answer", "noise") in holding(all_hold)


def test_a_risk_is_of_the_flows_and_assets_of_its_kinds(make):
    register = load_register()
    document = told(landscape(make()), register, {})
    by_id = {risk.id: risk for risk in register.risks}
    for one in (*document["flows"], *document["assets"]):
        for risk in register.risks:
            kinds = {*map(str, by_id[risk.id].assets), *map(str, by_id[risk.id].flows)}
            if risk.id in one["risks"]:
                assert one["kind"] in kinds
    (answer,) = [flow for flow in document["flows"] if flow["id"] == "message:answer"]
    assert "small_cell" in answer["risks"]
    (refusal,) = [flow for flow in document["flows"] if flow["id"] == "message:refusal"]
    assert "small_cell" not in refusal["risks"]


def test_what_dagster_runs_is_told_of_the_tables_that_it_makes(make):
    site = make()
    assert all(flow.run_by == () for flow in flows(site).values())
    run = Run("build", (Table("landing", "npr_stay"), Table("marts", "fct_episode")), 3)
    found = flows(site, run)
    assert found["delivery:npr"].run_by == ("build",)
    assert found["model:input_layer-marts"].run_by == ("build",)
    assert found["model:landing-input_layer"].run_by == ()


@pytest.fixture(autouse=True)
def quick_look(monkeypatch):
    """What is looked at has tests of its own."""
    monkeypatch.setattr("federated.site.ros.document.look", lambda of: {})


def document(site):
    return build_document(load_site(site.folder), PROJECT_DIR)
