"""What a gate charges when an attempt was announced to others, and who has signed."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.gate import GateRefusal, Reason
from privacy.gate.gate import Outgoing
from privacy.ledger import Announced, SharedEntry, countersign
from tests.privacy.gates import SITES, SLOT, Site, counts, encode, policy, request, rows
from tests.privacy.ledger.test_shared import chained

KEYS = {site: Ed25519PrivateKey.generate() for site in (*SITES, "bydel", "fastlege", "ukjent")}
PEERS = {site: key.public_key() for site, key in KEYS.items() if site not in ("ous", "ukjent")}
EVERYONE = 5
"""Sites of the helsefellesskap: the three hospitals, and two that are never asked."""
ATTEMPT, QUESTION = "a" * 64, "b" * 64


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path, policy=policy(federation_sites=EVERYONE))
    site.approve()
    return site


def gate_of(site: Site, **changes):
    return site.gate(identity=KEYS["ous"], peers=PEERS, **changes)


def asked(**changes):
    return request(attempt=ATTEMPT, question=QUESTION, mechanism=counts(1.0), **changes)


def least() -> float:
    return asked().mechanism.loss(3, 3).rho


def announced(**changes) -> SharedEntry:
    fields = {
        "question_id": QUESTION,
        "attempt_id": ATTEMPT,
        "indicator": "readmission",
        "period": "2024",
        "roster": list(SITES),
        "rho": least(),
        "years": [2023, 2024, 2025],
    }
    (entry,) = chained(Announced(**(fields | changes)))
    return entry


def told(gate, *entries: SharedEntry) -> dict:
    sent: Outgoing = gate.note(
        entries,
        "real",
        lambda known, signatures: json.dumps([known, signatures]).encode(),
        SLOT,
    )
    known, signatures = json.loads(sent.payload)
    return {"known": known, "signatures": signatures}


def signed_by(entry: SharedEntry, *sites: str) -> dict[str, str]:
    return {site: countersign(KEYS[site], site, entry) for site in sites}


def charged(site: Site, gate, **changes) -> float:
    gate.counts(asked(**changes), "real", rows, encode)
    (attempt,) = site.ledger.attempts()
    return attempt.charge.rho / least()


def test_with_every_signature_the_roster_alone_is_charged(site):
    gate, entry = gate_of(site), announced()
    assert told(gate, entry) == {
        "known": 1,
        "signatures": [countersign(KEYS["ous"], "ous", entry)],
    }
    signatures = signed_by(entry, "bydel", "fastlege")
    assert charged(site, gate, countersignatures=signatures) == 1


@pytest.mark.parametrize("signers", [(), ("bydel",), ("fastlege",), ("ahus", "diakonhjemmet")])
def test_who_has_not_signed_is_charged_for(site, signers):
    gate, entry = gate_of(site), announced()
    told(gate, entry)
    outside = len({"bydel", "fastlege"} & set(signers))
    found = charged(site, gate, countersignatures=signed_by(entry, *signers))
    assert found == pytest.approx((EVERYONE - outside) / 3)


def test_an_attempt_that_this_site_was_not_told_of_is_charged_for_all(site):
    signatures = signed_by(announced(), "bydel", "fastlege")
    assert charged(site, gate_of(site), countersignatures=signatures) == pytest.approx(5 / 3)


def test_a_signature_counts_for_its_own_site_and_entry_alone(site):
    gate, entry = gate_of(site), announced()
    told(gate, entry)
    other = announced(period="2023")
    signatures = {
        "bydel": countersign(KEYS["bydel"], "bydel", other),
        "fastlege": countersign(KEYS["bydel"], "fastlege", entry),
        "ukjent": countersign(KEYS["ukjent"], "ukjent", entry),
        "ous": countersign(KEYS["ous"], "ous", entry),
    }
    assert charged(site, gate, countersignatures=signatures) == pytest.approx(5 / 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"rho": 0.999},
        {"roster": ["ahus", "ous"]},
        {"years": [2023, 2024]},
    ],
    ids=["too little", "another roster", "a year left out"],
)
def test_an_announcement_that_says_too_little_is_none(site, changes):
    if "rho" in changes:
        changes = {"rho": changes["rho"] * least()}
    gate, entry = gate_of(site), announced(**changes)
    told(gate, entry)
    signatures = signed_by(entry, "bydel", "fastlege")
    assert charged(site, gate, countersignatures=signatures) == pytest.approx(5 / 3)


def test_a_declined_entry_is_not_signed_and_a_later_one_is(site):
    gate = gate_of(site)
    entries = chained(
        announced(rho=1e6, attempt_id="c" * 64).body, announced(attempt_id="d" * 64).body
    )
    reply = told(gate, *entries)
    assert reply["known"] == 2
    assert reply["signatures"] == [None, countersign(KEYS["ous"], "ous", entries[1])]


def test_without_an_identity_nothing_is_signed(site):
    with pytest.raises(GateRefusal) as refusal:
        told(site.gate(peers=PEERS), announced())
    assert refusal.value.reason is Reason.NO_IDENTITY
    assert site.ledger.shared() == []


def test_another_story_is_refused_and_noted(site):
    gate = gate_of(site)
    told(gate, announced())
    with pytest.raises(GateRefusal) as refusal:
        told(gate, announced(period="2023"))
    assert refusal.value.reason is Reason.LEDGER_FORKED
    assert [reason for _, reason in site.ledger.refusals()] == ["global_ledger_forked"]


def test_what_others_are_asked_is_charged_without_an_approval_too(tmp_path):
    site = Site(tmp_path, policy=policy(federation_sites=EVERYONE))
    assert told(gate_of(site), announced())["signatures"] != [None]
    assert site.ledger.spent()[2024].rho == least()


def test_what_was_announced_to_others_leaves_less_for_this_site(site):
    """Several rosters and purposes: their sum is what a person loses, and what is bounded."""
    gate = gate_of(site)
    most = site.policy.epsilon_per_person_year
    full = counts(most).loss(3, 3).rho
    told(gate, announced(attempt_id="c" * 64, roster=["bydel"], rho=0.9 * full))
    with pytest.raises(GateRefusal) as refusal:
        gate.counts(asked(), "real", rows, encode)
    assert refusal.value.reason is Reason.BUDGET_SPENT
