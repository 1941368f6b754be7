"""A withdrawn release: the notice that says so, who may write it, and what it leaves alone."""

import json
import stat

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.contract.withdrawal import notice_file, read_withdrawals, withdrawn
from federated.coordinator.release import find_release, load_release, publish, release_ids
from federated.coordinator.withdrawing import withdraw_release
from privacy.problem import Problem
from tests.portal.releases import write_release

KEY = Ed25519PrivateKey.generate()
WORDS = {"reason_nb": "Feil i leveransen fra ett sykehus.", "by": "Fagansvarlig"}


@pytest.fixture
def releases(tmp_path):
    """Two editions of one indicator and period, and one of another period."""
    for name, change in {
        "stays-2024-e1": {"edition": 1},
        "stays-2024-e2": {"edition": 2},
        "stays-2023-e1": {"period": "2023"},
    }.items():
        made = write_release(
            tmp_path / "made" / name,
            sites=["Nordby"],
            change=lambda r, c=change, n=name: r.update(c, release_id=n, question_id=n),
        )
        record = json.loads((made / "release.json").read_text(encoding="utf-8"))
        publish(tmp_path / "r", record, pq.read_table(made / "cells.parquet"), str, KEY)
    return tmp_path / "r"


def test_a_notice_is_signed_numbered_and_read_only(releases):
    notice = withdraw_release(releases, "stays-2024-e1", KEY, successor="stays-2024-e2", **WORDS)
    assert read_withdrawals(releases, KEY.public_key()) == [notice]
    assert (notice.number, notice.successor) == (1, "stays-2024-e2")
    assert notice.digest == load_release(releases / "stays-2024-e1").digest
    assert stat.S_IMODE(notice_file(releases, 1).stat().st_mode) == 0o444
    assert [file.name for file in notice_file(releases, 1).parent.iterdir()] == ["0001.json"]


def test_the_release_and_its_cost_stay_and_the_question_stays_closed(releases):
    before = load_release(releases / "stays-2024-e1")
    withdraw_release(releases, "stays-2024-e1", KEY, **WORDS)
    assert find_release(releases, "stays-2024-e1") == before
    assert release_ids(releases) == ["stays-2023-e1", "stays-2024-e1", "stays-2024-e2"]


def test_a_successor_may_be_named_later_and_the_last_notice_holds(releases):
    withdraw_release(releases, "stays-2024-e1", KEY, **WORDS)
    later = withdraw_release(releases, "stays-2024-e1", KEY, successor="stays-2024-e2", **WORDS)
    notices = read_withdrawals(releases, KEY.public_key())
    assert [notice.number for notice in notices] == [1, 2]
    assert withdrawn(notices) == {"stays-2024-e1": later}


@pytest.mark.parametrize(
    ("of", "successor", "words", "what"),
    [
        ("nothing", None, WORDS, "no such release"),
        ("../stays-2024-e1", None, WORDS, "no such release"),
        ("stays-2024-e1", "nothing", WORDS, "no such release"),
        ("stays-2024-e1", "stays-2024-e1", WORDS, "itself withdrawn"),
        ("stays-2024-e1", "stays-2023-e1", WORDS, "another indicator or period"),
        ("stays-2024-e1", None, WORDS | {"reason_nb": "  "}, "says nothing"),
        ("stays-2024-e1", None, WORDS | {"by": ""}, "says nothing"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(releases, of, successor, words, what):
    with pytest.raises(Problem, match=what):
        withdraw_release(releases, of, KEY, successor=successor, **words)
    assert read_withdrawals(releases) == []


def test_withdrawing_twice_is_refused(releases):
    withdraw_release(releases, "stays-2024-e1", KEY, **WORDS)
    with pytest.raises(Problem, match="withdrawn already"):
        withdraw_release(releases, "stays-2024-e1", KEY, **WORDS)
    withdraw_release(releases, "stays-2024-e2", KEY, **WORDS)
    with pytest.raises(Problem, match="itself withdrawn"):
        withdraw_release(releases, "stays-2024-e1", KEY, successor="stays-2024-e2", **WORDS)


def _rewritten(file, change):
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.chmod(0o644)
    file.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda r: notice_file(r, 1).unlink(), "missing"),
        (lambda r: _rewritten(notice_file(r, 1), lambda c: c["notice"].update(by="X")), "signed"),
        (lambda r: _rewritten(notice_file(r, 1), lambda c: c["notice"].pop("by")), "notice"),
        (lambda r: _rewritten(notice_file(r, 2), lambda c: c.update(signature="")), "signed"),
        (lambda r: notice_file(r, 2).rename(notice_file(r, 3)), "missing"),
    ],
)
def test_a_notice_that_was_touched_is_not_believed(releases, spoil, what):
    withdraw_release(releases, "stays-2024-e1", KEY, **WORDS)
    withdraw_release(releases, "stays-2023-e1", KEY, **WORDS)
    spoil(releases)
    with pytest.raises(Problem, match=what) as problem:
        read_withdrawals(releases, KEY.public_key())
    assert str(releases) in problem.value.where


def test_without_the_key_a_changed_notice_shows_in_the_next(releases):
    withdraw_release(releases, "stays-2024-e1", KEY, **WORDS)
    withdraw_release(releases, "stays-2023-e1", KEY, **WORDS)
    _rewritten(notice_file(releases, 1), lambda c: c["notice"].update(by="X"))
    with pytest.raises(Problem, match="changed before"):
        read_withdrawals(releases)


def test_another_key_may_not_go_on_with_the_notices(releases):
    withdraw_release(releases, "stays-2024-e1", KEY, **WORDS)
    with pytest.raises(Problem, match="not signed by this"):
        withdraw_release(releases, "stays-2023-e1", Ed25519PrivateKey.generate(), **WORDS)
