import base64

import pytest
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.problem import Problem
from privacy.signatures import (
    canonical,
    is_signed_by,
    load_public_key,
    load_signing_key,
    sign,
)

CONTENT = {"b": [1, 2.5, None], "a": "Sløyfe"}


def private_pem(key, encryption=None) -> bytes:
    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, encryption or s.NoEncryption())


def public_pem(key) -> bytes:
    return key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)


def test_canonical_bytes_do_not_depend_on_order_and_are_utf8():
    assert canonical(CONTENT) == canonical(dict(reversed(CONTENT.items())))
    assert canonical(CONTENT) == '{"a":"Sløyfe","b":[1,2.5,null]}'.encode()
    with pytest.raises(ValueError):
        canonical({"a": float("nan")})


def test_a_signature_holds_for_its_content_and_its_key_alone(tmp_path):
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (tmp_path / "key").write_bytes(private_pem(key))
    (tmp_path / "key.pub").write_bytes(public_pem(key))
    signature = sign(load_signing_key(tmp_path / "key"), CONTENT)
    public = load_public_key(tmp_path / "key.pub")
    assert is_signed_by(public, CONTENT, signature)
    assert not is_signed_by(public, CONTENT | {"a": "Sloyfe"}, signature)
    assert not is_signed_by(other.public_key(), CONTENT, signature)
    turned = bytes([base64.b64decode(signature)[0] ^ 1]) + base64.b64decode(signature)[1:]
    assert not is_signed_by(public, CONTENT, base64.b64encode(turned).decode())


@pytest.mark.parametrize("signature", ["", "ÆØÅ", "not base64!", "AAAA", "====", "A" * 88])
def test_what_is_no_signature_is_not_one(signature):
    assert not is_signed_by(Ed25519PrivateKey.generate().public_key(), CONTENT, signature)


@pytest.mark.parametrize("load", [load_signing_key, load_public_key])
def test_a_key_that_is_not_one_is_one_clear_line(tmp_path, load):
    curve = ec.generate_private_key(ec.SECP384R1())
    locked = private_pem(Ed25519PrivateKey.generate(), s.BestAvailableEncryption(b"secret"))
    cases = [b"", b"garbage", private_pem(curve), public_pem(curve), locked]
    for number, content in enumerate(cases):
        file = tmp_path / f"{number}.key"
        file.write_bytes(content)
        with pytest.raises(Problem, match="not an Ed25519 key") as caught:
            load(file)
        assert caught.value.where == str(file)
    with pytest.raises(Problem, match="the key cannot be read"):
        load(tmp_path / "missing.key")
