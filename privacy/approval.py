"""An officer's signed word on what a site may answer, and until when.

An approval is one JSON document, signed with Ed25519 over its canonical bytes. A site believes the
officer's key that its `site.yaml` names, and of several approvals only the newest: each has a
serial number, a withdrawal has one too, and the ledger remembers the highest it has seen. So an old
file put back, or a log rolled back, opens nothing.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from privacy.ledger.chain import Chain
from privacy.signatures import canonical, is_signed_by, sign

NAME = "approval log"
_LONGEST = timedelta(days=3 * 366)


class Kind(StrEnum):
    """Everything that may leave a site, by kind."""

    NOISY_AGGREGATE = "noisy_aggregate"
    BLINDED_TOKENS = "blinded_tokens"
    MASKED_UPDATE = "masked_update"
    REFUSAL = "refusal"
    STATUS = "status"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ground(_Record):
    """What a decision was made on: the scope of the report, and its fingerprint.

    While the site's scope has another fingerprint, the approval does not hold.

    assessment: digest of the entry in the log of assessments that was decided on; it must still be
    there. accepted_red: ids of the red risks that the leader accepts. demo: nobody has read it.
    synthetic_only: questions were open, as they may be for synthetic data; for real data such a
    decision does not hold.
    """

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scope: dict[str, Any]
    assessment: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    accepted_red: list[str] = []
    demo: bool = False
    synthetic_only: bool = False

    @property
    def holds_for_real_data(self) -> bool:
        return not self.demo and not self.synthetic_only


class Scope(_Record):
    """What is approved.

    indicators: id -> fingerprint of its definition: another definition is another indicator.
    kinds: kinds of message that may carry answers. epsilon_per_release, epsilon_per_person_year,
    delta: not more than these, whatever the policy says. sites: the roster may name these alone,
    and every release is charged for a person who is at all of them. ros: the report it was decided
    on; None for an approval that was given without one, which holds for synthetic data alone.
    """

    indicators: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
    kinds: list[Kind]
    epsilon_per_release: Annotated[float, Field(gt=0)]
    epsilon_per_person_year: Annotated[float, Field(gt=0)]
    delta: Annotated[float, Field(gt=0, le=1e-5)]
    sites: Annotated[list[str], Field(min_length=1)]
    ros: Ground | None = None


class _Decided(_Record):
    """serial: number of the decision at this site. by: the officer, as the role is called there."""

    serial: Annotated[int, Field(ge=1)]
    site: str
    by: Annotated[str, Field(min_length=1)]
    since: AwareDatetime


class Approval(_Decided):
    """until: not valid from then on."""

    record: Literal["approval"] = "approval"
    until: AwareDatetime
    scope: Scope


class Withdrawal(_Decided):
    """Ends the approval before it, at once."""

    record: Literal["withdrawal"] = "withdrawal"


class Refused(_Decided):
    """The officer has read the report and said no. It ends any approval before it.

    reason: for the organisation's own people.
    """

    record: Literal["refused"] = "refused"
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    ros: Ground


Decision = Approval | Withdrawal | Refused
_DECISION: TypeAdapter[Decision] = TypeAdapter(Annotated[Decision, Field(discriminator="record")])


class State(StrEnum):
    """Where a site stands. Only `valid` lets anything out that rests on records."""

    NONE = "none"
    VALID = "valid"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    BROKEN = "broken"  # forged, of another site, rolled back, or unreadable


class Approvals:
    """The log of one site's decisions, read with the officer's public key.

    officer: None where the site names no officer: then nothing is approved.
    """

    def __init__(self, path: Path, site: str, officer: Ed25519PublicKey | None) -> None:
        self._path = path
        self._site = site
        self._officer = officer

    def record(self, decision: Decision, key: Ed25519PrivateKey) -> None:
        """Sign `decision` and add it to the log. Raises ValueError where it is not the next one."""
        if isinstance(decision, Approval) and not (
            decision.since < decision.until <= decision.since + _LONGEST
        ):
            raise ValueError("an approval ends after it begins, and within three years")
        content = decision.model_dump(mode="json")
        chain = Chain.open(self._path, NAME)
        try:
            with chain.writing() as append:
                if decision.serial < self._next(chain):
                    raise ValueError("another decision has been recorded meanwhile")
                append(decision.record, {"decision": content, "signature": sign(key, content)})
        finally:
            chain.close()

    def next_serial(self, seen: int = 0) -> int:
        """The next decision's number. seen: highest that the ledger has noted."""
        if not self._path.is_file():
            return seen + 1
        chain = Chain.read(self._path, NAME)
        try:
            return max(self._next(chain), seen + 1)
        finally:
            chain.close()

    def current(
        self, now: datetime, noted: tuple[int, str] = (0, "")
    ) -> tuple[State, Decision | None]:
        """How things stand at `now`, and the decision that says so.

        noted: serial and digest of the newest decision that the ledger knows; neither an older one
        nor another of the same number is believed.
        """
        seen, digest = noted
        if self._officer is None or not self._path.is_file():
            return (State.NONE if seen == 0 else State.BROKEN), None
        chain = Chain.read(self._path, NAME)
        try:
            whole = chain.verify().ok
            decisions = list(chain.entries())
        finally:
            chain.close()
        if not whole:
            return State.BROKEN, None
        if not decisions:
            return (State.NONE if seen == 0 else State.BROKEN), None
        decision = self._believed(decisions[-1].body)
        if decision is None or decision.serial < seen:
            return State.BROKEN, None
        if decision.serial == seen and decision_digest(decision) != digest:
            return State.BROKEN, None
        return _state(decision, now), decision

    def _believed(self, body: Mapping[str, Any]) -> Decision | None:
        officer = self._officer
        if officer is None:
            return None
        try:
            content, signature = body["decision"], str(body["signature"])
            decision = _DECISION.validate_python(content)
        except (KeyError, ValidationError):
            return None
        if decision.site != self._site or not is_signed_by(officer, content, signature):
            return None
        return decision

    @staticmethod
    def _next(chain: Chain) -> int:
        return 1 + max((entry.body["decision"]["serial"] for entry in chain.entries()), default=0)


def _state(decision: Decision, now: datetime) -> State:
    if isinstance(decision, Withdrawal):
        return State.WITHDRAWN
    if isinstance(decision, Refused):
        return State.REFUSED
    if now < decision.since:
        return State.NOT_YET
    return State.VALID if now < decision.until else State.EXPIRED


def decision_digest(decision: Decision) -> str:
    """sha256 of a decision's canonical bytes: what the ledger notes of it."""
    return hashlib.sha256(canonical(decision.model_dump(mode="json"))).hexdigest()


def utc_now() -> datetime:
    return datetime.now(UTC)
