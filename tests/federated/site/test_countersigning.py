"""A site is told of the global ledger, and another site believes what it signs."""

import logging

import pytest

from federated.contract.messages import (
    SLOT,
    Countersignature,
    Notice,
    Refusal,
    decode_from_site,
    encode,
    notice_slot,
)
from federated.site.config import load_site
from federated.site.peers import peers_of
from privacy.accounting import Combination, federation_rho
from privacy.ledger import Announced, countersign, has_countersigned
from privacy.mechanisms import gaussian_rho
from privacy.problem import Problem
from privacy.signatures import load_public_key, load_signing_key
from tests.federated.site.homes import (
    ROSTER,
    Home,
    approve,
    question,
    site_yaml,
    write_site,
    write_warehouse,
)
from tests.privacy.ledger.test_shared import attempt, chained

ATOMS = [("kanari-1", "2024", "75-84", "2024Q1", "readmitted")]
EVERYONE = 4
"""Two of them are in the roster."""


LITTLE = 0.01


@pytest.fixture
def home(tmp_path, manifest, indicator, caplog):
    policy = site_yaml()["policy"] | {"federation_sites": EVERYONE}
    keys = site_yaml()["keys"] | {"identity": "keys/identity.key"}
    peers = {name: f"keys/{name}.pub" for name in ("bydel", "ahus")}
    site = write_site(tmp_path / "ous", manifest, policy=policy, keys=keys, peers=peers)
    write_warehouse(site, ATOMS)
    approve(site, indicator)
    made = Home(site, indicator, caplog)
    yield made
    made.close()


def told(asked, indicator):
    rho_site = gaussian_rho(asked.scale, indicator.bound.charged_l2_squared)
    (entry,) = chained(
        Announced(
            question_id=asked.question_id,
            attempt_id=asked.attempt_id,
            indicator=asked.indicator,
            period=asked.period,
            roster=asked.roster,
            rho=federation_rho(rho_site, len(asked.roster), Combination.KEYED_BY_SITE),
            years=[2023, 2024, 2025],
        )
    )
    return entry


def test_a_site_countersigns_with_the_key_its_peers_know(home):
    entries = chained(attempt(1, LITTLE), attempt(2, rho=1e9))
    payload = home.reply(Notice(site="ous", entries=entries))
    assert len(payload) == notice_slot(2)
    reply = decode_from_site(payload)
    assert isinstance(reply, Countersignature)
    first, second = reply.signatures
    assert (reply.known, second) == (2, None)
    public = load_public_key(home.site.folder / "keys" / "identity.pub")
    assert first is not None and has_countersigned(public, "ous", entries[0], first)


def test_a_question_that_others_have_signed_costs_less(home, indicator):
    asked = question(indicator, epsilon=0.5)
    entry = told(asked, indicator)
    home.reply(Notice(site="ous", entries=[entry]))
    signed = {
        name: countersign(load_signing_key(home.site.folder / "keys" / f"{name}.key"), name, entry)
        for name in ("bydel", "ahus")
    }
    cheap = home.answer(asked.model_copy(update={"countersignatures": signed}))
    assert cheap.rho_federation == pytest.approx(entry.body.rho)
    dear = home.answer(question(indicator, epsilon=0.5, edition=2))
    assert dear.rho_federation == pytest.approx(EVERYONE / len(ROSTER) * entry.body.rho)


def test_another_story_is_refused_like_everything_else(home):
    home.reply(Notice(site="ous", entries=chained(attempt(1, LITTLE))))
    payload = home.reply(Notice(site="ous", entries=chained(attempt(3))))
    assert isinstance(decode_from_site(payload), Refusal)
    assert len(payload) == notice_slot(1)
    assert home.refusal(Notice(site="ous", entries=chained(attempt(3)))) == "global_ledger_forked"


def test_a_notice_to_another_site_is_refused(home):
    assert home.refusal(Notice(site="ahus", entries=chained(attempt(1, LITTLE)))) == "other_site"


def test_a_site_without_an_identity_says_no(tmp_path, manifest, indicator, caplog):
    site = write_site(tmp_path / "ous", manifest)
    write_warehouse(site, ATOMS)
    home = Home(site, indicator, caplog)
    assert home.refusal(Notice(site="ous", entries=chained(attempt(1, LITTLE)))) == "no_identity"
    home.close()


def test_before_there_are_data_a_site_countersigns_too(tmp_path, manifest, indicator, caplog):
    keys = site_yaml()["keys"] | {"identity": "keys/identity.key"}
    home = Home(write_site(tmp_path / "ous", manifest, keys=keys), indicator, caplog)
    reply = home.ask(Notice(site="ous", entries=chained(attempt(1, LITTLE))))
    assert isinstance(reply, Countersignature) and reply.signatures != [None]
    home.close()


def test_a_slot_does_not_depend_on_the_outcome(home):
    one = Notice(site="ous", entries=chained(attempt(1, LITTLE)))
    lengths = {len(home.reply(m)) for m in (one, one, Notice(site="x", entries=one.entries))}
    assert lengths == {notice_slot(1)}
    assert len(home.reply(encode(one)[:-1])) == SLOT


def test_nothing_of_an_entry_stands_in_the_log(home, caplog):
    with caplog.at_level(logging.DEBUG):
        home.reply(Notice(site="ous", entries=chained(attempt(1, LITTLE, indicator="hemmelig"))))
    assert "hemmelig" not in caplog.text


def test_two_peers_with_one_key_are_refused(home):
    folder = home.site.folder
    (folder / "keys" / "ahus.pub").write_bytes((folder / "keys" / "bydel.pub").read_bytes())
    with pytest.raises(Problem, match="`bydel` and `ahus` have the same key"):
        peers_of(load_site(folder))
