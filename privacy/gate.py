"""The one way out of a site: nothing leaves that did not pass `Gate.answer`.

It belongs to the site. It trusts neither the asker (who names the noise) nor the query that finds
the rows (which has bounded them already): it computes the cost and cuts the rows itself.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from privacy.accounting import Combination, conversion_delta, federation_rho, rho_of
from privacy.bounds import ContributionBound, Rows, bounded_counts
from privacy.ledger import AttemptState, Charge, Ledger, LedgerRefusal
from privacy.mechanisms import add_discrete_gaussian, gaussian_rho
from privacy.policy import Policy
from privacy.problem import Problem

Origin = Literal["generated", "declared", "real"]


class Reason(StrEnum):
    """Why the gate said no. Decided from policy and ledger alone, before any row is read."""

    NOT_APPROVED = "not_approved"
    ABOVE_MAXIMUM = "above_maximum"
    BUDGET_SPENT = "budget_spent"
    ATTEMPT_USED = "attempt_used"
    ROSTER_TOO_LONG = "roster_too_long"


class GateRefusal(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Request:
    """What is asked, in the gate's own words.

    roster_size: sites that are asked. bound, cells, atoms: from the site's own
    copy of the indicator. years: every data-year that can change the answer.
    """

    question_id: str
    attempt_id: str
    indicator: str
    period: str
    roster_size: int
    scale: float
    bound: ContributionBound
    cells: int
    atoms: int
    years: tuple[int, ...]


@dataclass(frozen=True)
class NoisyCounts:
    """What the gate lets out, and what it cost.

    values: shape (cells * atoms), atoms fastest. not_private: a demo switch on synthetic data let
    the cost exceed what the policy allows for records of people.
    """

    values: list[int]
    rho_site: float
    rho_federation: float
    not_private: bool


class Gate:
    """Decides, charges, bounds, noises and remembers. One question at a time.

    sent: folder with the exact bytes of every answer that left, for resending the same attempt.
    """

    def __init__(self, policy: Policy, ledger: Ledger, sent: Path) -> None:
        self._policy = policy
        self._ledger = ledger
        self._sent = sent
        sent.mkdir(parents=True, exist_ok=True)
        answered = {a.charge.attempt_id for a in ledger.attempts()}
        if any(file.stem not in answered for file in sent.glob("*.json")):
            raise Problem(
                "answers have left this site that its ledger does not know",
                str(sent),
                "Restore the ledger from backup: a new one would forget what has been spent.",
            )

    def answer(
        self,
        request: Request,
        origin: Origin,
        rows: Callable[[], Rows],
        encode: Callable[[NoisyCounts], bytes],
    ) -> bytes:
        """Bytes that may leave the site.

        Raises GateRefusal before `rows` is called. Any failure after the reservation leaves the
        charge standing.
        """
        try:
            again = self._already_sent(request.attempt_id)
            if again is not None:
                return again
            charge, not_private = self._decide(request, origin)
            self._ledger.reserve(charge, budget_rho(self._policy, origin))
        except LedgerRefusal as refusal:
            reason = Reason(refusal.reason.value)
        except GateRefusal as refusal:
            reason = refusal.reason
        else:
            return self._compute(request, charge, not_private, rows, encode)
        self._ledger.refusal(request.question_id, request.attempt_id, reason.value)
        raise GateRefusal(reason)

    def _compute(
        self,
        request: Request,
        charge: Charge,
        not_private: bool,
        rows: Callable[[], Rows],
        encode: Callable[[NoisyCounts], bytes],
    ) -> bytes:
        exact = bounded_counts(rows(), request.bound, request.cells, request.atoms)
        noisy = add_discrete_gaussian(exact, request.scale)
        payload = encode(NoisyCounts(noisy, charge.rho_site, charge.rho, not_private))
        with self._answer_file(request.attempt_id).open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        self._ledger.commit(request.attempt_id, _digest(payload), len(payload))
        return payload

    def _decide(self, request: Request, origin: Origin) -> tuple[Charge, bool]:
        """The charge, and whether only a demo switch allows it. Raises GateRefusal."""
        if self._policy.answers.get(request.indicator) != "auto":
            raise GateRefusal(Reason.NOT_APPROVED)
        if request.roster_size > self._policy.federation_sites:
            raise GateRefusal(Reason.ROSTER_TOO_LONG)
        rho_site = gaussian_rho(request.scale, request.bound.l2_squared)
        rho = federation_rho(rho_site, self._policy.federation_sites, Combination.KEYED_BY_SITE)
        if rho > maximum_rho(self._policy, origin):
            raise GateRefusal(Reason.ABOVE_MAXIMUM)
        charge = Charge(
            question_id=request.question_id,
            attempt_id=request.attempt_id,
            indicator=request.indicator,
            period=request.period,
            rho=rho,
            rho_site=rho_site,
            years=request.years,
        )
        return charge, rho > maximum_rho(self._policy, "real")

    def _already_sent(self, attempt_id: str) -> bytes | None:
        attempt = self._ledger.attempt(attempt_id)
        if attempt is None or attempt.state is AttemptState.RESERVED:
            return None
        try:
            payload = self._answer_file(attempt_id).read_bytes()
        except FileNotFoundError:
            payload = b""
        if _digest(payload) != attempt.answer_digest:
            raise GateRefusal(Reason.ATTEMPT_USED)  # lost or altered: only fresh noise may leave
        return payload

    def _answer_file(self, attempt_id: str) -> Path:
        return self._sent / f"{attempt_id}.json"


def maximum_rho(policy: Policy, origin: Origin) -> float:
    """Most rho that a single release may cost a person."""
    epsilon = policy.max_epsilon_per_release
    if policy.demo is not None and origin != "real":
        epsilon = max(epsilon, policy.demo.epsilon_per_release)
    return rho_of(epsilon, conversion_delta(policy))


def budget_rho(policy: Policy, origin: Origin) -> float:
    """Most rho a person may lose in one data-year at this site."""
    epsilon = policy.epsilon_per_person_year
    if policy.demo is not None and origin != "real":
        epsilon = max(epsilon, policy.demo.epsilon_per_person_year)
    return rho_of(epsilon, conversion_delta(policy))


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()
