"""Never spends less than was released, never takes a charge twice, shows every change."""

import hashlib
import json
import math
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import FrozenInstanceError, asdict, replace
from pathlib import Path

import pytest

from privacy.ledger import (
    AttemptState,
    Budget,
    Chain,
    Charge,
    Ledger,
    LedgerRefusal,
    Refused,
    Verification,
    chain,
)
from privacy.problem import Problem

BUDGET = Budget(rho=0.31, delta=5e-7, purposes={"all": 0.31})


def charge(question="q1", attempt="a1", rho=0.1, years=(2023, 2024)):
    return Charge(
        question, attempt, "readmission", "2024", "all", "discrete Gaussian",
        rho, rho / 3, years, ("ahus", "ous"),
    )  # fmt: skip


def rhos(ledger):
    return {year: spent.rho for year, spent in ledger.spent().items()}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "ledger.sqlite"


@pytest.fixture
def ledger(path):
    opened = Ledger.open(path)
    yield opened
    opened.close()


def test_an_answer_is_charged_when_reserved(ledger):
    ledger.reserve(charge(), BUDGET)
    assert rhos(ledger) == {2023: 0.1, 2024: 0.1}
    assert ledger.attempt("a1").state is AttemptState.RESERVED


def test_states_follow_one_another(ledger):
    ledger.reserve(charge(), BUDGET)
    ledger.commit("a1", "digest", 10)
    assert ledger.attempt("a1").state is AttemptState.ANSWERED
    ledger.receipt("a1", "release-1", "digest-2")
    ledger.receipt("a1", "release-1", "digest-2")  # told twice: noted once
    assert ledger.attempt("a1").state is AttemptState.RELEASED
    assert ledger.verify().entries == 3


@pytest.mark.parametrize("early", ["commit", "receipt"])
def test_nothing_is_committed_that_was_not_reserved(ledger, early):
    with pytest.raises(ValueError, match="not"):
        getattr(ledger, early)("a1", "x", *([1] if early == "commit" else ["y"]))
    assert ledger.verify().entries == 0


def test_over_budget_is_refused_in_any_year(ledger):
    ledger.reserve(charge(years=(2022,), rho=0.25), BUDGET)
    with pytest.raises(LedgerRefusal) as refusal:
        ledger.reserve(charge("q2", "a2", years=(2022, 2023), rho=0.1), BUDGET)
    assert refusal.value.reason is Refused.BUDGET_SPENT
    ledger.reserve(charge("q3", "a3", years=(2023,), rho=0.1), BUDGET)
    assert rhos(ledger) == {2022: 0.25, 2023: 0.1}


def test_the_same_attempt_is_never_charged_or_drawn_twice(ledger):
    ledger.reserve(charge(), BUDGET)
    with pytest.raises(LedgerRefusal, match=r"^attempt_used$") as refusal:
        ledger.reserve(charge(), BUDGET)
    assert refusal.value.reason is Refused.ATTEMPT_USED


def test_at_most_three_attempts(ledger):
    for number in range(3):
        ledger.reserve(charge(attempt=f"a{number}", rho=0.01), BUDGET)
    with pytest.raises(LedgerRefusal):
        ledger.reserve(charge(attempt="a4", rho=0.01), BUDGET)


def test_a_released_question_is_closed(ledger):
    ledger.reserve(charge(rho=0.01), BUDGET)
    ledger.commit("a1", "digest", 10)
    ledger.receipt("a1", "release-1", "digest")
    with pytest.raises(LedgerRefusal):
        ledger.reserve(charge(attempt="a2", rho=0.01), BUDGET)


def test_a_reservation_whose_release_never_came_stays_spent(path, ledger):
    ledger.reserve(charge(), BUDGET)
    ledger.close()
    again = Ledger.open(path)
    (attempt,) = again.attempts()
    assert attempt.state is AttemptState.RESERVED
    assert rhos(again)[2024] == 0.1


@pytest.mark.parametrize(
    "sql",
    ["update entry set body = '{}' where seq = 1", "delete from entry where seq = 1"],
)
def test_the_database_itself_refuses_changes(path, ledger, sql):
    ledger.reserve(charge(), BUDGET)
    with sqlite3.connect(path) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(sql)


TAMPERING = {
    "changed": "update entry set body = replace(body, '0.01', '0.001') where seq = 2",
    "removed": "delete from entry where seq = 2",
    "reordered": "update entry set seq = case seq when 1 then 2 when 2 then 1 else seq end + 100;"
    "update entry set seq = seq - 100",
    "tail cut": "delete from entry where seq = 3",
    "emptied": "delete from entry",
    "time changed": "update entry set at = '2020-01-01T00:00:00+00:00' where seq = 1",
    "appended": "insert into entry values (4, 'now', 'receipt', '{}', 'x', 'y')",
}


def tamper(path, ledger, how):
    """Three entries, and then what somebody with the file does to them."""
    for number in range(3):
        ledger.reserve(charge(attempt=f"a{number}", rho=0.01), BUDGET)
    ledger.close()
    with sqlite3.connect(path) as other:
        for trigger in ("entry_is_never_changed", "entry_is_never_removed"):
            other.execute(f"drop trigger {trigger}")
        other.executescript(TAMPERING[how])


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_shows(path, ledger, how):
    tamper(path, ledger, how)
    verification = Ledger.read(path).verify()
    assert not verification.ok
    assert verification.first_bad is not None
    with pytest.raises(Problem, match="damaged"):
        Ledger.open(path)


def test_a_missing_head_shows(path, ledger):
    ledger.reserve(charge(), BUDGET)
    path.with_suffix(".head").unlink()
    assert not ledger.verify().ok


def test_a_crash_before_the_first_head_is_not_tampering(path, ledger):
    older = path.with_suffix(".head").read_text()
    ledger.reserve(charge(), BUDGET)
    path.with_suffix(".head").write_text(older)
    ledger.close()
    assert rhos(Ledger.open(path))[2024] == 0.1


def test_a_receipt_for_another_release_is_refused(ledger):
    ledger.reserve(charge(), BUDGET)
    ledger.commit("a1", "digest", 10)
    ledger.receipt("a1", "release-1", "digest-2")
    with pytest.raises(ValueError, match="not answered"):
        ledger.receipt("a1", "release-1", "digest-3")


def test_a_crash_between_database_and_head_is_not_tampering(path, ledger):
    ledger.reserve(charge(), BUDGET)
    older = path.with_suffix(".head").read_text()
    ledger.commit("a1", "digest", 1)
    path.with_suffix(".head").write_text(older)
    assert ledger.verify().ok


def test_kill_9_after_reserve_keeps_the_charge(path):
    code = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from privacy.ledger import Budget, Charge, Ledger
        ledger = Ledger.open(Path({str(path)!r}))
        charge = Charge("q1", "a1", "i", "2024", "all", "m", 0.1, 0.1, (2024,), ("ous",))
        ledger.reserve(charge, Budget(0.3, 0.0, {{"all": 0.3}}))
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    ledger = Ledger.open(path)
    assert rhos(ledger) == {2024: 0.1}
    assert ledger.verify().ok


def _try_to_spend(path, worker):
    ledger = Ledger.open(path)
    try:
        ledger.reserve(charge(f"q{worker}", f"a{worker}", rho=0.1, years=(2024,)), BUDGET)
    except LedgerRefusal:
        os._exit(7)
    os._exit(0)


def test_racing_writers_cannot_overspend(path):
    Ledger.open(path).close()
    context = multiprocessing.get_context("spawn")
    racers = [context.Process(target=_try_to_spend, args=(path, n)) for n in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert sorted(racer.exitcode or 0 for racer in racers) == [0, 0, 0, 7, 7, 7]
    ledger = Ledger.open(path)
    assert rhos(ledger)[2024] <= BUDGET.rho
    assert ledger.verify().ok


def test_no_ledger_is_a_problem_not_a_zero(path):
    with pytest.raises(Problem, match="no ledger"):
        Ledger.read(path)


def test_a_file_that_is_no_ledger_is_refused(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(Problem, match="cannot be read"):
        Ledger.open(path)


def test_ten_times_a_tenth_is_exactly_the_budget(ledger):
    """0.1 ten times is more than 1.0 in binary fractions, and that is what is compared."""
    budget = Budget(rho=1.0, delta=0.0, purposes={"all": 1.0})
    for number in range(9):
        ledger.reserve(charge(f"q{number}", f"a{number}", 0.1, (2024,)), budget)
    with pytest.raises(LedgerRefusal):
        ledger.reserve(charge("q9", "a9", 0.1, (2024,)), budget)


def test_a_purpose_without_a_budget_has_nothing(ledger):
    with pytest.raises(LedgerRefusal) as refusal:
        ledger.reserve(charge(), Budget(rho=1.0, delta=0.0, purposes={"other": 1.0}))
    assert refusal.value.reason is Refused.BUDGET_SPENT


def test_another_process_s_entries_are_seen(path, ledger):
    ledger.reserve(charge(rho=0.2), BUDGET)
    other = Ledger.open(path)
    assert rhos(other)[2024] == 0.2
    other.commit("a1", "digest", 3)
    assert ledger.attempt("a1").state is AttemptState.ANSWERED
    other.close()


def test_an_export_can_be_recomputed_by_anybody(ledger):
    ledger.reserve(charge(), BUDGET)
    ledger.refusal("q2", "a2", "budget_spent")
    before = "0" * 64
    for entry in ledger.entries():
        assert entry.previous == before
        body = json.dumps(entry.body, sort_keys=True, separators=(",", ":"))
        text = json.dumps([entry.seq, entry.at, entry.kind, body, before], separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == entry.hash
        before = entry.hash


def test_approvals_that_governed_are_remembered(path, ledger):
    for serial in (1, 3, 2, 3):
        ledger.note_approval(serial, f"digest-{serial}")
    ledger.close()
    again = Ledger.open(path)
    assert again.approval() == (3, "digest-3")
    assert [e.body["serial"] for e in again.entries()] == [1, 3]
    again.close()


def test_a_ledger_that_was_deleted_is_not_begun_again(path, ledger):
    ledger.reserve(charge(), BUDGET)
    ledger.close()
    path.unlink()
    with pytest.raises(Problem, match="gone, and had 1 entries"):
        Ledger.open(path)


@pytest.mark.parametrize("kind", ["a", "reserve2", "z"])
def test_an_entry_that_cannot_be_read_stops_everything_every_time(path, ledger, kind):
    """An older version of the software must not forget what a newer one has charged."""
    with Chain.open(path, "ledger").writing() as append:
        append(kind, {"rho": 0.3})
    for _ in range(2):
        with pytest.raises(ValueError, match="unknown here"):
            ledger.reserve(charge(), BUDGET)
    assert ledger.verify().entries == 1


def test_a_charge_of_another_shape_stops_everything_too(path, ledger):
    with Chain.open(path, "ledger").writing() as append:
        append("reserve", asdict(charge()) | {"surcharge": 0.1})
    for _ in range(2):
        with pytest.raises(ValueError, match="surcharge"):
            ledger.reserve(charge("q2", "a2"), BUDGET)


def test_its_files_are_for_their_owner_alone(path, ledger):
    ledger.reserve(charge(), BUDGET)
    files = list(path.parent.iterdir())
    assert {file.name for file in files} >= {"ledger.sqlite", "ledger.head", "ledger.sqlite-wal"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_the_database_is_on_disk_before_an_answer_leaves(path):
    opened = Chain.open(path, "ledger")
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2)):
        assert opened._connection.execute(f"pragma {pragma}").fetchone() == (value,)
    opened.close()


def test_the_head_is_on_disk_before_it_takes_the_other_s_place(path, ledger, monkeypatch):
    events = []

    def watched(name, done):
        def call(*arguments, **named):
            events.append((name, *(a.name for a in arguments if isinstance(a, Path))))
            return done(*arguments, **named)

        return call

    monkeypatch.setattr(os, "fsync", watched("fsync", os.fsync))
    monkeypatch.setattr(Path, "replace", watched("replace", Path.replace))
    ledger.reserve(charge(), BUDGET)
    fresh = f"ledger.head.{os.getpid()}"
    assert events == [("fsync",), ("replace", fresh, "ledger.head")]
    assert path.with_suffix(".head").read_text() == f"1 {ledger.entries()[-1].hash}\n"


@pytest.mark.parametrize("mask", [0, 0o022])
def test_its_files_have_exactly_one_mode(path, mask):
    before = os.umask(mask)
    try:
        opened = Ledger.open(path)
        opened.reserve(charge(), BUDGET)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        opened.close()
    finally:
        os.umask(before)
    assert set(modes) >= {"ledger.sqlite", "ledger.head", "ledger.sqlite-wal"}
    assert set(modes.values()) == {0o600}


def test_a_file_that_was_opened_to_others_is_closed_again(path, ledger):
    ledger.close()
    path.chmod(0o666)
    Ledger.open(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


class Failing:
    """A connection whose next commit fails, as on a full disk."""

    def __init__(self, connection):
        self.connection, self.left = connection, 1

    def execute(self, sql, *more):
        if sql == "commit" and self.left:
            self.left -= 1
            raise sqlite3.OperationalError("disk full")
        return self.connection.execute(sql, *more)

    def close(self):
        self.connection.close()


def test_what_cannot_be_written_is_not_charged_and_the_next_is(path, ledger):
    ledger._chain._connection = Failing(ledger._chain._connection)
    with pytest.raises(sqlite3.OperationalError, match="disk full"):
        ledger.reserve(charge(), BUDGET)
    assert ledger.spent() == {}
    assert path.with_suffix(".head").read_text().startswith("0 ")
    ledger.reserve(charge("q2", "a2"), BUDGET)
    assert rhos(ledger)[2024] == 0.1
    assert ledger.verify().ok


def test_a_failure_while_writing_leaves_nothing_behind(path):
    opened = Chain.open(path, "ledger")
    with pytest.raises(KeyError), opened.writing() as append:
        append("refusal", {"reason": "x"})
        raise KeyError
    assert (list(opened.entries()), opened.head()) == ([], (0, "0" * 64))
    with opened.writing() as append:
        append("refusal", {"reason": "y"})
        append("refusal", {"reason": "z"})
    first, second = opened.entries()
    assert (first.seq, second.seq, second.previous) == (1, 2, first.hash)
    assert opened.head() == (2, second.hash)
    assert path.with_suffix(".head").read_text() == f"2 {second.hash}\n"
    assert list(opened.entries(after=1)) == [second]
    assert opened.verify() == Verification(True, 2, None, "every entry follows from the one before")
    opened.close()


FOUND = {
    "changed": (3, 2, "an entry was changed"),
    "removed": (2, 2, "an entry is missing"),
    "tail cut": (2, 3, "the last entries are missing"),
    "emptied": (0, 1, "the last entries are missing"),
    "appended": (4, 4, "an entry was changed"),
}


@pytest.mark.parametrize("how", FOUND)
def test_where_it_was_tampered_with_is_told(path, ledger, how):
    tamper(path, ledger, how)
    entries, first_bad, reason = FOUND[how]
    read = Ledger.read(path)
    assert read.verify() == Verification(False, entries, first_bad, reason)
    read.close()


def test_a_head_of_another_entry_shows(path, ledger):
    ledger.reserve(charge(), BUDGET)
    head = path.with_suffix(".head")
    true = head.read_text()
    head.write_text(f"1 {'f' * 64}\n")
    assert ledger.verify() == Verification(False, 1, 1, "the head file names another entry")
    head.write_text(true.replace("1 ", "one ", 1))
    assert ledger.verify() == Verification(False, 1, 1, "the head file is missing or broken")


def test_a_log_without_its_table_is_unreadable(path, ledger):
    with sqlite3.connect(path) as other:
        other.execute("drop table entry")
    assert ledger.verify() == Verification(False, 0, 1, "unreadable (no such table: entry)")


def test_a_log_that_never_had_an_entry_is_begun_again(path, ledger):
    ledger.close()
    path.unlink()
    again = Ledger.open(path)
    assert again.verify() == Verification(True, 0, None, "every entry follows from the one before")
    again.close()


def test_a_ledger_that_is_only_read_cannot_be_written(path, ledger):
    ledger.reserve(charge(), BUDGET)
    read = Ledger.read(path)
    assert rhos(read)[2024] == 0.1
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        read.commit("a1", "digest", 1)
    read.close()


def test_entries_are_never_earlier_than_the_one_before(ledger, monkeypatch):
    assert ledger.last_entry_at() is None
    for now in ("2030-01-02", "2030-01-01", "2030-01-03"):
        monkeypatch.setattr(chain, "_now", lambda now=now: now)
        ledger.refusal("q", "a", "busy")
    assert [entry.at for entry in ledger.entries()] == ["2030-01-02", "2030-01-02", "2030-01-03"]
    assert ledger.last_entry_at() == "2030-01-03"


def test_the_budget_may_be_used_up_and_not_exceeded(ledger):
    """To the last bit, in rho and delta, of the whole and of the purpose."""
    budget = Budget(rho=0.5, delta=2**-20, purposes={"all": 0.25})
    exactly = replace(charge(rho=0.25), delta=2**-21)
    ledger.reserve(exactly, budget)
    assert not ledger.fits(charge("q2", "a2", rho=5e-324), budget)
    full = replace(budget, purposes={"all": 9.0})
    assert ledger.fits(charge("q2", "a2", rho=0.25), full)
    assert not ledger.fits(charge("q2", "a2", rho=math.nextafter(0.25, 1)), full)
    rest = replace(charge("q2", "a2", rho=0.0), delta=2**-21)
    assert not ledger.fits(replace(rest, delta=math.nextafter(2**-21, 1)), full)
    ledger.reserve(rest, full)
    assert ledger.spent()[2024].delta == 2**-20
    assert not ledger.fits(replace(charge("q3", "a3", rho=0.0), delta=5e-324), full)
    assert ledger.fits(charge("q3", "a3", rho=0.0), full)


def test_purposes_are_added_up_by_themselves(ledger):
    budget = Budget(rho=1.0, delta=0.0, purposes={"b": 0.5, "a": 0.5})
    for number, purpose in enumerate(("b", "a", "b")):
        asked = charge(f"q{number}", f"a{number}", rho=0.25, years=(2024,))
        ledger.reserve(replace(asked, purpose=purpose), budget)
    assert ledger.spent()[2024].purposes == {"a": 0.25, "b": 0.5}
    assert list(ledger.spent()[2024].purposes) == ["a", "b"]
    assert not ledger.fits(replace(charge("q3", "a3", rho=0.25), purpose="b"), budget)
    assert ledger.fits(replace(charge("q3", "a3", rho=0.25), purpose="a"), budget)


def test_three_attempts_and_not_a_fourth_of_another_question(ledger):
    for question in ("q1", "q2"):
        for number in range(3):
            ledger.reserve(charge(question, f"{question}a{number}", rho=0.01), BUDGET)
    with pytest.raises(LedgerRefusal) as refusal:
        ledger.reserve(charge("q1", "q1a3", rho=0.01), BUDGET)
    assert refusal.value.reason is Refused.ATTEMPT_USED


def test_an_answer_is_noted_with_what_people_look_for(ledger):
    ledger.reserve(charge(), BUDGET)
    ledger.commit("a1", "digest", 10)
    with pytest.raises(ValueError, match="not reserved"):
        ledger.commit("a1", "digest", 10)
    ledger.receipt("a1", "release-1", "digest-2")
    (attempt,) = ledger.attempts()
    told = (attempt.answer_digest, attempt.release_id, attempt.release_digest)
    assert told == ("digest", "release-1", "digest-2")
    assert attempt.reserved_at == ledger.entries()[0].at
    with pytest.raises(FrozenInstanceError):
        attempt.state = AttemptState.RESERVED


def test_a_purpose_without_a_budget_may_still_cost_nothing(ledger):
    nothing = Budget(rho=1.0, delta=0.0, purposes={})
    assert ledger.fits(charge(rho=0.0), nothing)
    assert not ledger.fits(charge(rho=5e-324), nothing)


def test_a_log_that_was_closed_is_closed(path):
    opened = Chain.open(path, "ledger")
    opened.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened.head()


def test_what_is_no_number_is_not_written(path):
    opened = Chain.open(path, "ledger")
    with pytest.raises(ValueError, match="JSON"), opened.writing() as append:
        append("refusal", {"reason": math.nan})
    assert opened.head() == (0, "0" * 64)
    opened.close()


def test_an_older_decision_is_not_believed_even_if_it_was_written(path, ledger):
    with Chain.open(path, "ledger").writing() as append:
        for serial in (3, 1):
            append("approval", {"serial": serial, "digest": f"digest-{serial}"})
    assert ledger.approval() == (3, "digest-3")


def test_a_refusal_is_noted(ledger):
    ledger.refusal("q1", "a1", "busy")
    (entry,) = ledger.entries()
    told = {"question_id": "q1", "attempt_id": "a1", "reason": "busy"}
    assert (entry.kind, entry.body) == ("refusal", told)
    assert ledger.refusals() == [(entry.at, "busy")]


def test_its_folder_is_made_however_deep(tmp_path):
    for _ in range(2):
        Ledger.open(tmp_path / "site" / "state" / "ledger.sqlite").close()
