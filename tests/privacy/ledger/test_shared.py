"""The global ledger: what each site charges itself, and what it bounds together."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.ledger import (
    Announced,
    Budget,
    Chain,
    Charge,
    Forked,
    Ledger,
    LedgerRefusal,
    SharedEntry,
    countersign,
    has_countersigned,
)
from privacy.ledger.chain import GENESIS, entry_hash

YEARS = [2023, 2024]
ROOM = Budget(rho=1.0, delta=1e-6, purposes={"all": 1.0, "beds": 0.5})


def attempt(
    number: int, rho: float = 0.25, roster: tuple[str, ...] = ("b",), **changes: Any
) -> Announced:
    fields: dict[str, Any] = {
        "question_id": f"{number:064x}",
        "attempt_id": f"{number + 1000:064x}",
        "indicator": "readmission",
        "period": "2024",
        "roster": list(roster),
        "rho": rho,
        "years": YEARS,
    }
    return Announced(**(fields | changes))


def chained(*told: Announced, after: SharedEntry | None = None) -> list[SharedEntry]:
    entries: list[SharedEntry] = []
    for body in told:
        last = entries[-1] if entries else after
        seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
        at = datetime(2030, 1, 1, tzinfo=UTC).isoformat()
        content = body.model_dump(mode="json")
        digest = entry_hash(seq, at, "attempt", content, previous)
        entries.append(
            SharedEntry(seq=seq, at=at, kind="attempt", body=body, previous=previous, hash=digest)
        )
    return entries


def charge(told: Announced, rho: float) -> Charge:
    fields: dict[str, Any] = {
        "question_id": told.question_id,
        "attempt_id": told.attempt_id,
        "indicator": told.indicator,
        "period": told.period,
        "purpose": "all",
        "mechanism": "discrete Gaussian",
        "rho": rho,
        "rho_site": rho,
        "years": tuple(told.years),
        "roster": tuple(told.roster),
    }
    return Charge(**fields)


def undivided(_indicator: str) -> str:
    return "all"


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def test_what_others_are_asked_is_charged_here(ledger):
    (noted,) = ledger.note_shared(chained(attempt(1)), undivided, ROOM)
    assert noted.agreed
    assert {year: spent.rho for year, spent in ledger.spent().items()} == {2023: 0.25, 2024: 0.25}
    assert ledger.attempts() == []  # it is no answer of this site
    assert [loss.rho for loss in ledger.losses()] == [0.25]


def test_an_announced_attempt_is_charged_once_at_the_larger_of_both(ledger):
    told = attempt(1, rho=0.25)
    ledger.note_shared(chained(told), undivided, ROOM)
    ledger.reserve(charge(told, 0.75), ROOM)
    assert ledger.spent()[2024].rho == 0.75
    other = attempt(2, rho=0.25)
    ledger.note_shared(chained(other, after=ledger.shared()[-1].entry), undivided, ROOM)
    ledger.reserve(charge(other, 0.125), ROOM)
    assert ledger.spent()[2024].rho == 1.0
    assert sum(loss.rho for loss in ledger.losses()) == 1.0


def test_an_attempt_announced_again_is_charged_for_the_difference(ledger):
    ledger.note_shared(chained(attempt(1, 0.25), attempt(1, 0.75)), undivided, ROOM)
    assert ledger.spent()[2024].rho == 0.75


def test_what_exceeds_the_budget_is_declined_and_not_charged(ledger):
    noted = ledger.note_shared(
        chained(attempt(1, 0.75), attempt(2, 0.5), attempt(3, 0.25)), undivided, ROOM
    )
    assert [of.agreed for of in noted] == [True, False, True]
    assert ledger.spent()[2024].rho == 1.0
    with pytest.raises(LedgerRefusal):
        ledger.reserve(charge(attempt(4), 0.01), ROOM)


def test_the_purpose_is_this_site_s_own(ledger):
    noted = ledger.note_shared(
        chained(attempt(1, 0.4, indicator="beds"), attempt(2, 0.2, indicator="beds")),
        lambda indicator: "beds" if indicator == "beds" else "all",
        ROOM,
    )
    assert [of.agreed for of in noted] == [True, False]
    assert ledger.spent()[2024].purposes == {"beds": 0.4}


def test_entries_that_are_told_again_are_noted_once(ledger):
    entries = chained(attempt(1), attempt(2))
    first = ledger.note_shared(entries[:1], undivided, ROOM)
    again = ledger.note_shared(entries, undivided, ROOM)
    assert again[:1] == first
    assert len(again) == 2
    assert ledger.spent()[2024].rho == 0.5


def test_entries_that_do_not_join_on_are_left_for_later(ledger):
    entries = chained(attempt(1), attempt(2))
    assert ledger.note_shared(entries[1:], undivided, ROOM) == []
    assert ledger.shared() == []


@pytest.mark.parametrize("known", [1, 2])
def test_another_story_is_refused(ledger, known):
    true = chained(attempt(1), attempt(2))
    ledger.note_shared(true[:known], undivided, ROOM)
    false = chained(attempt(3), attempt(4))
    with pytest.raises(Forked):
        ledger.note_shared(false, undivided, ROOM)
    with pytest.raises(Forked):
        ledger.note_shared(false[1:] if known == 1 else false[:1], undivided, ROOM)
    assert len(ledger.shared()) == known


def test_a_changed_entry_is_refused(ledger):
    (entry,) = chained(attempt(1, rho=0.25))
    changed = entry.model_copy(update={"body": attempt(1, rho=0.01)})
    with pytest.raises(Forked):
        ledger.note_shared([changed], undivided, ROOM)


def test_the_ledger_knows_it_after_a_restart(tmp_path):
    path = tmp_path / "ledger.sqlite"
    entries = chained(attempt(1), attempt(2))
    before = Ledger.open(path)
    before.note_shared(entries[:1], undivided, ROOM)
    before.close()
    after = Ledger.open(path)
    after.note_shared(entries, undivided, ROOM)
    assert [of.entry for of in after.shared()] == entries
    assert after.verify().ok
    after.close()


def test_a_chain_of_ours_travels_whole(tmp_path):
    """The coordinator's chain is read as what a site believes."""
    chain = Chain.open(tmp_path / "global.sqlite", "global ledger")
    with chain.writing() as append:
        for number in (1, 2):
            append("attempt", attempt(number, rho=0.1).model_dump(mode="json"))
    entries = [SharedEntry.of(entry) for entry in chain.entries()]
    sent = [SharedEntry.model_validate_json(e.model_dump_json()) for e in entries]
    assert all(entry.is_whole for entry in sent)
    chain.close()


def test_a_countersignature_is_of_one_site_and_one_entry():
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    first, second = chained(attempt(1), attempt(2))
    signature = countersign(key, "a", first)
    assert has_countersigned(key.public_key(), "a", first, signature)
    assert not has_countersigned(key.public_key(), "b", first, signature)
    assert not has_countersigned(key.public_key(), "a", second, signature)
    assert not has_countersigned(other.public_key(), "a", first, signature)
    assert not has_countersigned(key.public_key(), "a", first, "not base64")


def test_lists_that_are_no_sets_are_no_announcement():
    for years in ([2024, 2023], [2024, 2024], []):
        with pytest.raises(ValueError, match="years"):
            attempt(1, years=years)
    with pytest.raises(ValueError, match="roster"):
        attempt(1, roster=("b", "a"))


# -- the theorem -----------------------------------------------------------------------------------

BUDGET = Fraction(1)


@dataclass
class View:
    """One site's ledger in exact numbers: entries it was told, and what it has charged."""

    charged: dict[int, Fraction] = field(default_factory=dict[int, Fraction])

    def has_room(self, attempt: int, amount: Fraction) -> bool:
        rest = sum((c for a, c in self.charged.items() if a != attempt), Fraction(0))
        return rest + max(amount, self.charged.get(attempt, Fraction(0))) <= BUDGET

    def charge(self, attempt: int, amount: Fraction) -> None:
        self.charged[attempt] = max(amount, self.charged.get(attempt, Fraction(0)))


def coordinator_s_gain(sites: int, moves, *, unsigned_are_charged: bool) -> Fraction:
    """What a person at all sites loses to a coordinator that tells each site what it likes.

    moves: (roster, those who are told, per-site cost); each is a fresh attempt. Whoever has no room
    declines, and does not answer.
    """
    views = [View() for _ in range(sites)]
    lost = Fraction(0)
    for number, (roster, told, cost) in enumerate(moves):
        loss = cost * len(roster)
        signed = set[int]()
        for site in told | roster:
            if views[site].has_room(number, loss):
                views[site].charge(number, loss)
                signed.add(site)
        for site in roster:
            missing = sites - len(signed | roster) if unsigned_are_charged else 0
            mine = loss * (len(roster) + missing) / len(roster)
            if views[site].has_room(number, mine):
                views[site].charge(number, mine)
                lost += cost
    return lost


def games():
    def of(sites: int):
        some = st.sets(st.integers(0, sites - 1))
        cost = st.fractions(min_value=Fraction(1, 50), max_value=1, max_denominator=50)
        move = st.tuples(st.sets(st.integers(0, sites - 1), min_size=1), some, cost)
        return st.tuples(st.just(sites), st.lists(move, max_size=12))

    return st.integers(2, 6).flatmap(of)


@given(games())
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_no_coordinator_takes_more_than_the_budget(game):
    sites, moves = game
    assert coordinator_s_gain(sites, moves, unsigned_are_charged=True) <= BUDGET


def test_without_a_charge_for_the_unsigned_the_budget_is_lost_many_times():
    """The broken variant: each site is told of its own attempts alone, and believes that is all."""
    alone = [({site}, set[int](), Fraction(1)) for site in range(5)]
    assert coordinator_s_gain(5, alone, unsigned_are_charged=True) == 0
    assert coordinator_s_gain(5, alone, unsigned_are_charged=False) == 5 * BUDGET


def test_with_everyone_s_signature_the_whole_budget_can_be_used():
    everyone = set(range(5))
    moves = [({site}, everyone, Fraction(1, 5)) for site in range(5)]
    assert coordinator_s_gain(5, moves, unsigned_are_charged=True) == BUDGET


def test_the_module_s_files_are_for_the_owner_alone(tmp_path: Path):
    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    ledger.note_shared(chained(attempt(1)), undivided, ROOM)
    ledger.close()
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o077 == 0
