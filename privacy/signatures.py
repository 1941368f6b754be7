"""Ed25519 signatures over canonical JSON, and reading the keys."""

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from privacy.problem import Problem


def canonical(content: Any) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        raise _wrong_kind(path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong_kind(path)
    return key


def load_public_key(path: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong_kind(path) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _wrong_kind(path)
    return key


def sign(key: Ed25519PrivateKey, content: Any) -> str:
    """Signature of `content` in base64."""
    return base64.b64encode(key.sign(canonical(content))).decode()


def is_signed_by(key: Ed25519PublicKey, content: Any, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), canonical(content))
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(
            "the key cannot be read", str(path), f"{error.strerror}: check path and permissions."
        ) from None


def _wrong_kind(path: Path) -> Problem:
    return Problem(
        "this is not an Ed25519 key",
        str(path),
        "Name an Ed25519 key in PEM form, without password.",
    )
