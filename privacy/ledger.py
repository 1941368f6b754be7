"""The site's durable account of what it has answered: append-only, hash-chained, SQLite in WAL.

Order of events for one answer: `reserve` (charged from here on, whatever happens next) -> noise is
drawn -> `commit` (the bytes about to leave) -> the bytes leave -> `receipt` (they went into a
release). A crash after `reserve` leaves the charge standing and the attempt unusable.

Each entry's hash covers the one before it; the last hash is also kept in a file beside the
database, so that cutting off the tail shows as well.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from privacy.problem import Problem

MAX_ATTEMPTS = 3
_GENESIS = "0" * 64
_SCHEMA = """
create table if not exists entry (
    seq integer primary key,
    at text not null,
    kind text not null,
    body text not null,
    previous text not null,
    hash text not null
) strict;
create trigger if not exists entry_is_never_changed before update on entry
begin select raise(abort, 'the ledger is append-only'); end;
create trigger if not exists entry_is_never_removed before delete on entry
begin select raise(abort, 'the ledger is append-only'); end;
"""


class Refused(StrEnum):
    """Why the ledger will not take a charge. None of it depends on a record."""

    BUDGET_SPENT = "budget_spent"
    ATTEMPT_USED = "attempt_used"


class LedgerRefusal(Exception):
    def __init__(self, reason: Refused) -> None:
        super().__init__(reason.value)
        self.reason = reason


class AttemptState(StrEnum):
    """Where an attempt stands. All three are spent."""

    RESERVED = "reserved"  # charged; no answer left the site
    ANSWERED = "answered"  # the answer left; no release is known
    RELEASED = "released"  # the coordinator named the release it went into


@dataclass(frozen=True)
class Charge:
    """What one attempt costs a person, in zCDP, in each of `years`.

    rho: the whole federation's cost, which this site charges; rho_site: its own part of it.
    """

    question_id: str
    attempt_id: str
    indicator: str
    period: str
    rho: float
    rho_site: float
    years: tuple[int, ...]


@dataclass(frozen=True)
class Attempt:
    """One line of the account, as people read it."""

    charge: Charge
    reserved_at: str
    state: AttemptState
    answer_digest: str | None
    release_id: str | None
    release_digest: str | None


@dataclass(frozen=True)
class Verification:
    """Outcome of reading the whole chain. first_bad: seq of the first entry that does not fit."""

    ok: bool
    entries: int
    first_bad: int | None
    reason: str


class Ledger:
    """One site's ledger. Open it with `Ledger.open`; one process writes, others may read."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> "Ledger":
        """Open or create the ledger, and refuse one whose chain is broken."""
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        try:
            connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            connection.executescript(_SCHEMA)
            path.chmod(0o600)
            if is_new:
                # A head that names no entry: from here on a missing head is a sign of damage.
                _write_head(path, 0, _GENESIS)
        except sqlite3.Error as error:
            raise _unreadable(path, error) from None
        ledger = cls(path, connection)
        verification = ledger.verify()
        if not verification.ok:
            raise Problem(
                f"the ledger is damaged at entry {verification.first_bad}: {verification.reason}",
                str(path),
                "Restore it from backup; nothing is answered until it verifies.",
            )
        return ledger

    @classmethod
    def read(cls, path: Path) -> "Ledger":
        """Open an existing ledger for reading only, damaged or not."""
        if not path.is_file():
            raise Problem(
                "this site has no ledger yet", str(path), "It is made when the site agent starts."
            )
        try:
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            connection.execute("select count(*) from entry")
        except sqlite3.Error as error:
            raise _unreadable(path, error) from None
        return cls(path, connection)

    def close(self) -> None:
        self._connection.close()

    def reserve(self, charge: Charge, budget: float) -> None:
        """Charge an attempt in full, before anything is computed.

        budget: most rho that one person may lose in any one data-year. Raises LedgerRefusal.
        """
        with self._writing() as append:
            attempts = self.attempts()
            same = [a for a in attempts if a.charge.question_id == charge.question_id]
            used = any(a.charge.attempt_id == charge.attempt_id for a in same)
            closed = any(a.state is AttemptState.RELEASED for a in same)
            if used or closed or len(same) >= MAX_ATTEMPTS:
                raise LedgerRefusal(Refused.ATTEMPT_USED)
            spent = _spent(attempts)
            if any(spent.get(year, 0.0) + charge.rho > budget for year in charge.years):
                raise LedgerRefusal(Refused.BUDGET_SPENT)
            append("reserve", asdict(charge))

    def commit(self, attempt_id: str, answer_digest: str, size: int) -> None:
        """Note the bytes that are about to leave. Raises ValueError if nothing was reserved."""
        with self._writing() as append:
            self._expect(attempt_id, AttemptState.RESERVED)
            append("commit", {"attempt_id": attempt_id, "digest": answer_digest, "size": size})

    def receipt(self, attempt_id: str, release_id: str, release_digest: str) -> None:
        """Note the release an answer went into; it closes the question. Idempotent."""
        with self._writing() as append:
            attempt = self.attempt(attempt_id)
            named = (release_id, release_digest)
            if attempt is not None and (attempt.release_id, attempt.release_digest) == named:
                return
            self._expect(attempt_id, AttemptState.ANSWERED)
            body = {"attempt_id": attempt_id, "release_id": release_id, "digest": release_digest}
            append("receipt", body)

    def refusal(self, question_id: str, attempt_id: str, reason: str) -> None:
        """Note that a question was refused, and why (a closed vocabulary, no data)."""
        with self._writing() as append:
            body = {"question_id": question_id, "attempt_id": attempt_id, "reason": reason}
            append("refusal", body)

    def attempt(self, attempt_id: str) -> Attempt | None:
        return next((a for a in self.attempts() if a.charge.attempt_id == attempt_id), None)

    def refusals(self) -> list[tuple[str, str]]:
        """(time, reason) of every refusal."""
        return [(at, body["reason"]) for at, kind, body in self._entries() if kind == "refusal"]

    def spent(self) -> dict[int, float]:
        """rho charged so far, by data-year."""
        return _spent(self.attempts())

    def verify(self) -> Verification:
        """Recompute the chain from the first entry to the last, and compare with the head file.

        The head is read first: entries that are added meanwhile only make it the older of the two.
        """
        head_at = _read_head(self._path)
        try:
            rows = self._connection.execute(
                "select seq, at, kind, body, previous, hash from entry order by seq"
            ).fetchall()
        except sqlite3.Error as error:
            return Verification(False, 0, 1, f"unreadable ({error})")
        hashes, broken = _chain(rows)
        if broken:
            return Verification(False, len(rows), len(hashes), broken)
        if head_at is None:
            return Verification(False, len(rows), len(rows), "the head file is missing or broken")
        count, head = head_at
        if count >= len(hashes):
            return Verification(False, len(rows), len(hashes), "the last entries are missing")
        if hashes[count] != head:
            return Verification(False, len(rows), count, "the head file names another entry")
        return Verification(True, len(rows), None, "every entry follows from the one before")

    @contextmanager
    def _writing(self) -> Generator[Callable[[str, dict[str, Any]], None]]:
        """One writer at a time: everything read inside is still true when the entry is added."""
        added: list[tuple[int, str]] = []

        def append(kind: str, body: dict[str, Any]) -> None:
            last = self._connection.execute(
                "select seq, hash from entry order by seq desc limit 1"
            ).fetchone()
            seq, previous = (last[0] + 1, last[1]) if last else (1, _GENESIS)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
            digest = _hash(seq, at, kind, text, previous)
            self._connection.execute(
                "insert into entry values (?, ?, ?, ?, ?, ?)",
                (seq, at, kind, text, previous, digest),
            )
            added.append((seq, digest))

        self._connection.execute("begin immediate")
        try:
            yield append
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")
        if added:
            _write_head(self._path, *added[-1])

    def _entries(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for at, kind, body in self._connection.execute(
            "select at, kind, body from entry order by seq"
        ):
            yield at, kind, json.loads(body)

    def attempts(self) -> list[Attempt]:
        """Every attempt in the order it was reserved."""
        found: dict[str, Attempt] = {}
        for at, kind, body in self._entries():
            if kind == "reserve":
                charge = _charge(body)
                found[charge.attempt_id] = Attempt(
                    charge, at, AttemptState.RESERVED, None, None, None
                )
            elif kind == "commit":
                found[body["attempt_id"]] = replace(
                    found[body["attempt_id"]],
                    state=AttemptState.ANSWERED,
                    answer_digest=body["digest"],
                )
            elif kind == "receipt":
                found[body["attempt_id"]] = replace(
                    found[body["attempt_id"]],
                    state=AttemptState.RELEASED,
                    release_id=body["release_id"],
                    release_digest=body["digest"],
                )
        return list(found.values())

    def _expect(self, attempt_id: str, state: AttemptState) -> None:
        attempt = self.attempt(attempt_id)
        if attempt is None or attempt.state is not state:
            raise ValueError(f"the attempt is not {state.value}")


def _head_path(ledger: Path) -> Path:
    return ledger.with_suffix(".head")


def _write_head(ledger: Path, seq: int, digest: str) -> None:
    head = _head_path(ledger)
    fresh = head.with_suffix(f".head.{os.getpid()}")
    with fresh.open("w") as file:
        file.write(f"{seq} {digest}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(head)


def _read_head(ledger: Path) -> tuple[int, str] | None:
    """An older head is a crash between the two writes; a newer one is a cut tail."""
    try:
        count, digest = _head_path(ledger).read_text().split()
        return int(count), digest
    except (OSError, ValueError):
        return None


def _chain(rows: list[tuple[int, str, str, str, str, str]]) -> tuple[list[str], str]:
    """Hashes of the entries that follow from one another, and what is wrong with the next one."""
    hashes = [_GENESIS]
    for expected, (seq, at, kind, body, before, digest) in enumerate(rows, start=1):
        if seq != expected:
            return hashes, "an entry is missing"
        if before != hashes[-1] or digest != _hash(seq, at, kind, body, before):
            return hashes, "an entry was changed"
        hashes.append(digest)
    return hashes, ""


def _hash(seq: int, at: str, kind: str, body: str, previous: str) -> str:
    text = json.dumps([seq, at, kind, body, previous], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _charge(body: dict[str, Any]) -> Charge:
    return Charge(
        question_id=body["question_id"],
        attempt_id=body["attempt_id"],
        indicator=body["indicator"],
        period=body["period"],
        rho=body["rho"],
        rho_site=body["rho_site"],
        years=tuple(body["years"]),
    )


def _spent(attempts: list[Attempt]) -> dict[int, float]:
    spent: dict[int, float] = {}
    for attempt in attempts:
        for year in attempt.charge.years:
            spent[year] = spent.get(year, 0.0) + attempt.charge.rho
    return spent


def _unreadable(path: Path, error: Exception) -> Problem:
    return Problem(
        f"the ledger cannot be read: {error}",
        str(path),
        "Check permissions and disk; restore it from backup. Nothing is answered until it opens.",
    )
