"""Decrypting recorded connections, against what OpenSSL really sent."""

import os
import socket
import ssl
import threading
from pathlib import Path

import pytest

from federated.transport.certificates import make_authority, make_server_certificate
from federated.transport.tls_records import (
    Undecipherable,
    client_plaintext,
    read_key_log,
)

WRITES = [b"GET / HTTP/1.1\r\n\r\n", os.urandom(50_000), b"", b"\0" * 40, b"end"]


class Tap:
    """A socket pair with a recorder in the middle."""

    def __init__(self) -> None:
        self.client, near = socket.socketpair()
        far, self.server = socket.socketpair()
        self.from_client, self.from_server = bytearray(), bytearray()
        self._threads = [
            threading.Thread(target=self._pass_on, args=(near, far, self.from_client)),
            threading.Thread(target=self._pass_on, args=(far, near, self.from_server)),
        ]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket, record: bytearray) -> None:
        while data := source.recv(1 << 16):
            record += data
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def talk(folder: Path, version: ssl.TLSVersion, cipher: str) -> Tap:
    authority = make_authority(folder, "test")
    files = make_server_certificate(authority, folder)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(files.certificate, files.private_key)
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.load_verify_locations(authority.certificate)
    client_context.keylog_filename = str(folder / "keys.log")
    client_context.minimum_version = client_context.maximum_version = version
    if version is ssl.TLSVersion.TLSv1_2:
        client_context.set_ciphers(cipher)
    tap = Tap()

    def serve() -> None:
        with server_context.wrap_socket(tap.server, server_side=True) as stream:
            stream.sendall(b"welcome")
            while stream.recv(1 << 16):
                pass
            stream.unwrap()

    server = threading.Thread(target=serve)
    server.start()
    with client_context.wrap_socket(tap.client, server_hostname="localhost") as stream:
        assert stream.recv(100) == b"welcome"
        assert (stream.cipher() or [None])[0] == cipher
        for data in WRITES:
            stream.sendall(data)
        stream.unwrap()
    server.join()
    tap.join()
    return tap


@pytest.mark.parametrize(
    ("version", "cipher"),
    [
        (ssl.TLSVersion.TLSv1_3, "TLS_AES_256_GCM_SHA384"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ],
)
def test_the_plaintext_is_what_the_client_wrote(
    tmp_path: Path, version: ssl.TLSVersion, cipher: str
) -> None:
    tap = talk(tmp_path, version, cipher)
    secrets = read_key_log(tmp_path / "keys.log")
    found = client_plaintext(bytes(tap.from_client), bytes(tap.from_server), secrets)
    assert found == b"".join(WRITES)
    assert b"GET /" not in tap.from_client

    altered = bytearray(tap.from_client)
    altered[-40] ^= 1
    with pytest.raises(Undecipherable):
        client_plaintext(bytes(altered), bytes(tap.from_server), secrets)
    with pytest.raises(Undecipherable):
        client_plaintext(bytes(tap.from_client), bytes(tap.from_server), {})


def test_a_connection_cut_in_its_handshake_carried_nothing(tmp_path: Path) -> None:
    tap = talk(tmp_path, ssl.TLSVersion.TLSv1_3, "TLS_AES_256_GCM_SHA384")
    secrets = read_key_log(tmp_path / "keys.log")
    assert client_plaintext(bytes(tap.from_client[:100]), b"", secrets) == b""
