"""The relay's way to the agent, over real Unix sockets."""

import socket
import threading
import time
from pathlib import Path

import pytest

from federated.contract.undelivered import Undelivered
from federated.transport import relay
from federated.transport.relay import ask_agent
from privacy.frames import frame, read_frame, socket_address


def answer_once(path: Path, reply: bytes, delay: float = 0.0) -> threading.Thread:
    """An agent that sends `reply` raw to its first question and goes away."""

    def serve() -> None:
        time.sleep(delay)
        with socket.socket(socket.AF_UNIX) as listener:
            with socket_address(path) as name:
                listener.bind(name)
            listener.listen()
            stream, _ = listener.accept()
            with stream:
                read_frame(stream, 1 << 20)
                stream.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_an_agent_that_opens_its_socket_late_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    thread = answer_once(path, frame(b"answer"), delay=0.5)
    assert ask_agent(path, b"question", soon()) == b"answer"
    thread.join()


def test_no_socket_is_said_with_a_closed_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "AGENT_PATIENCE", 0.2)
    assert ask_agent(tmp_path / "none.sock", b"q", soon()) is Undelivered.AGENT_UNREACHABLE


def test_a_socket_left_by_a_dead_agent_is_no_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "AGENT_PATIENCE", 0.2)
    path = tmp_path / "agent.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert ask_agent(path, b"q", soon()) is Undelivered.AGENT_UNREACHABLE


@pytest.mark.parametrize(
    "reply",
    [b"", frame(b"half of an answer")[:12], (1 << 40).to_bytes(8)],
    ids=["nothing", "half", "far too much"],
)
def test_a_question_that_reached_the_agent_is_not_asked_again(tmp_path: Path, reply: bytes) -> None:
    path = tmp_path / "agent.sock"
    thread = answer_once(path, reply)
    while not path.exists():
        time.sleep(0.01)
    began = time.monotonic()
    assert ask_agent(path, b"q", soon()) is Undelivered.AGENT_FAILED
    assert time.monotonic() - began < 1
    thread.join()


def test_an_agent_that_is_too_slow_has_failed(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        assert ask_agent(path, b"q", soon(0.3)) is Undelivered.AGENT_FAILED
