"""Nothing is computed before it is decided and charged; nothing leaves without both."""

import hashlib
import json
import math
import os
import threading
from dataclasses import FrozenInstanceError
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest

from privacy.accounting import conversion_delta, mechanism_delta, rho_of
from privacy.approval import Approval, Kind, decision_digest
from privacy.gate import (
    Dummies,
    GateRefusal,
    NoisyCounts,
    Outgoing,
    Reason,
    ShareOfSum,
    budget,
    budget_rho,
)
from privacy.gate import gate as gate_module
from privacy.gate import request as request_module
from privacy.gate.gate import stricter
from privacy.ledger import AttemptState, Ledger, chain
from privacy.mechanisms import (
    dummy_cell_delta,
    dummy_epsilon,
    dummy_scale,
    dummy_shift,
    gaussian_rho,
    share_rho,
)
from privacy.policy import DemoSwitches, Purpose
from privacy.problem import Problem
from tests.privacy.gates import (
    ATOMS,
    BOUND,
    CELLS,
    DELTA,
    NOW,
    SITES,
    SLOT,
    Site,
    counts,
    encode,
    never_called,
    policy,
    request,
    rows,
    scope,
)

EXACT = DemoSwitches(epsilon_per_release=1e5, epsilon_per_person_year=1e6)


def refused(gate, asked, origin="real"):
    with pytest.raises(GateRefusal) as refusal:
        gate.counts(asked, origin, never_called, encode)
    return refusal.value.reason


def exact_values(gate, found, attempt="a1"):
    """With practically no noise what was counted is visible."""
    asked = request(attempt, mechanism=counts(epsilon=1e4))
    return json.loads(gate.counts(asked, "generated", lambda: found, encode).payload)


def test_an_answer_is_charged_bounded_and_noised(site):
    crowd = rows(*[(7, 0, 1)] * 50)  # one person, fifty rows in one cell
    outgoing = site.gate().counts(request(), "real", lambda: crowd, encode)
    answer = json.loads(outgoing.payload)
    assert len(answer["values"]) == CELLS * ATOMS
    assert not answer["not_private"]
    spent = site.ledger.spent()[2024].rho
    assert spent == answer["rho_federation"] <= rho_of(2.0, DELTA)
    assert answer["rho_federation"] == pytest.approx(3 * answer["rho_site"])
    assert site.ledger.attempt("a1").state is AttemptState.ANSWERED
    assert (outgoing.kind, outgoing.to) == (Kind.NOISY_AGGREGATE, "coordinator")


def test_the_gate_cuts_rows_whatever_the_query_did(site):
    gate = site.gate(policy(demo=EXACT))
    found = exact_values(gate, rows(*[(7, 0, 1)] * 50, (8, 1, 0)))
    assert found["values"] == [0, 2, 1, 0, 0, 0]
    assert found["persons_cut"] == 1


def test_rows_that_the_model_has_cut_are_not_counted_but_their_persons_are(site):
    found = exact_values(site.gate(policy(demo=EXACT)), rows((7, 0, 1), (8, 0, 1), kept=False))
    assert found["values"] == [0] * 6
    assert found["persons_cut"] == 2


@pytest.mark.parametrize("indicator", ["secret", "other"])
def test_what_the_policy_does_not_name_is_refused(site, indicator):
    assert refused(site.gate(), request(indicator=indicator)) is Reason.NOT_IN_POLICY
    assert site.ledger.spent() == {}


def test_above_the_maximum_is_refused(site):
    asked = request(mechanism=counts(epsilon=2.001))
    assert refused(site.gate(), asked) is Reason.ABOVE_MAXIMUM
    assert [reason for _, reason in site.ledger.refusals()] == ["above_maximum"]


def test_the_cost_is_the_federations_not_the_sites(site):
    """Noise that would do for a roster of three is too little when a person may be at fifty."""
    gate = site.gate(policy(federation_sites=50))
    assert refused(gate, request(mechanism=counts(sites=3))) is Reason.ABOVE_MAXIMUM


def test_asking_the_sites_one_by_one_is_no_cheaper(site):
    site.gate().counts(request(roster=("ous",)), "real", rows, encode)
    assert site.ledger.spent()[2024].rho == pytest.approx(rho_of(2.0, DELTA))


def test_the_number_of_persons_cut_is_paid_for(site):
    site.gate().counts(request(), "real", rows, encode)
    (attempt,) = site.ledger.attempts()
    scale = counts().scale
    assert attempt.charge.rho_site > gaussian_rho(scale, BOUND.l2_squared)
    assert attempt.charge.rho_site == gaussian_rho(scale, Fraction(33, 4))


@pytest.mark.parametrize(
    "roster",
    [
        ("ahus", "diakonhjemmet"),  # without this site
        ("ous", "ahus"),  # not sorted
        ("ous", "ous"),
        ("ahus", "diakonhjemmet", "lovisenberg", "ous"),  # longer than the federation
    ],
)
def test_a_roster_that_does_not_fit_is_refused(tmp_path, roster):
    site = Site(tmp_path)
    site.approve(scope=scope(sites=[*SITES, "lovisenberg"]))
    assert refused(site.gate(), request(roster=roster)) is Reason.WRONG_ROSTER
    site.ledger.close()


def test_a_lost_ledger_does_not_start_afresh(site, tmp_path):
    site.gate().counts(request(), "real", rows, encode)
    site.ledger = Ledger.open(tmp_path / "other.sqlite")
    with pytest.raises(Problem, match="does not know"):
        site.gate()


def test_the_year_s_budget_holds_over_questions(site):
    gate = site.gate()
    gate.counts(request(), "real", rows, encode)
    assert refused(gate, request("a2", "q2")) is Reason.BUDGET_SPENT


def test_a_purpose_has_a_budget_of_its_own_inside_the_whole(site):
    purposes = {
        "styring": Purpose(epsilon_per_person_year=1.0, indicators=["readmission"]),
        "kvalitet": Purpose(epsilon_per_person_year=2.5, indicators=["other"]),
    }
    answers = {"readmission": "auto", "other": "auto"}
    gate = site.gate(policy(epsilon_per_person_year=2.1, answers=answers, purposes=purposes))
    assert refused(gate, request()) is Reason.BUDGET_SPENT
    gate.counts(request("a2", "q2", counts(1.0)), "real", rows, encode)
    other = request("a3", "q3", indicator="other")
    assert refused(gate, other) is Reason.BUDGET_SPENT  # its own would do; the whole would not
    gate.counts(request("a4", "q4", counts(1.0), indicator="other"), "real", rows, encode)
    spent = site.ledger.spent()[2024]
    assert spent.purposes.keys() == {"styring", "kvalitet"}
    assert math.fsum(spent.purposes.values()) == pytest.approx(spent.rho)


def test_an_indicator_of_no_purpose_is_a_mistake_in_the_policy():
    purpose = Purpose(epsilon_per_person_year=1.0, indicators=["other"])
    with pytest.raises(ValueError, match="under no purpose"):
        policy(purposes={"styring": purpose})
    with pytest.raises(ValueError, match="under two purposes"):
        policy(answers={}, purposes={"a": purpose, "b": purpose})
    with pytest.raises(ValueError, match="whole budget"):
        policy(answers={}, purposes={"all": purpose})


def test_the_same_attempt_sends_the_identical_bytes(site):
    gate = site.gate()
    first = gate.counts(request(), "real", rows, encode)
    entries = site.ledger.verify().entries
    assert gate.counts(request(), "real", never_called, encode).payload == first.payload
    assert site.ledger.verify().entries == entries


def test_a_failure_after_the_charge_leaves_it_standing(site):
    def broken():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        site.gate().counts(request(), "real", broken, encode)
    assert site.ledger.spent()[2024].rho > 0
    assert site.ledger.attempt("a1").state is AttemptState.RESERVED
    assert refused(site.gate(), request()) is Reason.ATTEMPT_USED


def test_a_stored_answer_that_was_altered_is_not_sent(site, tmp_path):
    gate = site.gate()
    true = gate.counts(request(), "real", rows, encode).payload

    def digest(payload):
        return hashlib.sha256(payload).hexdigest()

    others = sorted((f"[{n}]".encode() for n in range(100)), key=digest)
    assert digest(others[0]) < digest(true) < digest(others[-1])
    for payload in (others[0], others[-1], true[:-1], b""):
        (tmp_path / "sent" / "a1.json").write_bytes(payload)
        assert refused(gate, request()) is Reason.ATTEMPT_USED


def test_a_lost_answer_is_not_drawn_again(site, tmp_path):
    gate = site.gate()
    gate.counts(request(), "real", rows, encode)
    (tmp_path / "sent" / "a1.json").unlink()
    assert refused(gate, request()) is Reason.ATTEMPT_USED
    assert [reason for _, reason in site.ledger.refusals()] == ["attempt_used"]


@pytest.mark.parametrize("origin", ["generated", "declared"])
def test_demo_switches_work_on_synthetic_data_and_are_marked(site, origin):
    gate = site.gate(policy(demo=EXACT))
    asked = request(mechanism=counts(epsilon=100))
    assert json.loads(gate.counts(asked, origin, rows, encode).payload)["not_private"]


def test_demo_switches_do_nothing_on_real_data(site):
    asked = request(mechanism=counts(epsilon=100))
    assert refused(site.gate(policy(demo=EXACT)), asked) is Reason.ABOVE_MAXIMUM


def test_every_answer_and_refusal_is_as_long_as_its_slot(site):
    gate = site.gate(policy(demo=EXACT))
    for attempt, found in (("a1", rows()), ("a2", rows(*[(n, 0, 0) for n in range(5000)]))):
        asked = request(attempt, attempt, counts(epsilon=1e4))
        payload = gate.counts(asked, "generated", lambda found=found: found, encode).payload
        assert len(payload) == SLOT
    assert len(gate.refuse(b"{}", SLOT).payload) == SLOT
    assert len(gate.status(b"{}", SLOT).payload) == SLOT


def test_what_is_longer_than_its_slot_or_outside_its_schema_does_not_leave(tmp_path):
    site = Site(tmp_path, schema=lambda kind, payload: b"forbidden" not in payload)
    site.approve()
    gate = site.gate()
    for attempt, payload in (("a1", b"x" * (SLOT + 1)), ("a2", b"forbidden")):
        with pytest.raises(ValueError, match="schema or its slot"):
            gate.counts(
                request(attempt, attempt, counts(1.0)), "real", rows, lambda _, p=payload: p
            )
        (reserved,) = [a for a in site.ledger.attempts() if a.charge.attempt_id == attempt]
        assert reserved.state is AttemptState.RESERVED  # and stays spent
        assert not (tmp_path / "sent" / f"{attempt}.json").exists()
    with pytest.raises(ValueError, match="schema"):
        gate.refuse(b"forbidden", SLOT)
    site.ledger.close()


def test_two_questions_never_run_at_once(site):
    gate = site.gate()
    reasons = []

    def while_counting():
        other = threading.Thread(
            target=lambda: reasons.append(refused(gate, request("a2", "q2", counts(0.1))))
        )
        other.start()
        other.join()
        return rows()

    gate.counts(request(mechanism=counts(1.0)), "real", while_counting, encode)
    assert reasons == [Reason.BUSY]


def test_only_what_the_gate_made_is_cleared(site):
    gate = site.gate()
    outgoing = gate.counts(request(), "real", rows, encode)
    copy = Outgoing(outgoing.kind, outgoing.to, outgoing.attempt_id, outgoing.payload)
    assert gate.is_cleared(outgoing)
    assert not gate.is_cleared(copy)
    assert not site.gate().is_cleared(outgoing)


SHARE = ShareOfSum(share=40.0, missing=1, bound=BOUND, cells=CELLS, atoms=ATOMS)


def test_a_share_of_a_sum_is_charged_for_the_whole_sum(site):
    """Three sites, one unmasked sum: n^2 of one site's, over the two shares that are relied on."""
    outgoing = site.gate().counts(request(mechanism=SHARE), "real", rows, encode)
    assert outgoing.kind is Kind.MASKED_UPDATE
    (attempt,) = site.ledger.attempts()
    square = 9 * math.ceil(BOUND.charged_l2_squared)
    assert attempt.charge.rho == pytest.approx(square / (2 * 2 * 40.0**2))


def test_rosters_that_leave_sites_out_are_paid_as_if_the_others_followed(site):
    gate = site.gate(policy(federation_sites=9, max_epsilon_per_release=2.5))
    gate.counts(request(mechanism=SHARE), "real", rows, encode)
    (attempt,) = site.ledger.attempts()
    square = 9 * math.ceil(BOUND.charged_l2_squared)
    assert attempt.charge.rho == pytest.approx(3 * square / (2 * 2 * 40.0**2))


SCALE = dummy_scale(0.3, 4)
TOKENS = Dummies(
    scale=SCALE,
    shift=dummy_shift(SCALE, 2, 1e-8),
    sensitivity=4,
    cell_sensitivity=2,
    cells=6,
    touched=3,
)


def test_tokens_are_charged_their_epsilon_and_every_cell_s_delta(site):
    outgoing = site.gate().tokens(
        request(mechanism=TOKENS), "real", lambda dummies: json.dumps(dummies).encode()
    )
    dummies = json.loads(outgoing.payload)
    assert len(dummies) == 6
    assert all(0 <= number <= 2 * TOKENS.shift for number in dummies)
    assert outgoing.kind is Kind.BLINDED_TOKENS
    (attempt,) = site.ledger.attempts()
    assert attempt.charge.pure == pytest.approx(0.3)
    assert attempt.charge.rho == pytest.approx(0.5 * attempt.charge.pure**2)
    assert attempt.charge.delta == pytest.approx(3 * dummy_cell_delta(SCALE, 2, TOKENS.shift))


def test_deltas_have_a_budget_of_their_own(site):
    loose = Dummies(
        **{**TOKENS.__dict__, "shift": dummy_shift(SCALE, 2, 2e-7), "scale": dummy_scale(0.01, 4)}
    )
    delta = loose.loss(3, 3).delta
    assert delta > 5e-7  # half of the policy's
    with pytest.raises(GateRefusal) as refusal:
        site.gate().tokens(request(mechanism=loose), "real", lambda _: b"[]")
    assert refusal.value.reason is Reason.BUDGET_SPENT


def test_a_mechanism_leaves_by_its_own_way_only(site):
    with pytest.raises(TypeError):
        site.gate().counts(request(mechanism=TOKENS), "real", never_called, encode)
    with pytest.raises(TypeError):
        site.gate().tokens(request(), "real", lambda _: b"")
    assert site.ledger.attempts() == []


def test_noise_is_fresh_in_every_attempt(site):
    gate = site.gate(policy(epsilon_per_person_year=10))
    drawn = {
        tuple(json.loads(gate.counts(request(a), "real", rows, encode).payload)["values"])
        for a in ("a1", "a2")
    }
    assert len(drawn) == 2
    assert np.ptp([list(values) for values in drawn]) > 0


def test_the_answer_is_on_disk_before_the_ledger_says_so(site, tmp_path, monkeypatch):
    events = []
    fsync, commit = os.fsync, site.ledger.commit

    def synced(descriptor):
        events.append("fsync")
        kept = tmp_path / "sent" / "a1.json"
        events.append(kept.stat().st_size if kept.exists() else "charge")
        fsync(descriptor)

    def committed(*arguments):
        events.append("commit")
        commit(*arguments)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(site.ledger, "commit", committed)
    sent = site.gate().counts(request(), "real", rows, encode)
    assert events[-5:] == ["fsync", SLOT, "commit", "fsync", SLOT]
    assert (tmp_path / "sent" / "a1.json").read_bytes() == sent.payload
    noted = [entry.body for entry in site.ledger.entries() if entry.kind == "commit"]
    digest = hashlib.sha256(sent.payload).hexdigest()
    assert noted == [{"attempt_id": "a1", "digest": digest, "size": SLOT}]


def test_the_charge_says_what_was_asked(site):
    site.gate().counts(request(), "real", rows, encode)
    (attempt,) = site.ledger.attempts()
    told, asked = attempt.charge, request()
    assert (told.question_id, told.indicator, told.period) == ("q1", "readmission", "2024")
    assert (told.purpose, told.mechanism) == ("all", "discrete Gaussian")
    assert (told.years, told.roster) == (asked.years, SITES)
    assert told.loss == asked.mechanism.loss(3, 3)


def test_the_decision_that_governed_is_noted(site):
    site.gate().counts(request(), "real", rows, encode)
    _, decision = site.approvals.current(NOW)
    assert site.ledger.approval() == (decision.serial, decision_digest(decision))


def test_a_clock_that_stands_still_has_not_gone_back(site, monkeypatch):
    monkeypatch.setattr(chain, "_now", NOW.isoformat)
    gate = site.gate(policy(epsilon_per_person_year=9))
    gate.counts(request(), "real", rows, encode)
    assert site.ledger.last_entry_at() == NOW.isoformat()
    gate.counts(request("a2"), "real", rows, encode)
    site.clock = lambda: NOW - timedelta(seconds=1)
    assert refused(site.gate(), request("a3")) is Reason.CLOCK_WENT_BACK


def test_the_maximum_itself_may_be_asked_for(site, monkeypatch):
    cost = counts().loss(3, 3).rho
    most = [cost]
    monkeypatch.setattr(gate_module, "maximum_rho", lambda policy, origin: most[0])
    sent = site.gate().counts(request(), "real", rows, encode)
    assert not json.loads(sent.payload)["not_private"]
    most[0] = math.nextafter(cost, 0)
    assert refused(site.gate(), request("a2")) is Reason.ABOVE_MAXIMUM


def test_beyond_the_year_s_budget_a_demo_is_marked_too(site):
    gate = site.gate(policy(demo=EXACT))
    marked = [
        json.loads(gate.counts(request(a, a), "generated", rows, encode).payload)["not_private"]
        for a in ("a1", "a2")
    ]
    assert marked == [False, True]


def test_an_answer_that_has_left_is_kept_for_who_asks_again(site):
    gate = site.gate()
    assert gate.kept(request()) is None
    assert site.ledger.entries() == []
    sent = gate.counts(request(), "real", rows, encode)
    entries = site.ledger.verify().entries
    again = gate.kept(request(years=()))
    assert again is not None and gate.is_cleared(again)
    assert (again.payload, again.kind) == (sent.payload, Kind.NOISY_AGGREGATE)
    assert (again.to, again.attempt_id) == ("coordinator", "a1")
    assert site.ledger.verify().entries == entries
    site.withdraw()
    with pytest.raises(GateRefusal) as refusal:
        gate.kept(request())
    assert refusal.value.reason is Reason.APPROVAL_WITHDRAWN
    noted = [entry.body for entry in site.ledger.entries() if entry.kind == "refusal"]
    assert noted == [{"question_id": "q1", "attempt_id": "a1", "reason": "approval_withdrawn"}]


def test_what_was_reserved_and_never_left_is_not_kept(site):
    gate = site.gate()
    with pytest.raises(ZeroDivisionError):
        gate.counts(request(), "real", lambda: 1 // 0, encode)
    assert gate.kept(request()) is None
    assert refused(gate, request()) is Reason.ATTEMPT_USED  # and it is not busy for ever


def test_a_message_may_fill_its_slot_and_no_more(site):
    gate = site.gate()
    for way, kind in ((gate.refuse, Kind.REFUSAL), (gate.status, Kind.STATUS)):
        sent = way(b"x" * SLOT, SLOT, "a1")
        assert (sent.kind, sent.attempt_id, len(sent.payload)) == (kind, "a1", SLOT)
        assert gate.is_cleared(sent)
        assert way(b"{}", 4).payload == b"{}  "
        assert way(b"{}", 4).attempt_id == ""
        with pytest.raises(ValueError, match="slot"):
            way(b"x" * (SLOT + 1), SLOT)


def test_a_wider_scale_for_the_number_of_persons_cut(site, monkeypatch):
    drawn = []

    def watched(values, scale):
        drawn.append((list(values), scale))
        return list(values)

    monkeypatch.setattr(request_module, "add_discrete_gaussian", watched)
    monkeypatch.setattr(request_module, "add_share", watched)
    crowd = rows(*[(7, 0, 1)] * 50, (8, 1, 0))
    for attempt, mechanism, scale in (("a1", counts(), counts().scale), ("a2", SHARE, 40.0)):
        drawn.clear()
        site.gate(policy(demo=EXACT)).counts(
            request(attempt, attempt, mechanism), "generated", lambda: crowd, encode
        )
        assert drawn == [([1], 2 * scale), ([0, 2, 1, 0, 0, 0], scale)]


def test_what_a_mechanism_costs():
    """Each from its own map: for the federation, however few are asked."""
    one = gaussian_rho(counts().scale, BOUND.charged_l2_squared)
    for asked, most, paid in ((3, 1, 3), (3, 3, 3), (3, 7, 7)):
        assert counts().loss(asked, most).rho == pytest.approx(paid * one, rel=1e-12)
    small = ShareOfSum(share=1.5, missing=2, bound=BOUND, cells=CELLS, atoms=ATOMS)
    rho = share_rho(1.5, 4, 2, l2_squared=16 * 9, l1=4 * 5, cells=7)
    for most, rosters in ((1, 1), (4, 1), (5, 2), (8, 2), (9, 3)):
        assert small.loss(4, most).rho == pytest.approx(rosters * rho, rel=1e-14)
    assert small.rho_site() == gaussian_rho(1.5, Fraction(33, 4))
    delta = 3 * dummy_cell_delta(SCALE, 2, TOKENS.shift)
    once = TOKENS.loss(2, 2)
    assert (once.pure, once.delta) == (dummy_epsilon(SCALE, 4), pytest.approx(delta, rel=1e-12))
    assert TOKENS.rho_site() == once.rho == TOKENS.loss(2, 1).rho
    again = TOKENS.loss(2, 3)
    assert (again.rho, again.delta) == pytest.approx((2 * once.rho, 2 * once.delta), rel=1e-14)
    assert again.pure is None


def test_a_share_s_cost_is_asked_for_with_all_it_sends(monkeypatch):
    """The number of persons cut is a cell more, and a row more of each person."""
    asked = []
    monkeypatch.setattr(
        request_module, "share_rho", lambda *args, **named: asked.append((args, named)) or 0.5
    )
    assert SHARE.loss(4, 9).rho == 1.5
    assert asked == [((40.0, 4, 1), {"l2_squared": 144, "l1": 20, "cells": 7})]


def test_an_approval_narrows_the_policy():
    approval = Approval(
        serial=1, site="ous", by="x", since=NOW, until=NOW + timedelta(days=1),
        scope=scope(delta=1e-7, sites=[*SITES, "lovisenberg", "ous"], epsilon_per_person_year=1.0),
    )  # fmt: skip
    narrow = stricter(policy(), approval)
    assert (narrow.federation_sites, narrow.delta) == (4, 1e-7)
    wide = stricter(policy(delta=1e-8, federation_sites=9), approval)
    assert (wide.federation_sites, wide.delta) == (9, 1e-8)
    assert budget(policy(), None, "real").rho == budget_rho(policy(), "real")
    most = budget(policy(), approval, "real")
    assert most.rho == most.purposes["all"] == rho_of(1.0, conversion_delta(narrow))
    assert most.delta == mechanism_delta(narrow)
    purposes = {
        "a": Purpose(epsilon_per_person_year=0.5, indicators=["readmission"]),
        "b": Purpose(epsilon_per_person_year=2.0, indicators=["other"]),
    }
    parted = budget(policy(purposes=purposes), approval, "real").purposes
    assert parted == {"a": rho_of(0.5, conversion_delta(narrow)), "b": most.rho}


@pytest.mark.parametrize(
    "what",
    [
        counts(),
        SHARE,
        TOKENS,
        request(),
        NoisyCounts([], 0, 0.0, 0.0, False),
        Outgoing(Kind.STATUS, "", "", b""),
    ],
    ids=lambda what: type(what).__name__,
)
def test_what_was_decided_about_cannot_be_changed_afterwards(what):
    for name in what.__dataclass_fields__:
        with pytest.raises(FrozenInstanceError):
            setattr(what, name, None)


def test_a_refusal_says_why_and_no_more(site):
    with pytest.raises(GateRefusal, match=r"^not_in_policy$"):
        site.gate().counts(request(indicator="secret"), "real", never_called, encode)
