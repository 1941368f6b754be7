"""The closed list of messages that cross an organisation's border, both ways.

Every message is one frozen model with a `kind`; anything else is refused before it is read further.
On the wire a message is canonical JSON (sorted keys, no spaces, UTF-8), so that the same message
always has the same bytes and can be hashed, signed and sent again unchanged.
"""

import base64
import hashlib
import json
import struct
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)

from privacy.ledger import MOST_SITES, SharedEntry

_M = TypeVar("_M")

PROTOCOL = 3
"""Version of this file's shapes. A change of any shape is a new number."""

MAX_MESSAGE_BYTES = 1 << 20
MOST_ENTRIES = 200
"""Entries of the global ledger in one message."""
MAX_SCALE = 1e6
"""Noise beyond this drowns any count of a helsefellesskap, and is asked for by mistake only."""

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
DataOrigin = Literal["generated", "declared", "real"]
Year = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}$")]  # \d would let other scripts' digits in
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{86}==$")]
"""Ed25519, in base64."""
Count = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""A noisy count: what every JSON reader holds exactly, and a few of which add up in 64 bits."""

_WIDTH = 8


def _to_fixed_width(values: list[int]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}q", *values)).decode()


def _from_fixed_width(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    packed = base64.b64decode(value, validate=True)
    if len(packed) % _WIDTH:
        raise ValueError("not a whole number of integers")
    return list(struct.unpack(f"<{len(packed) // _WIDTH}q", packed))


FixedWidth = Annotated[
    list[Count], BeforeValidator(_from_fixed_width), PlainSerializer(_to_fixed_width)
]
"""Integers as base64 of 64 bits each, little-endian: digits would tell a large count by length."""


class _Message(BaseModel):
    """told_nb: what it is, to people, in bokmål; in English its docstring says it first."""

    told_nb: ClassVar[str]

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    protocol: Annotated[int, Field(ge=PROTOCOL, le=PROTOCOL)] = PROTOCOL


class _Reply(_Message):
    """replies_to: kinds of message that it may answer."""

    replies_to: ClassVar[tuple[str, ...]]


class Question(_Message):
    """The coordinator asks one site for one indicator.

    question_id: hash(indicator, definition, period, edition); the same for every site and attempt.
    attempt_id: hash(question_id, attempt, roster, scale); a new noise draw is a new attempt.
    definition: fingerprint of the indicator's definition; the site compares it with its own.
    roster: the sites asked, sorted; what the federation cost is computed over.
    scale: standard deviation parameter of the discrete Gaussian added to each atom by each site.
    countersignatures: by site, of this attempt's entry in the global ledger.
    """

    told_nb = "Koordinatoren spør én virksomhet om én indikator."

    kind: Literal["question"] = "question"
    question_id: Digest
    attempt_id: Digest
    attempt: Annotated[int, Field(ge=1, le=3)]
    site: Identifier
    indicator: Identifier
    definition: Digest
    period: Year
    edition: Annotated[int, Field(ge=1, le=99)]
    roster: Annotated[list[Identifier], Field(min_length=1, max_length=500)]
    scale: Annotated[float, Field(gt=0, le=MAX_SCALE)]
    countersignatures: Annotated[dict[Identifier, Signature], Field(max_length=MOST_SITES)]


class Notice(_Message):
    """The coordinator tells a site what was added to the global ledger, in its order.

    A site is told all of it, also what others alone are asked: a person may be there too.
    """

    told_nb = "Koordinatoren forteller hva som er kommet til i den felles hovedboken."

    kind: Literal["notice"] = "notice"
    site: Identifier
    entries: Annotated[list[SharedEntry], Field(min_length=1, max_length=MOST_ENTRIES)]


class Countersignature(_Reply):
    """The site has noted entries, and charged itself for those that it signs.

    known: entries of the global ledger that it has now. signatures: one for each entry of the
    notice; none for an entry that would exceed a budget, or does not join on to what is known.
    """

    told_nb = "Virksomheten har notert innførslene og belastet seg selv for dem den undertegner."
    replies_to = ("notice",)

    kind: Literal["countersignature"] = "countersignature"
    site: Identifier
    known: Annotated[int, Field(ge=0)]
    signatures: Annotated[list[Signature | None], Field(max_length=MOST_ENTRIES)]


class Answer(_Reply):
    """Noisy integers, in the order of the public key domain, atoms fastest.

    values: shape (cells * atoms); where the definition clips an amount, as many sums follow, in its
    steps, with noise of as many times `scale` as the clip has steps. persons_cut: one number, noisy
    too: how many persons had more rows, or a larger amount, than the bounds let count. rho_site:
    zCDP cost of this site's noise; rho_federation: what the site charged for a person who may be at
    every site of the federation.
    data_through: month that the underlying deliveries reach, by register (never a finer date).
    end_stated: whether the senders stated where all these deliveries end. If not, the end was taken
    from the rows and is outside what the noise protects.
    data_origin: made by the project's generator, declared synthetic by the site, or real.
    not_private: true when a demo switch let the noise be smaller than the policy allows.
    """

    told_nb = "Heltall med støy, ett for hver offentlige gruppe."
    replies_to = ("question",)

    kind: Literal["answer"] = "answer"
    question_id: Digest
    attempt_id: Digest
    site: Identifier
    values: FixedWidth
    persons_cut: Annotated[FixedWidth, Field(min_length=1, max_length=1)]
    scale: Annotated[float, Field(gt=0)]
    rho_site: Annotated[float, Field(gt=0)]
    rho_federation: Annotated[float, Field(gt=0)]
    data_through: dict[Identifier, Month]
    end_stated: bool
    not_private: bool
    data_origin: DataOrigin


class Refusal(_Reply):
    """The site did not answer, and does not say why: the reason is in its own ledger and log.

    Ids are empty when the question could not be read.
    """

    told_nb = "Virksomheten svarte ikke, og sier ikke hvorfor."
    replies_to = ("question", "notice", "receipt")

    kind: Literal["refusal"] = "refusal"
    question_id: Digest | Literal[""]
    attempt_id: Digest | Literal[""]
    site: Identifier


class Receipt(_Message):
    """The coordinator tells a site which release its answer went into."""

    told_nb = "Koordinatoren forteller hvilken utlevering svaret gikk inn i."

    kind: Literal["receipt"] = "receipt"
    site: Identifier
    question_id: Digest
    attempt_id: Digest
    release_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,127}$")]
    release_digest: Digest


class Acknowledgement(_Reply):
    """The site has noted the receipt in its ledger."""

    told_nb = "Virksomheten har notert kvitteringen i hovedboken sin."
    replies_to = ("receipt",)

    kind: Literal["acknowledgement"] = "acknowledgement"
    question_id: Digest
    attempt_id: Digest
    site: Identifier


ForSite = Question | Notice | Receipt
BySite = Answer | Countersignature | Refusal | Acknowledgement
_TO_SITE: TypeAdapter[ForSite] = TypeAdapter(Annotated[ForSite, Field(discriminator="kind")])
_FROM_SITE: TypeAdapter[BySite] = TypeAdapter(Annotated[BySite, Field(discriminator="kind")])


class Malformed(ValueError):
    """The bytes are not a message of this protocol. Carries nothing of what was read."""


SLOT = 2048
"""Bytes of a reply to anything but a question that could be read."""


def reply_slot(values: int) -> int:
    """Bytes of any reply to a question for so many values: an answer's length tells nothing.

    A refusal is as long. What an answer says beside its values is far below one SLOT.
    """
    return SLOT + 4 * (-(-_WIDTH * values // 3))


def notice_slot(entries: int) -> int:
    """Bytes of any reply to a notice of so many entries."""
    return SLOT + 96 * entries


def encode(message: _Message) -> bytes:
    """Canonical bytes of a message."""
    return json.dumps(
        message.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def decode_to_site(payload: bytes) -> ForSite:
    """Read what a coordinator sent. Raises Malformed."""
    return _decode(_TO_SITE, payload)


def decode_from_site(payload: bytes) -> BySite:
    """Read what a site sent. Raises Malformed."""
    return _decode(_FROM_SITE, payload)


def _decode(adapter: TypeAdapter[_M], payload: bytes) -> _M:
    if len(payload) > MAX_MESSAGE_BYTES:
        raise Malformed("message too large")
    try:
        return adapter.validate_json(payload)
    except (ValidationError, ValueError, RecursionError):
        raise Malformed("not a message of this protocol") from None


def digest(*parts: object) -> str:
    """sha256 over the canonical JSON of `parts`; how every id in the protocol is made."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
