"""Reading recorded TLS again, with the key log of the process that wrote it.

Enough of RFC 8446 (TLS 1.3) and RFC 5288/7905 (TLS 1.2, AEAD suites) to decrypt one direction of a
recorded connection. It checks a recording and protects nothing.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_CLIENT_HELLO, _SERVER_HELLO, _FINISHED, _KEY_UPDATE = 1, 2, 20, 24
_SUPPORTED_VERSIONS = 43

Secrets = dict[tuple[str, bytes], bytes]
"""Secret by label and client random, as in a key log file."""


class Undecipherable(ValueError):
    """The bytes are not a TLS connection that these secrets open."""


@dataclass(frozen=True)
class _Suite:
    key_bytes: int
    chacha: bool
    sha384: bool

    @property
    def hash(self) -> hashes.HashAlgorithm:
        return hashes.SHA384() if self.sha384 else hashes.SHA256()


_SUITES = {
    # TLS 1.3
    0x1301: _Suite(16, chacha=False, sha384=False),
    0x1302: _Suite(32, chacha=False, sha384=True),
    0x1303: _Suite(32, chacha=True, sha384=False),
    # TLS 1.2, ECDHE with ECDSA or RSA
    0xC02B: _Suite(16, chacha=False, sha384=False),
    0xC02C: _Suite(32, chacha=False, sha384=True),
    0xC02F: _Suite(16, chacha=False, sha384=False),
    0xC030: _Suite(32, chacha=False, sha384=True),
    0xCCA8: _Suite(32, chacha=True, sha384=False),
    0xCCA9: _Suite(32, chacha=True, sha384=False),
}


@dataclass(frozen=True)
class _Hello:
    client_random: bytes
    server_random: bytes
    suite: _Suite
    is_13: bool


def read_key_log(file: Path) -> Secrets:
    """Secrets from a file in the form of SSLKEYLOGFILE."""
    secrets: Secrets = {}
    for line in file.read_text().splitlines():
        parts = line.split()
        if len(parts) == 3 and not line.startswith("#"):
            secrets[parts[0], bytes.fromhex(parts[1])] = bytes.fromhex(parts[2])
    return secrets


def client_plaintext(from_client: bytes, from_server: bytes, secrets: Secrets) -> bytes:
    """What the client's application wrote, out of the recorded bytes of both directions.

    Empty for a connection that ended within its handshake. Raises Undecipherable.
    """
    hello = _hello(from_client, from_server)
    if hello is None:
        return b""
    return (_plaintext_13 if hello.is_13 else _plaintext_12)(hello, from_client, secrets)


def _hello(from_client: bytes, from_server: bytes) -> _Hello | None:
    client = _handshake_message(from_client, _CLIENT_HELLO)
    server = _handshake_message(from_server, _SERVER_HELLO)
    if client is None or server is None:
        return None
    # legacy_version 2, random 32, session id 1 + n, cipher suite 2, compression 1, extensions
    session_end = 35 + server[34]
    suite = int.from_bytes(server[session_end : session_end + 2])
    if suite not in _SUITES:
        raise Undecipherable(f"cipher suite {suite:#06x}")
    is_13 = _SUPPORTED_VERSIONS in dict(_extensions(server[session_end + 3 :]))
    return _Hello(client[2:34], server[2:34], _SUITES[suite], is_13)


def _plaintext_13(hello: _Hello, from_client: bytes, secrets: Secrets) -> bytes:
    handshake = _Key13(hello, secrets, "CLIENT_HANDSHAKE_TRAFFIC_SECRET")
    traffic = _Key13(hello, secrets, "CLIENT_TRAFFIC_SECRET_0")
    plaintext = bytearray()
    finished = False
    for header, body in _records(from_client):
        if header[0] != _APPLICATION_DATA:
            continue
        inner = (traffic if finished else handshake).open(header, body).rstrip(b"\0")
        content, kind = inner[:-1], inner[-1]
        if kind == _APPLICATION_DATA:
            plaintext += content
        elif kind == _HANDSHAKE and content[0] == _FINISHED:
            finished = True
        elif kind == _HANDSHAKE and content[0] == _KEY_UPDATE:
            traffic.update()
        elif kind == _ALERT:
            break
    return bytes(plaintext)


class _Key13:
    def __init__(self, hello: _Hello, secrets: Secrets, label: str) -> None:
        self._suite = hello.suite
        self._secret = _secret(secrets, label, hello)
        self._derive()

    def open(self, header: bytes, body: bytes) -> bytes:
        nonce = _xor(self._iv, self._sequence)
        self._sequence += 1
        return _open(self._suite, self._key, nonce, body, header)

    def update(self) -> None:
        self._secret = self._expand(b"traffic upd", self._suite.hash.digest_size)
        self._derive()

    def _derive(self) -> None:
        self._key = self._expand(b"key", self._suite.key_bytes)
        self._iv = self._expand(b"iv", 12)
        self._sequence = 0

    def _expand(self, label: bytes, length: int) -> bytes:
        """HKDF-Expand-Label with an empty context (RFC 8446, 7.1)."""
        name = b"tls13 " + label
        info = length.to_bytes(2) + bytes([len(name)]) + name + b"\0"
        return HKDFExpand(self._suite.hash, length, info).derive(self._secret)


def _plaintext_12(hello: _Hello, from_client: bytes, secrets: Secrets) -> bytes:
    suite = hello.suite
    iv_bytes = 12 if suite.chacha else 4
    block = _prf(
        suite,
        _secret(secrets, "CLIENT_RANDOM", hello),
        b"key expansion" + hello.server_random + hello.client_random,
        2 * (suite.key_bytes + iv_bytes),
    )
    key = block[: suite.key_bytes]
    iv = block[2 * suite.key_bytes : 2 * suite.key_bytes + iv_bytes]
    plaintext = bytearray()
    sequence, encrypted = 0, False
    for header, body in _records(from_client):
        if header[0] == _CHANGE_CIPHER_SPEC:
            encrypted = True
            continue
        if not encrypted:
            continue
        if suite.chacha:
            nonce, sealed = _xor(iv, sequence), body
        else:
            nonce, sealed = iv + body[:8], body[8:]
        data = sequence.to_bytes(8) + header[:3] + (len(sealed) - 16).to_bytes(2)
        content = _open(suite, key, nonce, sealed, data)
        sequence += 1
        if header[0] == _APPLICATION_DATA:
            plaintext += content
    return bytes(plaintext)


def _prf(suite: _Suite, secret: bytes, seed: bytes, length: int) -> bytes:
    """RFC 5246, section 5."""
    name = suite.hash.name
    output, block = b"", seed
    while len(output) < length:
        block = hmac.digest(secret, block, name)
        output += hmac.digest(secret, block + seed, name)
    return output[:length]


def _records(stream: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(5-byte header, body) of every whole record."""
    at = 0
    while at + 5 <= len(stream):
        header = stream[at : at + 5]
        end = at + 5 + int.from_bytes(header[3:5])
        if end > len(stream):
            return  # the connection was cut in the middle of a record
        yield header, stream[at + 5 : end]
        at = end


def _handshake_message(stream: bytes, kind: int) -> bytes | None:
    """Body of the first handshake message, if it is of this kind; it may span records."""
    message = bytearray()
    for header, body in _records(stream):
        if header[0] != _HANDSHAKE:
            break
        message += body
        if len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4]):
            end = 4 + int.from_bytes(message[1:4])
            return bytes(message[4:end]) if message[0] == kind else None
    return None


def _extensions(block: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 2, 2 + int.from_bytes(block[:2])
    while at < end:
        length = int.from_bytes(block[at + 2 : at + 4])
        yield int.from_bytes(block[at : at + 2]), block[at + 4 : at + 4 + length]
        at += 4 + length


def _secret(secrets: Secrets, label: str, hello: _Hello) -> bytes:
    try:
        return secrets[label, hello.client_random]
    except KeyError:
        raise Undecipherable("the key log has no secret for this connection") from None


def _open(suite: _Suite, key: bytes, nonce: bytes, sealed: bytes, data: bytes) -> bytes:
    cipher = ChaCha20Poly1305(key) if suite.chacha else AESGCM(key)
    try:
        return cipher.decrypt(nonce, sealed, data)
    except InvalidTag:
        raise Undecipherable("a record does not open with the key log's secret") from None


def _xor(iv: bytes, sequence: int) -> bytes:
    return bytes(a ^ b for a, b in zip(iv, sequence.to_bytes(len(iv)), strict=True))
