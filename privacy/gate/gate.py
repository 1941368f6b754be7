"""The one way out of a site: nothing leaves that a gate has not cleared.

It belongs to the site. It trusts neither the asker (who names the noise) nor the query that finds
the rows (which has bounded them already): it computes the cost and cuts the rows itself.

    question -> approved? -> asked before? -> within policy? -> charge -> rows, cut -> noise
             -> schema, size -> note the bytes -> clear them for the door

Everything up to the charge is decided from approval, policy and ledger, before a row is read.
"""

import hashlib
import math
import os
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal
from weakref import WeakSet

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from privacy.accounting import conversion_delta, mechanism_delta, rho_of
from privacy.approval import Approval, Approvals, Ground, Kind, State, decision_digest, utc_now
from privacy.bounds import CUT_SCALE, Rows, persons_cut
from privacy.gate.request import Dummies, Request
from privacy.gate.tables import noisy_tables
from privacy.ledger import (
    AttemptState,
    Budget,
    Charge,
    Forked,
    Ledger,
    LedgerRefusal,
    SharedEntry,
    countersign,
    has_countersigned,
)
from privacy.mechanisms import draw_dummies
from privacy.policy import UNDIVIDED, Policy
from privacy.problem import Problem

Origin = Literal["generated", "declared", "real"]


class Reason(StrEnum):
    """Why the gate said no, for the site's own eyes. None of it was found by reading a row."""

    NO_APPROVAL = "no_approval"
    APPROVAL_NOT_YET = "approval_not_yet"
    APPROVAL_EXPIRED = "approval_expired"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    APPROVAL_BROKEN = "approval_broken"
    APPROVAL_REFUSED = "approval_refused"
    SCOPE_CHANGED = "scope_changed"
    NO_REPORT = "no_report"
    ASSESSMENT_MISSING = "assessment_missing"
    ASSESSMENT_STALE = "assessment_stale"
    ASSESSMENT_ELSEWHERE = "assessment_of_another_scope"
    RISK_RED = "risk_red"
    OUTSIDE_APPROVAL = "outside_approval"
    CLOCK_WENT_BACK = "clock_went_back"
    NOT_IN_POLICY = "not_in_policy"
    ABOVE_MAXIMUM = "above_maximum"
    BUDGET_SPENT = "budget_spent"
    ATTEMPT_USED = "attempt_used"
    WRONG_ROSTER = "wrong_roster"
    BUSY = "busy"
    NO_IDENTITY = "no_identity"
    LEDGER_FORKED = "global_ledger_forked"


_BY_STATE = {
    State.NONE: Reason.NO_APPROVAL,
    State.NOT_YET: Reason.APPROVAL_NOT_YET,
    State.EXPIRED: Reason.APPROVAL_EXPIRED,
    State.WITHDRAWN: Reason.APPROVAL_WITHDRAWN,
    State.BROKEN: Reason.APPROVAL_BROKEN,
    State.REFUSED: Reason.APPROVAL_REFUSED,
}


_NO_ASSESSMENT: dict[tuple[str, ...], Reason] = {
    (reason.value,): reason
    for reason in (
        Reason.ASSESSMENT_MISSING,
        Reason.ASSESSMENT_STALE,
        Reason.ASSESSMENT_ELSEWHERE,
    )
}


class GateRefusal(Exception):
    """risks: ids of the red risks that stopped it, for the site's own log."""

    def __init__(self, reason: Reason, risks: tuple[str, ...] = ()) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.risks = risks


@dataclass(frozen=True)
class NoisyCounts:
    """What the gate lets out of a count, and what it cost.

    values: shape (cells * atoms), atoms fastest; where amounts are summed, as many sums in whole
    steps after the counts, with noise of `clip.steps` times the scale. persons_cut: how many
    persons the bounds cut, with noise of CUT_SCALE times the scale; shares of a sum have it under
    the mask as well.
    not_private: a demo switch on synthetic data let the cost exceed what the policy allows.
    """

    values: list[int]
    persons_cut: int
    rho_site: float
    rho_federation: float
    not_private: bool


@dataclass(frozen=True, eq=False)
class Outgoing:
    """Bytes that a gate has cleared. Made by a gate; the door knows those that were not.

    to: who gets them. attempt_id: empty where there was no question.
    """

    kind: Kind
    to: str
    attempt_id: str
    payload: bytes


StoppedBy = Callable[[Ground, Kind, str, datetime], tuple[str, ...]]
"""(report that was decided on, kind of message, indicator, now) -> what stops the answer: ids of
red risks, or what is wrong with the assessment alone. See `privacy.ros.stopped_by`."""

Schema = Callable[[Kind, bytes], bool]
"""Whether bytes are a message of this kind, as the contract has it."""


class Gate:
    """Decides, charges, bounds, noises, remembers and clears. One question at a time.

    site: id. folder: has the exact bytes of every answer that left, for resending the same attempt.
    identity: with which the site countersigns the global ledger. peers: the other sites' public
    keys, by id, as they were exchanged outside the coordinator. fingerprint: of the site's scope as
    it is now, which an approval on a report is held against, as it is against what `stopped_by`
    finds in the newest assessment. clock: for tests of expiry.
    """

    def __init__(
        self,
        site: str,
        policy: Policy,
        ledger: Ledger,
        approvals: Approvals,
        *,
        folder: Path,
        schema: Schema,
        identity: Ed25519PrivateKey | None = None,
        peers: Mapping[str, Ed25519PublicKey] | None = None,
        fingerprint: Callable[[], str] | None = None,
        stopped_by: StoppedBy | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._site = site
        self._policy = policy
        self._ledger = ledger
        self._approvals = approvals
        self._sent = folder
        self._schema = schema
        self._identity = identity
        self._peers = {name: key for name, key in (peers or {}).items() if name != site}
        self._fingerprint = fingerprint
        self._stopped_by = stopped_by
        self._clock = clock
        self._cleared: WeakSet[Outgoing] = WeakSet()
        self._busy = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        known = {a.charge.attempt_id for a in ledger.attempts()}
        if any(file.stem not in known for file in folder.glob("*.json")):
            raise Problem(
                "answers have left this site that its ledger does not know",
                str(folder),
                "Restore the ledger from backup: a new one would forget what has been spent.",
            )

    def counts(
        self,
        request: Request,
        origin: Origin,
        rows: Callable[[], Rows],
        encode: Callable[[NoisyCounts], bytes],
    ) -> Outgoing:
        """Counts with noise, of a request whose mechanism is `Counts` or `ShareOfSum`.

        encode: the message; for a share it also masks the values. Raises GateRefusal before `rows`
        is called. Any failure after the reservation leaves the charge standing.
        """
        mechanism = request.mechanism
        if isinstance(mechanism, Dummies):
            raise TypeError("counts are released by a mechanism for counts")

        def produce(charge: Charge, not_private: bool) -> bytes:
            found = rows()
            cut = persons_cut(found, mechanism.bound, mechanism.cells, mechanism.atoms)
            (noisy_cut,) = mechanism.noisy([cut], CUT_SCALE)
            noisy = noisy_tables(mechanism, found)
            return encode(NoisyCounts(noisy, noisy_cut, charge.rho_site, charge.rho, not_private))

        return self._answer(request, origin, produce)

    def tokens(
        self, request: Request, origin: Origin, build: Callable[[list[int]], bytes]
    ) -> Outgoing:
        """Blinded tokens, of a request whose mechanism is `Dummies`.

        build: makes the message, given for each cell how many dummies match, each in 0 .. 2 shift.
        """
        mechanism = request.mechanism
        if not isinstance(mechanism, Dummies):
            raise TypeError("tokens are released among dummies")

        def produce(_charge: Charge, _not_private: bool) -> bytes:
            return build(draw_dummies(mechanism.cells, mechanism.scale, mechanism.shift))

        return self._answer(request, origin, produce)

    def kept(self, request: Request) -> Outgoing | None:
        """The answer to this attempt if it has left before; nothing is read or charged for it.

        Raises GateRefusal where it may not leave again. request: its years do not matter. Whether
        the data are real is not asked anew: the bytes are the same.
        """
        with self._alone():
            try:
                again = None
                if self._ledger.attempt(request.attempt_id) is not None:
                    self._approval(request)
                    again = self._already_sent(request.attempt_id)
            except GateRefusal as refusal:
                reason = refusal.reason.value
                self._ledger.refusal(request.question_id, request.attempt_id, reason)
                raise
        if again is None:
            return None
        return self._clear(request.mechanism.kind, request.attempt_id, again)

    def note(
        self,
        entries: Sequence[SharedEntry],
        origin: Origin,
        encode: Callable[[int, list[str | None]], bytes],
        slot: int,
    ) -> Outgoing:
        """Charge what the global ledger announces, and say so by signature. Rests on no record.

        encode: the message, given how many entries are known here now and, for each of `entries`,
        the signature; None for one that is declined or does not join on. Raises GateRefusal.
        """
        with self._alone():
            try:
                if self._identity is None:
                    raise GateRefusal(Reason.NO_IDENTITY)
                state, found = self._approvals.current(self._clock(), self._ledger.approval())
                approval = found if isinstance(found, Approval) and state is State.VALID else None
                room = budget(self._policy, approval, origin)
                try:
                    noted = self._ledger.note_shared(entries, self._policy.purpose_of, room)
                except Forked:
                    raise GateRefusal(Reason.LEDGER_FORKED) from None
            except GateRefusal as refusal:
                self._ledger.refusal("", "", refusal.reason.value)
                raise
            signatures = [
                countersign(self._identity, self._site, of.entry) if of.agreed else None
                for of in noted
            ]
            signatures += [None] * (len(entries) - len(noted))
            return self.status(encode(len(self._ledger.shared()), signatures), slot)

    def refuse(self, payload: bytes, slot: int, attempt_id: str = "") -> Outgoing:
        """A refusal: it says nothing but that, and is as long as the answer would have been."""
        return self._clear(Kind.REFUSAL, attempt_id, self._checked(Kind.REFUSAL, payload, slot))

    def status(self, payload: bytes, slot: int, attempt_id: str = "") -> Outgoing:
        """A message that rests on no record."""
        return self._clear(Kind.STATUS, attempt_id, self._checked(Kind.STATUS, payload, slot))

    def is_cleared(self, outgoing: Outgoing) -> bool:
        """Whether this gate made it: what the door asks."""
        return outgoing in self._cleared

    def _answer(
        self, request: Request, origin: Origin, produce: Callable[[Charge, bool], bytes]
    ) -> Outgoing:
        kind = request.mechanism.kind
        with self._alone():
            try:
                approval = self._approval(request)
                again = self._already_sent(request.attempt_id)
                if again is not None:
                    return self._clear(kind, request.attempt_id, again)
                charge, not_private = self._decide(request, approval, origin)
                real = budget(self._policy, approval, "real")
                not_private = not_private or not self._ledger.fits(charge, real)
                self._ledger.reserve(charge, budget(self._policy, approval, origin))
            except LedgerRefusal as refusal:
                reason, risks = Reason(refusal.reason.value), ()
            except GateRefusal as refusal:
                reason = refusal.reason
                risks = refusal.risks
            else:
                payload = self._checked(kind, produce(charge, not_private), request.slot)
                self._keep(request.attempt_id, payload)
                return self._clear(kind, request.attempt_id, payload)
            self._ledger.refusal(request.question_id, request.attempt_id, reason.value)
        raise GateRefusal(reason, risks)

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Two questions never run at once: the second is refused, not queued."""
        if not self._busy.acquire(blocking=False):
            raise GateRefusal(Reason.BUSY)
        try:
            yield
        finally:
            self._busy.release()

    def _approval(self, request: Request) -> Approval:
        """The approval that covers the request. Raises GateRefusal."""
        now = self._clock()
        last = self._ledger.last_entry_at()
        if last is not None and now < datetime.fromisoformat(last):
            raise GateRefusal(Reason.CLOCK_WENT_BACK)  # an expired approval would be valid again
        state, decision = self._approvals.current(now, self._ledger.approval())
        if decision is not None:
            self._ledger.note_approval(decision.serial, decision_digest(decision))
        if state is not State.VALID or not isinstance(decision, Approval):
            raise GateRefusal(_BY_STATE.get(state, Reason.APPROVAL_BROKEN))
        scope = decision.scope
        if scope.ros is not None and (
            self._fingerprint is None or self._fingerprint() != scope.ros.fingerprint
        ):
            raise GateRefusal(Reason.SCOPE_CHANGED)
        if scope.ros is not None:
            self._require_no_stop(scope.ros, request, now)
        if (
            scope.indicators.get(request.indicator) != request.definition
            or request.mechanism.kind not in scope.kinds
            or not set(request.roster) <= set(scope.sites)
        ):
            raise GateRefusal(Reason.OUTSIDE_APPROVAL)
        return decision

    def _require_no_stop(self, ground: Ground, request: Request, now: datetime) -> None:
        """Raises GateRefusal while the site's newest assessment stops such an answer."""
        if self._stopped_by is None:
            raise GateRefusal(Reason.ASSESSMENT_MISSING)
        found = self._stopped_by(ground, request.mechanism.kind, request.indicator, now)
        if found in _NO_ASSESSMENT:
            raise GateRefusal(_NO_ASSESSMENT[found])
        if found:
            raise GateRefusal(Reason.RISK_RED, found)

    def _decide(self, request: Request, approval: Approval, origin: Origin) -> tuple[Charge, bool]:
        """The charge, and whether only a demo switch allows it. Raises GateRefusal."""
        ground = approval.scope.ros
        if origin == "real" and (ground is None or not ground.holds_for_real_data):
            raise GateRefusal(Reason.NO_REPORT)
        policy = stricter(self._policy, approval)
        mechanism, roster = request.mechanism, request.roster
        if policy.answers.get(request.indicator) != "auto":
            raise GateRefusal(Reason.NOT_IN_POLICY)
        if (
            list(roster) != sorted(set(roster))
            or self._site not in roster
            or len(roster) > self._policy.federation_sites
        ):
            raise GateRefusal(Reason.WRONG_ROSTER)
        loss = mechanism.loss(len(roster), self._reach(request, policy))
        approved = rho_of(approval.scope.epsilon_per_release, conversion_delta(policy))
        if loss.rho > min(maximum_rho(policy, origin), approved):
            raise GateRefusal(Reason.ABOVE_MAXIMUM)
        charge = Charge(
            question_id=request.question_id,
            attempt_id=request.attempt_id,
            indicator=request.indicator,
            period=request.period,
            purpose=policy.purpose_of(request.indicator),
            mechanism=mechanism.name,
            rho=loss.rho,
            rho_site=mechanism.rho_site(),
            years=request.years,
            roster=roster,
            delta=loss.delta,
            pure=loss.pure,
        )
        return charge, loss.rho > maximum_rho(policy, "real")

    def _reach(self, request: Request, policy: Policy) -> int:
        """Sites that the charge is for: of the helsefellesskap, all but those outside the roster
        that have charged themselves for this attempt (`privacy.ledger.shared`).
        """
        noted = self._ledger.announced(request.attempt_id)
        everyone = policy.federation_sites
        roster = request.roster
        least = request.mechanism.loss(len(roster), len(roster))
        if noted is None or not noted.entry.body.covers(least, roster, request.years):
            return everyone
        charged = {
            site
            for site, signature in request.countersignatures.items()
            if site not in roster
            and site in self._peers
            and has_countersigned(self._peers[site], site, noted.entry, signature)
        }
        return max(len(roster), everyone - len(charged))

    def _checked(self, kind: Kind, payload: bytes, slot: int) -> bytes:
        """The message, filled up to its slot. JSON allows blanks at the end."""
        if len(payload) > slot or not self._schema(kind, payload):
            raise ValueError("the message does not fit its schema or its slot")
        return payload.ljust(slot)

    def _keep(self, attempt_id: str, payload: bytes) -> None:
        with self._answer_file(attempt_id).open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        self._ledger.commit(attempt_id, _digest(payload), len(payload))

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

    def _clear(self, kind: Kind, attempt_id: str, payload: bytes) -> Outgoing:
        outgoing = Outgoing(kind, "coordinator", attempt_id, payload)
        self._cleared.add(outgoing)
        return outgoing

    def _answer_file(self, attempt_id: str) -> Path:
        return self._sent / f"{attempt_id}.json"


def stricter(policy: Policy, approval: Approval) -> Policy:
    """The policy with what an approval narrows: delta, and at how many sites a person may be."""
    sites = max(policy.federation_sites, len(set(approval.scope.sites)))
    delta = min(policy.delta, approval.scope.delta)
    return policy.model_copy(update={"federation_sites": sites, "delta": delta})


def maximum_rho(policy: Policy, origin: Origin) -> float:
    """Most rho that a single release may cost a person, by the policy; an approval may say less."""
    epsilon = policy.most_per_release(demo=origin != "real")
    return rho_of(epsilon, conversion_delta(policy))


def budget_rho(policy: Policy, origin: Origin, epsilon: float | None = None) -> float:
    """Most rho a person may lose in one data-year, of the whole budget or of part of it."""
    epsilon = policy.most_per_year(demo=origin != "real", of=epsilon)
    return rho_of(epsilon, conversion_delta(policy))


def budget(policy: Policy, approval: Approval | None, origin: Origin) -> Budget:
    """Most that a person may lose in one data-year at this site, whole and by purpose.

    approval: none where nothing may be answered, but what others are asked is charged all the same.
    """
    approved = math.inf
    if approval is not None:
        policy = stricter(policy, approval)
        approved = rho_of(approval.scope.epsilon_per_person_year, conversion_delta(policy))

    def rho(epsilon: float) -> float:
        return min(approved, budget_rho(policy, origin, epsilon))

    whole = rho(policy.epsilon_per_person_year)
    purposes = {name: rho(p.epsilon_per_person_year) for name, p in policy.purposes.items()}
    return Budget(whole, mechanism_delta(policy), purposes or {UNDIVIDED: whole})


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()
