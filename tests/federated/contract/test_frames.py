"""Frames over real sockets."""

import os
import socket
import struct
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from privacy.frames import FrameError, ask, frame, read_frame, socket_address


def sent(payload: bytes):
    """A socket from which exactly `payload` can be read, then the end of the stream."""
    near, far = socket.socketpair()
    far.sendall(payload)
    far.close()
    return near


@pytest.mark.parametrize("payload", [b"", b"x", bytes(range(256)) * 200])
def test_a_frame_comes_back_whole(payload):
    with sent(frame(payload)) as stream:
        assert read_frame(stream, at_most=len(payload)) == payload


def test_two_frames_on_one_stream_stay_apart():
    with sent(frame(b"first") + frame(b"second")) as stream:
        assert read_frame(stream, 100) == b"first"
        assert read_frame(stream, 100) == b"second"


def test_an_oversized_frame_is_refused_with_its_body_unread():
    with sent(frame(b"x" * 101)) as stream:
        with pytest.raises(FrameError, match="too large"):
            read_frame(stream, at_most=100)
        assert stream.recv(1000) == b"x" * 101


def test_an_absurd_length_is_refused_and_not_waited_for():
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(5)
        far.sendall(struct.pack(">Q", 2**64 - 1))
        with pytest.raises(FrameError, match="too large"):
            read_frame(near, at_most=1 << 20)


@pytest.mark.parametrize("cut", [0, 3, 8, 11])
def test_a_truncated_frame_is_an_error(cut):
    with sent(frame(b"payload")[:cut]) as stream, pytest.raises(FrameError, match="early"):
        read_frame(stream, 100)


@contextmanager
def answering(path, reply: bytes):
    """A server that answers one frame with the bytes `reply`; yields what it was asked."""
    asked: list[bytes] = []
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with socket_address(path) as name:
        listener.bind(name)
    listener.listen()

    def serve() -> None:
        stream, _ = listener.accept()
        with stream:
            asked.append(read_frame(stream, 1000))
            stream.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    yield asked
    thread.join()
    listener.close()


def test_asking_works_in_a_folder_far_deeper_than_a_socket_address_may_be(tmp_path):
    folder = tmp_path / "/".join(["mappe-med-langt-navn"] * 12)
    folder.mkdir(parents=True)
    path = folder / "agent.sock"
    assert len(os.fsencode(path)) > 200
    with answering(path, frame(b"reply")) as asked:
        assert ask(path, b"request", timeout=5, at_most=100) == b"reply"
    assert asked == [b"request"]


def test_no_file_stays_open_after_asking(tmp_path):
    path = tmp_path / "agent.sock"
    before = len(list(Path("/proc/self/fd").iterdir()))
    with answering(path, frame(b"reply")):
        ask(path, b"request", timeout=5, at_most=100)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_reply_above_the_limit_or_cut_short_is_an_os_error(tmp_path):
    path = tmp_path / "large.sock"
    with answering(path, frame(b"x" * 101)), pytest.raises(OSError, match="too large"):
        ask(path, b"request", timeout=5, at_most=100)
    path = tmp_path / "short.sock"
    with answering(path, frame(b"reply")[:-1]), pytest.raises(OSError, match="early"):
        ask(path, b"request", timeout=5, at_most=100)


def test_asking_where_nobody_listens_is_an_os_error(tmp_path):
    with pytest.raises(OSError):
        ask(tmp_path / "nobody.sock", b"request", timeout=1, at_most=100)
    with pytest.raises(OSError):
        ask(tmp_path / "no-folder" / "nobody.sock", b"request", timeout=1, at_most=100)
