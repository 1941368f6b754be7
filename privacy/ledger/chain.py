"""A log that shows every change: append-only SQLite in WAL mode, each entry's hash over the last.

The hash of the last entry is kept in a file beside the database as well, so that cutting off the
tail shows too. One process writes at a time; others may read meanwhile.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from privacy.problem import Problem

GENESIS = "0" * 64
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
begin select raise(abort, 'the log is append-only'); end;
create trigger if not exists entry_is_never_removed before delete on entry
begin select raise(abort, 'the log is append-only'); end;
"""

Append = Callable[[str, dict[str, Any]], None]
"""(kind, body): one entry at the end."""


@dataclass(frozen=True)
class Entry:
    """at: UTC, ISO 8601. body: JSON object. hash: over all the rest, `previous` included."""

    seq: int
    at: str
    kind: str
    body: dict[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True)
class Verification:
    """Outcome of reading the whole chain. first_bad: seq of the first entry that does not fit."""

    ok: bool
    entries: int
    first_bad: int | None
    reason: str


class Chain:
    """One log. Open it with `Chain.open` for writing, with `Chain.read` for looking at it.

    name: what it is called where a person has to mend it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, name: str) -> None:
        self.path = path
        self.name = name
        self._connection = connection

    @classmethod
    def open(cls, path: Path, name: str) -> "Chain":
        """Open or create the log, and refuse one whose chain is broken. Raises Problem."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _begin(path, name)
        path.touch(mode=0o600)  # before SQLite does: what it puts beside it has the same mode
        try:
            connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            connection.executescript(_SCHEMA)
            path.chmod(0o600)
        except sqlite3.Error as error:
            raise _unreadable(path, name, error) from None
        chain = cls(path, connection, name)
        verification = chain.verify()
        if not verification.ok:
            connection.close()
            raise Problem(
                f"the {name} is damaged at entry {verification.first_bad}: {verification.reason}",
                str(path),
                "Restore it from backup; nothing is answered until it verifies.",
            )
        return chain

    @classmethod
    def read(cls, path: Path, name: str) -> "Chain":
        """Open an existing log for reading only, damaged or not. Raises Problem."""
        if not path.is_file():
            raise Problem(
                f"this site has no {name} yet", str(path), "It is made when the site agent starts."
            )
        try:
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            connection.execute("select count(*) from entry")
        except sqlite3.Error as error:
            raise _unreadable(path, name, error) from None
        return cls(path, connection, name)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Generator[Append]:
        """One writer at a time: everything read inside is still true when the entry is added."""
        added: list[tuple[int, str]] = []

        def append(kind: str, body: dict[str, Any]) -> None:
            last = self._connection.execute(
                "select seq, hash, at from entry order by seq desc limit 1"
            ).fetchone()
            seq, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
            # Never before the entry it follows: a clock set back would be believed from then on.
            at = max(_now(), last[2]) if last else _now()
            text = _text(body)
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
        try:
            self._connection.execute("commit")
        except sqlite3.Error:
            self._connection.execute("rollback")
            raise
        if added:
            _write_head(self.path, *added[-1])

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Entries in their order, those behind number `after`."""
        for seq, at, kind, body, previous, digest in self._connection.execute(
            "select seq, at, kind, body, previous, hash from entry where seq > ? order by seq",
            (after,),
        ):
            yield Entry(seq, at, kind, json.loads(body), previous, digest)

    def head(self) -> tuple[int, str]:
        """(number, hash) of the last entry."""
        last = self._connection.execute(
            "select seq, hash from entry order by seq desc limit 1"
        ).fetchone()
        return (last[0], last[1]) if last else (0, GENESIS)

    def verify(self) -> Verification:
        """Recompute the chain from the first entry to the last, and compare with the head file.

        The head is read first: entries that are added meanwhile only make it the older of the two.
        """
        head_at = _read_head(self.path)
        try:
            rows = self._connection.execute(
                "select seq, at, kind, body, previous, hash from entry order by seq"
            ).fetchall()
        except sqlite3.Error as error:
            return Verification(False, 0, 1, f"unreadable ({error})")
        hashes, broken = _follow(rows)
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _begin(path: Path, name: str) -> None:
    """A head that names no entry, before there is a log: from here on one that is missing is a
    sign of damage, and so is a log that is missing beside a head that names an entry.
    """
    head_at = _read_head(path)
    if head_at is not None and head_at[0] > 0:
        raise Problem(
            f"the {name} is gone, and had {head_at[0]} entries",
            str(path),
            "Restore it from backup: a new one would forget what has been spent.",
        )
    _write_head(path, 0, GENESIS)


def _head_path(path: Path) -> Path:
    return path.with_suffix(".head")


def _write_head(path: Path, seq: int, digest: str) -> None:
    head = _head_path(path)
    fresh = head.with_suffix(f".head.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{seq} {digest}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(head)


def _read_head(path: Path) -> tuple[int, str] | None:
    """An older head is a crash between the two writes; a newer one is a cut tail."""
    try:
        count, digest = _head_path(path).read_text().split()
        return int(count), digest
    except (OSError, ValueError):
        return None


def _follow(rows: list[tuple[int, str, str, str, str, str]]) -> tuple[list[str], str]:
    """Hashes of the entries that follow from one another, and what is wrong with the next one."""
    hashes = [GENESIS]
    for expected, (seq, at, kind, body, before, digest) in enumerate(rows, start=1):
        if seq != expected:
            return hashes, "an entry is missing"
        if before != hashes[-1] or digest != _hash(seq, at, kind, body, before):
            return hashes, "an entry was changed"
        hashes.append(digest)
    return hashes, ""


def entry_hash(seq: int, at: str, kind: str, body: dict[str, Any], previous: str) -> str:
    """What an entry's `hash` has to be."""
    return _hash(seq, at, kind, _text(body), previous)


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(seq: int, at: str, kind: str, body: str, previous: str) -> str:
    text = json.dumps([seq, at, kind, body, previous], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _unreadable(path: Path, name: str, error: Exception) -> Problem:
    return Problem(
        f"the {name} cannot be read: {error}",
        str(path),
        "Check permissions and disk; restore it from backup. Nothing is answered until it opens.",
    )
