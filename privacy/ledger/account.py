"""What the entries of a ledger add up to: attempts, and what persons have lost by data-year.

Sums are exact (rational) and compared exactly: no budget is overrun by rounding.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from privacy.accounting.composition import Loss
from privacy.ledger.chain import GENESIS, Entry
from privacy.ledger.shared import SharedEntry
from privacy.mechanisms.rounding import up


class AttemptState(StrEnum):
    """Where an attempt stands. All three are spent."""

    RESERVED = "reserved"  # charged; no answer left the site
    ANSWERED = "answered"  # the answer left; no release is known
    RELEASED = "released"  # the coordinator named the release it went into


@dataclass(frozen=True)
class Charge:
    """What one attempt costs a person, in each of `years`.

    rho, delta: the whole federation's cost, which this site charges, as delta-approximate zCDP;
    pure: epsilon of a mechanism that is (epsilon, delta)-DP by nature. rho_site: this site's own
    part of rho. purpose: under which of the policy's purposes. mechanism: name, for readers.
    roster: ids of the sites asked.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    question_id: str
    attempt_id: str
    indicator: str
    period: str
    purpose: str
    mechanism: str
    rho: float
    rho_site: float
    years: tuple[int, ...]
    roster: tuple[str, ...]
    delta: float = 0.0
    pure: float | None = None

    @property
    def loss(self) -> Loss:
        return Loss(self.rho, self.delta, self.pure)


_CHARGE = TypeAdapter(Charge)
"""A charge as it stands in an entry's body."""


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
class Budget:
    """Most that one person may lose in any one data-year.

    rho, delta: over every purpose and coordinator. purposes: rho of each purpose by itself; one
    that is not named has nothing.
    """

    rho: float
    delta: float
    purposes: Mapping[str, float]


@dataclass(frozen=True)
class Spending:
    """What has been charged to one data-year, rounded up."""

    rho: float
    delta: float
    purposes: Mapping[str, float]


@dataclass
class _Year:
    rho: Fraction = Fraction(0)
    delta: Fraction = Fraction(0)
    purposes: dict[str, Fraction] = field(default_factory=dict[str, Fraction])


@dataclass(frozen=True)
class Noted:
    """An entry of the global ledger, as this site has it.

    purpose: of this site's policy. agreed: charged here, and signed; else it was declined.
    """

    entry: SharedEntry
    purpose: str
    agreed: bool


_NOTED = TypeAdapter(Noted)


class Account:
    """The state that a ledger's entries lead to; fed one entry after another.

    An attempt that was announced is charged once: at what the global ledger says, or at what this
    site was charged for its own answer, whichever is more.
    """

    def __init__(self) -> None:
        self.last_seq = 0
        self.attempts: dict[str, Attempt] = {}
        self.of_question: dict[str, list[str]] = {}
        self.refusals: list[tuple[str, str]] = []
        """(time, reason)"""
        self.approval = (0, "")
        """Highest serial that has been noted, and the decision's digest."""
        self.assessment = (0, "")
        """Highest number that has been noted in the log of assessments, and the entry's digest."""
        self.losses: dict[str, Loss] = {}
        """By attempt, of this site or announced."""
        self.shared: list[Noted] = []
        """The global ledger as far as it is known here: number n at n - 1."""
        self.announced: dict[str, Noted] = {}
        """By attempt; the last entry about it."""
        self._years: dict[int, _Year] = {}
        self._charged: dict[tuple[str, int], tuple[Fraction, Fraction]] = {}

    @property
    def shared_head(self) -> str:
        """Hash of the last entry of the global ledger that is known here."""
        return self.shared[-1].entry.hash if self.shared else GENESIS

    def add(self, entry: Entry) -> None:
        """Raises ValueError for an entry of a kind or shape this version does not know."""
        body = entry.body
        if entry.kind == "reserve":
            charge = _CHARGE.validate_python(body)
            self.attempts[charge.attempt_id] = Attempt(
                charge, entry.at, AttemptState.RESERVED, None, None, None
            )
            self.of_question.setdefault(charge.question_id, []).append(charge.attempt_id)
            self._charge(charge.attempt_id, charge.loss, charge.years, charge.purpose)
        elif entry.kind == "commit":
            attempt = self.attempts[body["attempt_id"]]
            self.attempts[body["attempt_id"]] = replace(
                attempt, state=AttemptState.ANSWERED, answer_digest=body["digest"]
            )
        elif entry.kind == "receipt":
            attempt = self.attempts[body["attempt_id"]]
            self.attempts[body["attempt_id"]] = replace(
                attempt,
                state=AttemptState.RELEASED,
                release_id=body["release_id"],
                release_digest=body["digest"],
            )
        elif entry.kind == "refusal":
            self.refusals.append((entry.at, body["reason"]))
        elif entry.kind == "approval":
            if body["serial"] > self.approval[0]:
                self.approval = (body["serial"], body["digest"])
        elif entry.kind == "assessment":
            if body["number"] > self.assessment[0]:
                self.assessment = (body["number"], body["digest"])
        elif entry.kind == "shared":
            noted = _NOTED.validate_python(body)
            told = noted.entry.body
            self.shared.append(noted)
            self.announced[told.attempt_id] = noted
            if noted.agreed:
                self._charge(told.attempt_id, told.loss, tuple(told.years), noted.purpose)
        else:
            raise ValueError(f"the ledger has an entry of a kind unknown here: {entry.kind}")
        self.last_seq = entry.seq

    def fits(self, charge: Charge, budget: Budget) -> bool:
        """Whether `charge` leaves every one of its data-years within `budget`."""
        return self.has_room(charge.attempt_id, charge.loss, charge.years, charge.purpose, budget)

    def has_room(
        self, attempt_id: str, loss: Loss, years: Iterable[int], purpose: str, budget: Budget
    ) -> bool:
        """The same of an attempt that is only announced."""
        of_purpose = Fraction(budget.purposes.get(purpose, 0.0))
        for year in years:
            spent = self._years.get(year, _Year())
            rho, delta = self._more(attempt_id, loss, year)
            if (
                spent.rho + rho > Fraction(budget.rho)
                or spent.delta + delta > Fraction(budget.delta)
                or spent.purposes.get(purpose, Fraction(0)) + rho > of_purpose
            ):
                return False
        return True

    def spent(self) -> dict[int, Spending]:
        """By data-year, in their order."""
        return {
            year: Spending(
                up(spent.rho),
                up(spent.delta),
                {name: up(rho) for name, rho in sorted(spent.purposes.items())},
            )
            for year, spent in sorted(self._years.items())
        }

    def _charge(self, attempt_id: str, loss: Loss, years: Iterable[int], purpose: str) -> None:
        for year in years:
            spent = self._years.setdefault(year, _Year())
            rho, delta = self._more(attempt_id, loss, year)
            spent.rho += rho
            spent.delta += delta
            spent.purposes[purpose] = spent.purposes.get(purpose, Fraction(0)) + rho
            before = self._charged.get((attempt_id, year), (Fraction(0), Fraction(0)))
            self._charged[attempt_id, year] = (before[0] + rho, before[1] + delta)
        known = self.losses.get(attempt_id)
        self.losses[attempt_id] = loss if known is None else _larger(known, loss)

    def _more(self, attempt_id: str, loss: Loss, year: int) -> tuple[Fraction, Fraction]:
        """(rho, delta) that `loss` has beyond what the attempt was charged before."""
        rho, delta = self._charged.get((attempt_id, year), (Fraction(0), Fraction(0)))
        return max(Fraction(loss.rho) - rho, Fraction(0)), max(
            Fraction(loss.delta) - delta, Fraction(0)
        )


def _larger(one: Loss, other: Loss) -> Loss:
    """pure: only where both are (epsilon, delta)-DP by nature."""
    pure = None if one.pure is None or other.pure is None else max(one.pure, other.pure)
    return Loss(max(one.rho, other.rho), max(one.delta, other.delta), pure)
