"""What the entries of a ledger add up to: attempts, and what persons have lost by data-year.

Sums are exact (rational) and compared exactly: no budget is overrun by rounding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from privacy.accounting.composition import Loss
from privacy.ledger.chain import Entry
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


class Account:
    """The state that a ledger's entries lead to; fed one entry after another."""

    def __init__(self) -> None:
        self.last_seq = 0
        self.attempts: dict[str, Attempt] = {}
        self.of_question: dict[str, list[str]] = {}
        self.refusals: list[tuple[str, str]] = []
        """(time, reason)"""
        self.approval = (0, "")
        """Highest serial that has been noted, and the decision's digest."""
        self._years: dict[int, _Year] = {}

    def add(self, entry: Entry) -> None:
        """Raises ValueError for an entry of a kind or shape this version does not know."""
        body = entry.body
        if entry.kind == "reserve":
            charge = _CHARGE.validate_python(body)
            self.attempts[charge.attempt_id] = Attempt(
                charge, entry.at, AttemptState.RESERVED, None, None, None
            )
            self.of_question.setdefault(charge.question_id, []).append(charge.attempt_id)
            self._charge(charge)
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
        else:
            raise ValueError(f"the ledger has an entry of a kind unknown here: {entry.kind}")
        self.last_seq = entry.seq

    def fits(self, charge: Charge, budget: Budget) -> bool:
        """Whether `charge` leaves every one of its data-years within `budget`."""
        purpose = Fraction(budget.purposes.get(charge.purpose, 0.0))
        for year in charge.years:
            spent = self._years.get(year, _Year())
            if (
                spent.rho + Fraction(charge.rho) > Fraction(budget.rho)
                or spent.delta + Fraction(charge.delta) > Fraction(budget.delta)
                or spent.purposes.get(charge.purpose, Fraction(0)) + Fraction(charge.rho) > purpose
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

    def _charge(self, charge: Charge) -> None:
        for year in charge.years:
            spent = self._years.setdefault(year, _Year())
            spent.rho += Fraction(charge.rho)
            spent.delta += Fraction(charge.delta)
            before = spent.purposes.get(charge.purpose, Fraction(0))
            spent.purposes[charge.purpose] = before + Fraction(charge.rho)
