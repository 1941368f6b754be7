from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from federated.contract.undelivered import Undelivered
from federated.transport.mailbox import (
    Request,
    read_reply,
    read_request,
    write_reply,
    write_request,
)

NODES = st.integers(0, 2**64 - 1)


@given(st.dictionaries(NODES, st.binary(max_size=64)), st.floats(0.1, 1e4))
def test_a_request_arrives_as_it_was_written(
    tmp_path_factory, payloads: dict[int, bytes], timeout: float
) -> None:
    folder: Path = tmp_path_factory.mktemp("mailbox")
    write_request(folder, Request(payloads, timeout))
    assert read_request(folder) == Request(payloads, timeout)


@given(st.dictionaries(NODES, st.binary(max_size=64) | st.sampled_from(Undelivered)))
def test_a_reply_arrives_as_it_was_written(
    tmp_path_factory, reply: dict[int, bytes | Undelivered]
) -> None:
    folder: Path = tmp_path_factory.mktemp("mailbox")
    assert read_reply(folder) is None
    write_reply(folder, reply)
    assert read_reply(folder) == reply
