"""The messages that may cross a site's border, as their classes say: each with fields and size."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, Literal, get_args

from pydantic import TypeAdapter

from federated.contract import messages
from federated.contract.catalogue import Indicator
from federated.contract.messages import (
    MAX_MESSAGE_BYTES,
    MOST_ENTRIES,
    SLOT,
    Signature,
    notice_slot,
    reply_slot,
)
from federated.site.answering import KINDS
from privacy.approval import Kind

_SIGNATURE = json.dumps(TypeAdapter(Signature).json_schema()["pattern"])
_ANY_YEAR = "2000"
"""Every year has as many quarters and months, so an answer is as long."""


@dataclass(frozen=True)
class Field:
    """form: its type, as JSON Schema calls it."""

    name: str
    form: str


@dataclass(frozen=True)
class Wire:
    """One type of message.

    least, most: bytes of one, when it leaves; of one that comes in, `most` is what is read at all.
    None where nothing is answered that it would reply to.
    approved_as: what it leaves as; None for one that no gate lets out, and for all that come in.
    signed: whether signatures are among its fields.
    """

    kind: str
    direction: Literal["in", "out"]
    told_nb: str
    told_en: str
    fields: tuple[Field, ...]
    least: int | None
    most: int | None
    approved_as: Kind | None
    signed: bool


def wires(answered: Iterable[Indicator], installed: Iterable[Indicator]) -> list[Wire]:
    """Every type of message there is, those that come in first.

    A reply is as long as what was asked, whatever it says: answers as the answered indicators ask,
    a refusal as anything installed does.
    """
    lengths = {
        "notice": [notice_slot(1), notice_slot(MOST_ENTRIES)],
        "receipt": [SLOT],
    }
    asked = lengths | {"question": _reply_slots(answered)}
    refused = lengths | {"question": [SLOT, *_reply_slots(installed)]}
    into = [_wire(of, "in", [MAX_MESSAGE_BYTES]) for of in get_args(messages.ForSite)]
    out: list[Wire] = []
    for of in get_args(messages.BySite):
        by_kind = refused if KINDS.get(_kind(of)) is Kind.REFUSAL else asked
        out.append(_wire(of, "out", [n for kind in of.replies_to for n in by_kind[kind]]))
    return into + out


def _reply_slots(indicators: Iterable[Indicator]) -> list[int]:
    found = (reply_slot(of.answer_length(_ANY_YEAR)) for of in indicators)
    return [slot for slot in found if slot <= MAX_MESSAGE_BYTES]  # a longer one is not answered


def _kind(of: Any) -> str:
    return of.model_fields["kind"].default


def _wire(of: Any, direction: Literal["in", "out"], lengths: list[int]) -> Wire:
    schema = of.model_json_schema(mode="validation")
    return Wire(
        kind=_kind(of),
        direction=direction,
        told_nb=of.told_nb,
        told_en=" ".join(cleandoc(of.__doc__).partition("\n\n")[0].split()),
        fields=tuple(Field(name, _form(part)) for name, part in schema["properties"].items()),
        least=min(lengths, default=None) if direction == "out" else None,
        most=max(lengths, default=None),
        approved_as=KINDS.get(_kind(of)) if direction == "out" else None,
        signed=_SIGNATURE in json.dumps(schema),
    )


def _form(part: dict[str, Any]) -> str:
    """`integer`, `array of string`, `string or null`, `object`."""
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_form(one) for one in part["anyOf"]))
    if part.get("type") == "array":
        return f"array of {_form(part['items'])}"
    return part.get("type", "object" if "$ref" in part else "string")
