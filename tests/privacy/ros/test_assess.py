"""Residual risk follows from evidence, and from nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from privacy.ros import (
    AssetKind,
    Evidence,
    Finding,
    FlowKind,
    Level,
    Register,
    Scale,
    assess,
    load_register,
)
from privacy.ros.assess import MOST
from privacy.ros.scale import LIMITS, STEPS

REGISTER = load_register()
CHECKS = sorted({measure.evidence for measure in REGISTER.measures})


def evidence(*holding: str) -> dict[str, Evidence]:
    return {name: Evidence(name, Finding.HOLDS, "", "") for name in holding}


def product(assessed) -> int:
    return assessed.residual_likelihood * assessed.residual_consequence


def by_id(found):
    return {assessed.risk.id: assessed for assessed in found}


def test_without_evidence_nothing_is_better_than_before():
    for assessed in assess(REGISTER, {}):
        assert assessed.residual is assessed.initial
        assert (assessed.residual_likelihood, assessed.residual_consequence) == (
            assessed.likelihood,
            assessed.consequence,
        )
        assert assessed.holding == ()


def test_with_all_evidence_no_risk_is_red_and_none_is_gone():
    for assessed in assess(REGISTER, evidence(*CHECKS)):
        assert assessed.residual is not Level.RED
        assert product(assessed) >= 1
        assert assessed.lacking == ()


@pytest.mark.parametrize("check", CHECKS)
def test_each_source_of_evidence_changes_the_report(check):
    """Taking one away shows: a measure that counted no longer does."""
    all_but_one = evidence(*(c for c in CHECKS if c != check))
    with_it, without = (
        by_id(assess(REGISTER, evidence(*CHECKS))),
        by_id(assess(REGISTER, all_but_one)),
    )
    assert with_it != without
    assert any(without[risk].lacking and not with_it[risk].lacking for risk in with_it)


@pytest.mark.parametrize("finding", [Finding.FAILS, Finding.MISSING])
def test_only_what_holds_counts(finding):
    unseen = {name: Evidence(name, finding, "", "") for name in CHECKS}
    assert assess(REGISTER, unseen) == assess(REGISTER, {})


@given(st.sets(st.sampled_from(CHECKS)), st.sampled_from(CHECKS))
def test_more_evidence_never_makes_a_risk_worse(holding, one_more):
    before = by_id(assess(REGISTER, evidence(*holding)))
    after = by_id(assess(REGISTER, evidence(*holding, one_more)))
    for risk, assessed in after.items():
        assert product(assessed) <= product(before[risk])
        assert before[risk].likelihood - assessed.residual_likelihood <= MOST["likelihood"]
        assert before[risk].consequence - assessed.residual_consequence <= MOST["consequence"]


def test_the_gravest_come_first():
    products = [product(assessed) for assessed in assess(REGISTER, evidence(*CHECKS[::2]))]
    assert products == sorted(products, reverse=True)


def test_the_consequence_for_the_patient_decides_where_it_is_larger():
    found = by_id(assess(REGISTER, {}))
    assert found["not_sharing"].risk.consequence == 3
    assert found["not_sharing"].consequence == 4


def test_colours_change_at_the_limits():
    scale = Scale(green=4, yellow=8)
    assert [scale.level(1, n) for n in (1, 4)] == [Level.GREEN, Level.GREEN]
    assert [scale.level(2, n) for n in (2, 3, 4)] == [Level.GREEN, Level.YELLOW, Level.YELLOW]
    assert scale.level(3, 3) is Level.RED
    for limits in ((0, 8), (8, 8), (9, 8), (4, 16)):
        with pytest.raises(ValueError, match="limits"):
            Scale(*limits)


def test_five_steps_keep_every_rank_colour_and_number_of_steps():
    """With any evidence: who is graver on four is graver on five, and measures lower as much."""
    five = Scale(*LIMITS[5], 5)
    for holding in ([], CHECKS[::2], CHECKS[1::2], CHECKS):
        on_four = by_id(assess(REGISTER, evidence(*holding)))
        on_five = by_id(assess(REGISTER, evidence(*holding), five))
        for risk, before in on_four.items():
            after = on_five[risk]
            assert (after.initial, after.residual) == (before.initial, before.residual)
            assert after.likelihood - after.residual_likelihood <= MOST["likelihood"]
            assert (
                after.likelihood - after.residual_likelihood
                == before.likelihood - before.residual_likelihood
            )
            for other, graver in on_four.items():
                if product(graver) > product(before):
                    assert product(on_five[other]) > product(after)


def test_the_map_to_five_steps_is_monotone_for_every_square_there_is():
    five = Scale(*LIMITS[5], 5)
    steps = range(1, STEPS + 1)
    assert [five.carried(step) for step in steps] == [2, 3, 4, 5]
    assert [Scale().carried(step) for step in steps] == [1, 2, 3, 4]
    squares = [
        (a * b, five.carried(a) * five.carried(b), Scale().level(a, b),
         five.level(five.carried(a), five.carried(b)))
        for a in steps for b in steps
    ]  # fmt: skip
    for product_on_four, product_on_five, colour, other_colour in squares:
        assert colour is other_colour
        for smaller, smaller_on_five, *_ in squares:
            if smaller < product_on_four:
                assert smaller_on_five < product_on_five


def test_a_scale_of_five_has_limits_of_its_own():
    assert Scale(4, 24, 5).level(5, 5) is Level.RED
    with pytest.raises(ValueError, match="limits"):
        Scale(4, 25, 5)


def test_every_kind_of_asset_and_flow_is_somebody_s_risk():
    assert {kind for risk in REGISTER.risks for kind in risk.assets} == set(AssetKind)
    assert {kind for risk in REGISTER.risks for kind in risk.flows} == set(FlowKind)


def test_every_risk_that_an_officer_asks_for_is_there():
    risks = {risk.id for risk in REGISTER.risks}
    assert {
        "small_cell", "differencing", "membership", "malicious_question", "colluding_operators",
        "linkage_key", "lying_index_site", "wrong_link", "wrong_partner", "log_leakage",
        "stale_delivery", "definition_drift", "outage", "biased_model", "purpose_drift",
        "supply_chain", "not_sharing",
    } <= risks  # fmt: skip
    affected = {letter for risk in REGISTER.risks for letter in risk.affects}
    assert affected == {"K", "I", "T", "R"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: r["risks"].append(r["risks"][0]), "stands twice"),
        (lambda r: r["measures"].append(r["measures"][0]), "stands twice"),
        (lambda r: r["risks"][0]["measures"].append("prayer"), "prayer"),
        (lambda r: r["risks"][0].update(likelihood=5), "likelihood"),
        (lambda r: r["risks"][0].update(status="OK"), "status"),
        (lambda r: r["measures"][0].update(holds=True), "holds"),
        (lambda r: r["risks"][0].update(assets=["crystal_ball"]), "assets"),
        (lambda r: r["risks"][0].update(flows=["message_sideways"]), "flows"),
        (lambda r: r["risks"][0].update(assets=[], flows=[]), "concerns no asset"),
    ],
)
def test_a_register_that_is_not_whole_is_refused(change, says):
    content = REGISTER.model_dump(mode="json")
    change(content)
    with pytest.raises(ValidationError, match=says):
        Register.model_validate(content)
