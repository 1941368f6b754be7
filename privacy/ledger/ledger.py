"""The site's durable account of what it has answered.

Order of events for one answer: `reserve` (charged from here on, whatever happens next) -> noise is
drawn -> `commit` (the bytes about to leave) -> the bytes leave -> `receipt` (they went into a
release). A crash after `reserve` leaves the charge standing and the attempt unusable.

Budgets are of data-years, not of calendar years: what is charged is the year whose records can
change an answer. So nothing happens at the turn of the year, except that a new data-year begins
with its whole budget; and what is asked late about an old year is still paid by that year. A
revised delivery leads to a new edition of a question: new noise over the same data-years, charged
in full once more.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

from privacy.accounting.composition import Loss
from privacy.ledger.account import (
    Account,
    Attempt,
    AttemptState,
    Budget,
    Charge,
    Noted,
    Spending,
)
from privacy.ledger.chain import Chain, Entry, Verification
from privacy.ledger.shared import Forked, SharedEntry

MAX_ATTEMPTS = 3
NAME = "ledger"


class Refused(StrEnum):
    """Why the ledger will not take a charge. None of it depends on a record."""

    BUDGET_SPENT = "budget_spent"
    ATTEMPT_USED = "attempt_used"


class LedgerRefusal(Exception):
    def __init__(self, reason: Refused) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Ledger:
    """One site's ledger. Open it with `Ledger.open`; one process writes, others may read."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._account = Account()

    @classmethod
    def open(cls, path: Path) -> "Ledger":
        """Open or create the ledger, and refuse one whose chain is broken. Raises Problem."""
        return cls(Chain.open(path, NAME))

    @classmethod
    def read(cls, path: Path) -> "Ledger":
        """Open an existing ledger for reading only, damaged or not. Raises Problem."""
        return cls(Chain.read(path, NAME))

    def close(self) -> None:
        self._chain.close()

    def reserve(self, charge: Charge, budget: Budget) -> None:
        """Charge an attempt in full, before anything is computed. Raises LedgerRefusal."""
        with self._chain.writing() as append:
            account = self._now()
            same = account.of_question.get(charge.question_id, [])
            closed = any(account.attempts[a].state is AttemptState.RELEASED for a in same)
            if charge.attempt_id in account.attempts or closed or len(same) >= MAX_ATTEMPTS:
                raise LedgerRefusal(Refused.ATTEMPT_USED)
            if not account.fits(charge, budget):
                raise LedgerRefusal(Refused.BUDGET_SPENT)
            append("reserve", asdict(charge))

    def commit(self, attempt_id: str, answer_digest: str, size: int) -> None:
        """Note the bytes that are about to leave. Raises ValueError if nothing was reserved."""
        with self._chain.writing() as append:
            self._expect(attempt_id, AttemptState.RESERVED)
            append("commit", {"attempt_id": attempt_id, "digest": answer_digest, "size": size})

    def receipt(self, attempt_id: str, release_id: str, release_digest: str) -> None:
        """Note the release an answer went into; it closes the question. Idempotent."""
        with self._chain.writing() as append:
            attempt = self.attempt(attempt_id)
            named = (release_id, release_digest)
            if attempt is not None and (attempt.release_id, attempt.release_digest) == named:
                return
            self._expect(attempt_id, AttemptState.ANSWERED)
            body = {"attempt_id": attempt_id, "release_id": release_id, "digest": release_digest}
            append("receipt", body)

    def refusal(self, question_id: str, attempt_id: str, reason: str) -> None:
        """Note that a question was refused, and why (a closed vocabulary, no data)."""
        with self._chain.writing() as append:
            body = {"question_id": question_id, "attempt_id": attempt_id, "reason": reason}
            append("refusal", body)

    def note_approval(self, serial: int, digest: str) -> None:
        """Note the approval that governs from here on; older ones are never believed again."""
        with self._chain.writing() as append:
            if serial > self._now().approval[0]:
                append("approval", {"serial": serial, "digest": digest})

    def approval(self) -> tuple[int, str]:
        """Serial and digest of the newest decision that has been noted; (0, "") if none."""
        return self._now().approval

    def note_assessment(self, number: int, digest: str) -> None:
        """Note the newest of the site's assessments; a log without it is never believed again."""
        with self._chain.writing() as append:
            if number > self._now().assessment[0]:
                append("assessment", {"number": number, "digest": digest})

    def assessment(self) -> tuple[int, str]:
        """Number and digest of the newest assessment that has been noted; (0, "") if none."""
        return self._now().assessment

    def note_shared(
        self, entries: Iterable[SharedEntry], purpose_of: Callable[[str], str], budget: Budget
    ) -> list[Noted]:
        """Add what is new of the global ledger, and charge what `budget` has room for.

        purpose_of: the site's purpose, by indicator. Returns how each of `entries` stands here, as
        far as they join on to what is known. Raises Forked for an entry that contradicts it.
        """
        noted: list[Noted] = []
        for entry in entries:
            with self._chain.writing() as append:
                account = self._now()
                known = account.shared
                if entry.seq > len(known) + 1:
                    return noted
                if entry.seq <= len(known):
                    if known[entry.seq - 1].entry != entry:
                        raise Forked
                    noted.append(known[entry.seq - 1])
                    continue
                if entry.previous != account.shared_head or not entry.is_whole:
                    raise Forked
                told, purpose = entry.body, purpose_of(entry.body.indicator)
                agreed = account.has_room(told.attempt_id, told.loss, told.years, purpose, budget)
                noted.append(Noted(entry, purpose, agreed))
                body = {"entry": entry.model_dump(mode="json"), "purpose": purpose}
                append("shared", {**body, "agreed": agreed})
        return noted

    def shared(self) -> list[Noted]:
        """The global ledger as far as it is known here."""
        return list(self._now().shared)

    def announced(self, attempt_id: str) -> Noted | None:
        """The last entry about this attempt in the global ledger, as far as it is known here."""
        return self._now().announced.get(attempt_id)

    def losses(self) -> list[Loss]:
        """What each attempt cost a person, of this site or announced: each once."""
        return list(self._now().losses.values())

    def fits(self, charge: Charge, budget: Budget) -> bool:
        """Whether `budget` has room for `charge`, as things stand."""
        return self._now().fits(charge, budget)

    def attempt(self, attempt_id: str) -> Attempt | None:
        return self._now().attempts.get(attempt_id)

    def attempts(self) -> list[Attempt]:
        """Every attempt in the order it was reserved."""
        return list(self._now().attempts.values())

    def refusals(self) -> list[tuple[str, str]]:
        """(time, reason) of every refusal."""
        return list(self._now().refusals)

    def spent(self) -> dict[int, Spending]:
        """What has been charged so far, by data-year."""
        return self._now().spent()

    def entries(self) -> list[Entry]:
        """The whole chain, as it is stored."""
        return list(self._chain.entries())

    def last_entry_at(self) -> str | None:
        """Time of the last entry, ISO 8601."""
        number, _ = self._chain.head()
        return next((e.at for e in self._chain.entries(after=number - 1)), None)

    def verify(self) -> Verification:
        """Recompute the chain from the first entry to the last."""
        return self._chain.verify()

    def _now(self) -> Account:
        """The account with every entry there is: only what was added since is read."""
        for entry in self._chain.entries(after=self._account.last_seq):
            self._account.add(entry)
        return self._account

    def _expect(self, attempt_id: str, state: AttemptState) -> None:
        attempt = self.attempt(attempt_id)
        if attempt is None or attempt.state is not state:
            raise ValueError(f"the attempt is not {state.value}")
