"""The two files through which the coordinator and its ServerApp talk.

Flower runs the ServerApp in a process of its own, below the SuperLink. A file is renamed into place
when it is whole.
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from federated.contract.undelivered import Undelivered

CONFIG_KEY = "exchange"
"""The run configuration's key for the folder with both files; see `bundle/pyproject.toml`."""

_REQUEST = "request.json"
_REPLY = "reply.json"


@dataclass(frozen=True)
class Request:
    """payloads: by Flower's node id. timeout: seconds from sending."""

    payloads: Mapping[int, bytes]
    timeout: float


Reply = dict[int, bytes | Undelivered]
"""By node id."""


def write_request(folder: Path, request: Request) -> None:
    payloads = {str(node): _text(payload) for node, payload in request.payloads.items()}
    _write(folder / _REQUEST, {"timeout": request.timeout, "payloads": payloads})


def read_request(folder: Path) -> Request:
    content = json.loads((folder / _REQUEST).read_text())
    payloads = {int(node): base64.b64decode(text) for node, text in content["payloads"].items()}
    return Request(payloads, content["timeout"])


def write_reply(folder: Path, reply: Reply) -> None:
    _write(
        folder / _REPLY,
        {
            str(node): {"undelivered": outcome.value}
            if isinstance(outcome, Undelivered)
            else {"payload": _text(outcome)}
            for node, outcome in reply.items()
        },
    )


def read_reply(folder: Path) -> Reply | None:
    """None as long as there is none."""
    try:
        content = json.loads((folder / _REPLY).read_text())
    except FileNotFoundError:
        return None
    return {
        int(node): base64.b64decode(outcome["payload"])
        if "payload" in outcome
        else Undelivered(outcome["undelivered"])
        for node, outcome in content.items()
    }


def _text(payload: bytes) -> str:
    return base64.b64encode(payload).decode("ascii")


def _write(file: Path, content: object) -> None:
    draft = file.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(content, stream)
    draft.replace(file)
