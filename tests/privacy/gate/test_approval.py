"""Only the officer's newest word counts, and only as far as it goes."""

import json
import shutil
import sqlite3
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.approval import Approvals, Kind, State
from privacy.gate import GateRefusal, Reason
from privacy.ledger import chain
from privacy.signatures import canonical
from tests.privacy.gates import (
    FINGERPRINT,
    GROUND,
    NOW,
    OFFICER,
    SITES,
    Site,
    counts,
    encode,
    never_called,
    policy,
    request,
    rows,
    scope,
)


@pytest.fixture
def bare(tmp_path):
    """A site whose officer has said nothing yet."""
    made = Site(tmp_path)
    yield made
    made.ledger.close()


def refusal(site, asked=None, gate=None):
    with pytest.raises(GateRefusal) as caught:
        (gate or site.gate()).counts(asked or request(), "real", never_called, encode)
    assert [reason for _, reason in site.ledger.refusals()][-1] == caught.value.reason.value
    assert site.ledger.spent() == {}
    return caught.value.reason


def test_nothing_is_approved_until_somebody_does(bare):
    assert refusal(bare) is Reason.NO_APPROVAL


def test_a_site_that_names_no_officer_approves_nothing(bare):
    bare.approve()
    bare.approvals = Approvals(bare.folder / "approvals.sqlite", "ous", None)
    assert refusal(bare) is Reason.NO_APPROVAL


def test_an_approval_opens_what_it_names(bare):
    bare.approve()
    assert bare.gate().counts(request(), "real", rows, encode).payload


OUTSIDE = {
    "another indicator": scope(indicators={"other": FINGERPRINT}),
    "another definition of it": scope(indicators={"readmission": "b" * 64}),
    "another kind of message": scope(kinds=[Kind.BLINDED_TOKENS]),
    "a site that is not named": scope(sites=["ahus", "ous"]),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_outside_its_scope_nothing_leaves(bare, what):
    bare.approve(scope=OUTSIDE[what])
    assert refusal(bare) is Reason.OUTSIDE_APPROVAL


def test_its_maximum_is_below_the_policy_s(bare):
    bare.approve(scope=scope(epsilon_per_release=0.5))
    assert refusal(bare) is Reason.ABOVE_MAXIMUM


def test_its_yearly_budget_is_below_the_policy_s(bare):
    bare.approve(scope=scope(epsilon_per_person_year=0.5))
    assert refusal(bare) is Reason.BUDGET_SPENT


def test_it_does_not_lift_the_policy(bare):
    bare.approve()
    assert refusal(bare, request(mechanism=counts(2.01))) is Reason.ABOVE_MAXIMUM


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        (NOW + timedelta(seconds=1), NOW + timedelta(days=1), Reason.APPROVAL_NOT_YET),
        (NOW - timedelta(days=1), NOW, Reason.APPROVAL_EXPIRED),
    ],
)
def test_it_holds_from_its_first_to_its_last_moment(bare, since, until, reason):
    bare.approve(since=since, until=until)
    assert refusal(bare) is reason


def test_it_ends_while_the_gate_runs(bare):
    bare.approve(until=NOW + timedelta(days=1))
    now = [NOW]
    bare.clock = lambda: now[0]
    gate = bare.gate(policy(epsilon_per_person_year=9))
    gate.counts(request(), "real", rows, encode)
    now[0] += timedelta(days=1)
    with pytest.raises(GateRefusal) as caught:
        gate.counts(request("a2"), "real", never_called, encode)
    assert caught.value.reason is Reason.APPROVAL_EXPIRED


def test_a_withdrawal_ends_it_at_once_and_for_what_was_answered_too(bare):
    bare.approve()
    gate = bare.gate()
    gate.counts(request(), "real", rows, encode)
    bare.withdraw()
    for attempt in ("a1", "a2"):
        with pytest.raises(GateRefusal) as caught:
            gate.counts(request(attempt), "real", never_called, encode)
        assert caught.value.reason is Reason.APPROVAL_WITHDRAWN


def test_a_new_approval_after_a_withdrawal_holds(bare):
    bare.approve()
    bare.withdraw()
    bare.approve()
    assert bare.gate().counts(request(), "real", rows, encode)


def test_only_the_officer_s_signature_is_believed(bare):
    bare.approve(key=Ed25519PrivateKey.generate())
    assert refusal(bare) is Reason.APPROVAL_BROKEN


def test_an_approval_of_another_site_is_not_believed(bare):
    bare.approve(site="ahus")
    assert refusal(bare) is Reason.APPROVAL_BROKEN


def forged(change):
    """Alter the stored decision and mend the chain after it, as whoever owns the file could."""

    def apply(path):
        import hashlib

        with sqlite3.connect(path) as db:
            db.execute("drop trigger entry_is_never_changed")
            seq, at, kind, body, previous = db.execute(
                "select seq, at, kind, body, previous from entry"
            ).fetchone()
            content = json.loads(body)
            change(content)
            body = canonical(content).decode()
            text = json.dumps([seq, at, kind, body, previous], separators=(",", ":"))
            digest = hashlib.sha256(text.encode()).hexdigest()
            db.execute("update entry set body = ?, hash = ?", (body, digest))
        path.with_suffix(".head").write_text(f"{seq} {digest}\n")

    return apply


FORGERIES = {
    "a later end": lambda c: c["decision"].update(until="2032-01-01T00:00:00Z"),
    "a larger epsilon": lambda c: c["decision"]["scope"].update(epsilon_per_release=99.0),
    "more sites": lambda c: c["decision"]["scope"]["sites"].append("lovisenberg"),
    "another serial": lambda c: c["decision"].update(serial=7),
    "no signature": lambda c: c.pop("signature"),
    "another record": lambda c: c["decision"].update(record="approved"),
    "an unknown field": lambda c: c["decision"].update(more=1),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_decision_opens_nothing(bare, what):
    bare.approve()
    forged(FORGERIES[what])(bare.folder / "approvals.sqlite")
    assert refusal(bare) is Reason.APPROVAL_BROKEN


def test_a_broken_chain_opens_nothing(bare):
    bare.approve()
    with sqlite3.connect(bare.folder / "approvals.sqlite") as db:
        db.execute("drop trigger entry_is_never_changed")
        db.execute("update entry set at = 'then'")
    assert refusal(bare) is Reason.APPROVAL_BROKEN


@pytest.mark.parametrize("back_to", [0, 1])
def test_a_log_that_was_rolled_back_before_a_withdrawal_opens_nothing(bare, tmp_path, back_to):
    """The ledger remembers the highest decision it has seen."""
    kept = tmp_path / "kept"
    if back_to:
        bare.approve()
    bare.folder.joinpath("approvals.sqlite").touch() if not back_to else None
    shutil.copytree(bare.folder, kept)
    if not back_to:
        (bare.folder / "approvals.sqlite").unlink()
        bare.approve()
    bare.withdraw()
    assert refusal(bare) is Reason.APPROVAL_WITHDRAWN
    for name in ("approvals.sqlite", "approvals.head"):
        (bare.folder / name).unlink()
        if (kept / name).exists() and back_to:
            shutil.copyfile(kept / name, bare.folder / name)
    for beside in bare.folder.glob("approvals.sqlite-*"):
        beside.unlink()
    assert refusal(bare) is Reason.APPROVAL_BROKEN


def test_a_clock_that_went_back_opens_nothing_however_often_one_asks(bare, monkeypatch):
    """Otherwise an expired approval would be valid again, from the second question on."""
    clock = [NOW]
    monkeypatch.setattr(chain, "_now", lambda: clock[0].isoformat(timespec="seconds"))
    bare.clock = lambda: clock[0]
    bare.approve(until=NOW + timedelta(days=1))
    gate = bare.gate(policy(epsilon_per_person_year=9))
    gate.counts(request(), "real", rows, encode)
    clock[0] = NOW + timedelta(days=2)
    reasons = []
    for days in (2, -5, -5, -4):
        clock[0] = NOW + timedelta(days=days)
        with pytest.raises(GateRefusal) as caught:
            gate.counts(request("a2"), "real", never_called, encode)
        reasons.append(caught.value.reason)
    assert reasons == [Reason.APPROVAL_EXPIRED, *[Reason.CLOCK_WENT_BACK] * 3]
    assert bare.ledger.verify().ok


def test_it_fixes_delta_and_how_many_sites_are_paid_for(bare):
    """A policy file that was changed after the approval makes nothing cheaper."""
    bare.approve(scope=scope(delta=1e-7))
    assert refusal(bare) is Reason.ABOVE_MAXIMUM
    bare.approve(scope=scope(sites=["a", "b", "c", *SITES]))
    assert refusal(bare) is Reason.ABOVE_MAXIMUM
    bare.approve(scope=scope())
    alone = policy(federation_sites=1)
    bare.gate(alone).counts(request(roster=("ous",)), "real", rows, encode)
    (attempt,) = bare.ledger.attempts()
    assert attempt.charge.rho == pytest.approx(3 * attempt.charge.rho_site)


def test_another_decision_of_the_same_number_is_not_believed(bare):
    bare.approve()
    bare.gate().counts(request(), "real", rows, encode)
    for name in ("approvals.sqlite", "approvals.head"):
        (bare.folder / name).unlink()
    for beside in bare.folder.glob("approvals.sqlite-*"):
        beside.unlink()
    bare.approve(by="somebody else")
    with pytest.raises(GateRefusal) as caught:
        bare.gate().counts(request("a2"), "real", never_called, encode)
    assert caught.value.reason is Reason.APPROVAL_BROKEN


@pytest.mark.parametrize("days", [0, -1, 5000])
def test_an_approval_ends_and_not_too_late(bare, days):
    with pytest.raises(ValueError, match="ends after it begins"):
        bare.approve(until=NOW - timedelta(days=1) + timedelta(days=days))


def test_two_decisions_cannot_have_one_number(bare):
    approval = bare.approve()
    with pytest.raises(ValueError, match="meanwhile"):
        bare.approvals.record(approval, OFFICER)


def test_the_state_is_told_apart(bare):
    def state():
        return bare.approvals.current(NOW)[0]

    assert state() is State.NONE
    bare.approve()
    assert state() is State.VALID
    bare.withdraw()
    assert state() is State.WITHDRAWN


# -- what it was decided on ------------------------------------------------------------------------


WITHOUT_REPORT = scope(ros=None)


def test_without_a_report_it_holds_for_synthetic_data_alone(bare):
    bare.approve(scope=WITHOUT_REPORT)
    assert refusal(bare) is Reason.NO_REPORT
    for origin in ("generated", "declared"):
        assert bare.gate(policy(epsilon_per_person_year=9)).counts(
            request(origin, origin, counts(1.0)), origin, rows, encode
        )


def test_another_scope_than_the_report_s_is_refused(bare):
    bare.approve()
    assert refusal(bare, gate=bare.gate(fingerprint=lambda: "e" * 64)) is Reason.SCOPE_CHANGED
    assert refusal(bare, gate=bare.gate(fingerprint=None)) is Reason.SCOPE_CHANGED


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (("assessment_missing",), Reason.ASSESSMENT_MISSING),
        (("assessment_stale",), Reason.ASSESSMENT_STALE),
        (("small_cell", "supply_chain"), Reason.RISK_RED),
    ],
)
def test_what_the_newest_assessment_stops_is_refused(bare, found, reason):
    bare.approve()
    asked = []

    def stopped_by(*of):
        asked.append(of)
        return found

    assert refusal(bare, gate=bare.gate(stopped_by=stopped_by)) is reason
    assert asked == [(GROUND, Kind.NOISY_AGGREGATE, "readmission", NOW)]


def test_a_gate_that_cannot_look_at_assessments_refuses(bare):
    bare.approve()
    assert refusal(bare, gate=bare.gate(stopped_by=None)) is Reason.ASSESSMENT_MISSING


def test_the_red_risks_are_named_to_the_site_and_not_in_the_ledger(bare):
    bare.approve()
    gate = bare.gate(stopped_by=lambda *_: ("small_cell",))
    with pytest.raises(GateRefusal) as caught:
        gate.counts(request(), "real", never_called, encode)
    assert caught.value.risks == ("small_cell",)
    assert [reason for _, reason in bare.ledger.refusals()] == ["risk_red"]


def test_what_left_before_a_risk_turned_red_does_not_leave_again(bare):
    bare.approve()
    red = []
    gate = bare.gate(stopped_by=lambda *_: tuple(red))
    gate.counts(request(), "real", rows, encode)
    red.append("small_cell")
    with pytest.raises(GateRefusal) as caught:
        gate.kept(request())
    assert caught.value.reason is Reason.RISK_RED
    red.clear()
    assert gate.kept(request()) is not None
