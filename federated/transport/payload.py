"""How bytes lie in a Flower message, the same on both sides.

They are one `bytes` value of a ConfigRecord. An ArrayRecord would be sent in chunks, which pays
from some 5 MB on (23 against 8 seconds at 200 MB); our messages end at 1 MiB, and there a
ConfigRecord is one object and one HTTP request less in each direction.
"""

from flwr.app import ConfigRecord, Message, RecordDict

from federated.contract.messages import MAX_MESSAGE_BYTES

MESSAGE_TYPE = "query.sloyfe"
"""The only message type. What is asked stands inside the payload, where Flower does not look."""

_RECORD = "sloyfe"
_VALUE = "payload"


def pack(payload: bytes) -> RecordDict:
    return RecordDict({_RECORD: ConfigRecord({_VALUE: payload})})


def unpack(message: Message) -> bytes | None:
    """The payload, or None if this is not a message of the one type, shape and size."""
    if message.metadata.message_type != MESSAGE_TYPE or not message.has_content():
        return None
    record = message.content.get(_RECORD)
    if not isinstance(record, ConfigRecord) or len(message.content) != 1 or len(record) != 1:
        return None
    value = record.get(_VALUE)
    return value if isinstance(value, bytes) and len(value) <= MAX_MESSAGE_BYTES else None
