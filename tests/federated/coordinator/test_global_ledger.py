"""The coordinator's copy of the global ledger: told to every site, and signed by it.

A plain function stands in for the wire; behind it is each site's own ledger, and its real key.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from federated.contract.messages import (
    Countersignature,
    Notice,
    Refusal,
    decode_to_site,
    encode,
)
from federated.coordinator.config import CoordinatorConfig, Listen, Member
from federated.coordinator.global_ledger import GlobalLedger, countersigned, last_data_year
from federated.coordinator.rounds import QuestionBook
from federated.transport.certificates import make_signing_key
from privacy.ledger import Budget, Chain, Ledger, countersign, has_countersigned
from privacy.problem import Problem
from privacy.signatures import load_signing_key

SITES = ("ahus", "bydel", "ous")
ROSTER = ["ahus", "ous"]
PLENTY = Budget(rho=1e9, delta=1.0, purposes={"all": 1e9})


class Sites:
    """The wire, and behind it a ledger for each site that is online."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.offline: set[str] = set()
        self.told: list[tuple[str, int]] = []
        self.most = 10**9

    def __call__(self, messages: Mapping[str, bytes]) -> dict[str, bytes | str]:
        return {
            site: "offline" if site in self.offline else self.reply(site, payload)
            for site, payload in messages.items()
        }

    def reply(self, site: str, payload: bytes) -> bytes:
        notice = decode_to_site(payload)
        assert isinstance(notice, Notice) and notice.site == site
        self.told.append((site, len(notice.entries)))
        ledger = Ledger.open(self.folder / site / "ledger.sqlite")
        try:
            noted = ledger.note_shared(notice.entries, lambda _: "all", PLENTY)
            known = len(ledger.shared())
        finally:
            ledger.close()
        key = load_signing_key(self.folder / site / "identity.key")
        signatures = [countersign(key, site, of.entry) for of in noted]
        signatures += [None] * (len(notice.entries) - len(noted))
        return encode(Countersignature(site=site, known=known, signatures=signatures))

    def forget(self, site: str) -> None:
        for file in (self.folder / site).glob("ledger.*"):
            file.unlink()


@pytest.fixture
def sites(tmp_path):
    return Sites(tmp_path)


@pytest.fixture
def coordinator(tmp_path, sites):
    members = [
        Member(
            id=site,
            name=site,
            kind="hospital",
            operator=site,
            transport_public_key=Path("unused.pub"),
            identity_public_key=make_signing_key(tmp_path / site / "identity.key").public_key,
        )
        for site in SITES
    ]
    unused = Path("unused")
    return CoordinatorConfig(
        name="Eksempel",
        listen=Listen(port=1, ca_certificate=unused, certificate=unused, private_key=unused),
        members=members,
        release_key=unused,
        manifest=unused,
        folder=tmp_path,
    )


@pytest.fixture
def asked(coordinator, indicator):
    book = QuestionBook(coordinator.state_path / "questions")
    return {
        period: book.open_attempt(indicator, period, ROSTER, epsilon=2.0, delta=5e-7)
        for period in ("2022", "2023", "2024")
    }


@pytest.fixture
def announce(coordinator, indicator, sites):
    return countersigned(coordinator, indicator, sites, through=2025)


def looked_at(coordinator) -> GlobalLedger:
    return GlobalLedger.read(coordinator)


def test_an_attempt_is_announced_to_everyone_and_signed(coordinator, asked, announce):
    signatures = announce(asked["2024"])
    ledger = looked_at(coordinator)
    (entry,) = ledger.entries()
    assert entry.body.roster == ROSTER
    assert entry.body.years[-1] == 2025
    assert ledger.known() == dict.fromkeys(SITES, 1)
    assert set(signatures) == set(SITES)
    for site, signature in signatures.items():
        public = load_signing_key(coordinator.folder / site / "identity.key").public_key()
        assert has_countersigned(public, site, entry, signature)
    ledger.close()


def test_it_is_announced_once_however_often_it_is_asked(coordinator, asked, announce, sites):
    first = announce(asked["2024"])
    told = list(sites.told)
    assert announce(asked["2024"]) == first
    assert sites.told == told
    ledger = looked_at(coordinator)
    assert len(ledger.entries()) == 1
    ledger.close()


def test_a_site_that_was_offline_is_told_later(asked, announce, sites):
    sites.offline = {"bydel"}
    assert set(announce(asked["2022"])) == {"ahus", "ous"}
    sites.offline = set()
    assert set(announce(asked["2023"])) == set(SITES)
    assert sites.told[-3:] == [("ahus", 1), ("bydel", 2), ("ous", 1)]
    assert set(announce(asked["2022"])) == set(SITES)


def test_a_site_that_has_lost_its_ledger_is_told_all_and_shown(coordinator, asked, announce, sites):
    announce(asked["2022"])
    sites.forget("bydel")
    assert set(announce(asked["2023"])) == set(SITES)
    ledger = looked_at(coordinator)
    assert ledger.known() == dict.fromkeys(SITES, 2)
    assert ledger.forgetful() == ["bydel"]
    ledger.close()


def test_a_chain_longer_than_a_message_is_told_in_parts(
    coordinator, asked, announce, sites, monkeypatch
):
    monkeypatch.setattr("federated.coordinator.global_ledger.MOST_ENTRIES", 2)
    sites.offline = {"bydel"}
    for period in asked:
        announce(asked[period])
    sites.offline = set()
    sites.told.clear()
    announce(asked["2024"])
    assert sites.told == [("bydel", 2), ("bydel", 1)]
    ledger = looked_at(coordinator)
    assert ledger.known()["bydel"] == 3
    ledger.close()


@pytest.mark.parametrize(
    "reply",
    [
        b"{}",
        encode(Refusal(question_id="", attempt_id="", site="bydel")),
        encode(Countersignature(site="bydel", known=1, signatures=["A" * 86 + "=="])),
        encode(Countersignature(site="ahus", known=1, signatures=[])),
    ],
    ids=["no message", "refusal", "false signature", "of another site"],
)
def test_what_is_no_signature_is_not_kept(asked, announce, sites, monkeypatch, reply):
    true = Sites.reply
    monkeypatch.setattr(
        Sites, "reply", lambda self, site, p: reply if site == "bydel" else true(self, site, p)
    )
    assert set(announce(asked["2024"])) == {"ahus", "ous"}


def test_a_roster_of_everyone_needs_no_telling(coordinator, indicator, announce, sites):
    book = QuestionBook(coordinator.state_path / "questions")
    everyone = book.open_attempt(indicator, "2024", list(SITES), epsilon=2.0, delta=5e-7)
    assert announce(everyone) == {}
    assert sites.told == []


def test_a_damaged_chain_stops_the_coordinator(coordinator, asked, announce):
    announce(asked["2024"])
    chain = Chain.open(coordinator.state_path / "global-ledger.sqlite", "global ledger")
    chain.close()
    (coordinator.state_path / "global-ledger.head").write_text("9 " + "0" * 64)
    with pytest.raises(Problem, match="global ledger is damaged"):
        announce(asked["2023"])


def test_the_last_year_of_earlier_releases():
    records = [
        {"privacy": {"data_years": {"ous": [2022, 2023], "ahus": [2022, 2024]}}},
        {"privacy": {"data_years": {"ous": [2021]}}},
    ]
    assert last_data_year(records) == 2024
    assert last_data_year([]) == 0
