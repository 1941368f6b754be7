"""The ServerApp: sends every message of a request, gathers the answers into a reply."""

import time
from pathlib import Path

from flwr.app import Context, Message
from flwr.common.constant import ErrorCode
from flwr.serverapp import Grid, ServerApp

from federated.contract.undelivered import Undelivered
from federated.transport.mailbox import (
    CONFIG_KEY,
    Reply,
    Request,
    read_request,
    write_reply,
)
from federated.transport.payload import MESSAGE_TYPE, pack, unpack

POLL = 0.2  # seconds; a node's own rhythm of 3 s is what an exchange waits for

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    folder = Path(str(context.run_config[CONFIG_KEY]))
    write_reply(folder, _exchange(grid, read_request(folder)))


def _exchange(grid: Grid, request: Request) -> Reply:
    deadline = time.monotonic() + request.timeout
    messages = [
        Message(pack(payload), node, MESSAGE_TYPE, ttl=request.timeout)
        for node, payload in request.payloads.items()
    ]
    waiting: dict[str, int] = {}
    reply: Reply = {}
    sent = grid.push_messages(messages)
    for node, message_id in zip(request.payloads, sent, strict=True):
        if message_id:
            waiting[message_id] = node
        else:
            reply[node] = Undelivered.OFFLINE
    while waiting and time.monotonic() < deadline:
        for message in grid.pull_messages(list(waiting)):
            node = waiting.pop(message.metadata.reply_to_message_id)
            reply[node] = _outcome(message)
        if waiting:
            time.sleep(POLL)
    return reply | dict.fromkeys(waiting.values(), Undelivered.NO_REPLY)


def _outcome(message: Message) -> bytes | Undelivered:
    if not message.has_error():
        payload = unpack(message)
        return Undelivered.TRANSPORT_FAILED if payload is None else payload
    if message.error.code == ErrorCode.NODE_UNAVAILABLE:
        return Undelivered.OFFLINE
    if message.error.code in (ErrorCode.MESSAGE_UNAVAILABLE, ErrorCode.REPLY_MESSAGE_UNAVAILABLE):
        return Undelivered.NO_REPLY
    try:
        return Undelivered(message.error.reason or "")
    except ValueError:
        return Undelivered.TRANSPORT_FAILED
