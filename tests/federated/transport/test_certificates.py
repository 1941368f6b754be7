import os
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from federated.transport.certificates import (
    make_authority,
    make_server_certificate,
    make_signing_key,
    make_transport_key,
    read_transport_public_key,
)
from privacy.problem import Problem


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_private_keys_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        authority = make_authority(tmp_path, "test")
        server = make_server_certificate(authority, tmp_path)
        transport = make_transport_key(tmp_path / "transport.key", "oslo")
        signing = make_signing_key(tmp_path / "release.key")
    finally:
        os.umask(before)
    for pair in (authority, server, transport, signing):
        assert mode(pair.private_key) == 0o600


def test_made_again_nothing_changes(tmp_path: Path) -> None:
    def make() -> dict[str, bytes]:
        authority = make_authority(tmp_path, "test")
        make_server_certificate(authority, tmp_path, ["super.example"])
        make_transport_key(tmp_path / "transport.key", "oslo")
        make_signing_key(tmp_path / "release.key")
        return contents(tmp_path)

    assert make() == make()


def test_a_new_host_gets_a_new_certificate_on_the_same_key(tmp_path: Path) -> None:
    authority = make_authority(tmp_path, "test")
    first = make_server_certificate(authority, tmp_path)
    old, key = first.certificate.read_bytes(), first.private_key.read_bytes()
    make_server_certificate(authority, tmp_path, ["super.example", "10.0.0.7"])
    assert first.private_key.read_bytes() == key
    assert first.certificate.read_bytes() != old
    names = (
        x509.load_pem_x509_certificate(first.certificate.read_bytes())
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "super.example"}
    addresses = names.get_values_for_type(x509.IPAddress)
    assert {str(address) for address in addresses} == {"127.0.0.1", "10.0.0.7"}


def test_another_authority_gets_a_new_certificate(tmp_path: Path) -> None:
    server = make_server_certificate(make_authority(tmp_path / "one", "one"), tmp_path)
    other = make_authority(tmp_path / "other", "other")
    make_server_certificate(other, tmp_path)
    issuer = x509.load_pem_x509_certificate(other.certificate.read_bytes())
    x509.load_pem_x509_certificate(server.certificate.read_bytes()).verify_directly_issued_by(
        issuer
    )


def test_openssl_verifies_the_chain_strictly(tmp_path: Path) -> None:
    authority = make_authority(tmp_path, "test")
    server = make_server_certificate(authority, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.private_key)
    verified = subprocess.run(
        [
            *("openssl", "verify", "-x509_strict", "-purpose", "sslserver"),
            *("-verify_ip", "127.0.0.1", "-CAfile", str(authority.certificate)),
            str(server.certificate),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stderr


def test_the_public_transport_key_is_the_private_ones(tmp_path: Path) -> None:
    pair = make_transport_key(tmp_path / "transport.key", "oslo")
    private = serialization.load_ssh_private_key(pair.private_key.read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert private.curve.name == "secp384r1"
    assert pair.public_key.read_text().endswith(" oslo\n")
    assert read_transport_public_key(pair.public_key) == private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_lost_public_half_comes_back(tmp_path: Path) -> None:
    pair = make_transport_key(tmp_path / "transport.key", "oslo")
    public = pair.public_key.read_bytes()
    pair.public_key.unlink()
    make_transport_key(tmp_path / "transport.key", "oslo")
    assert pair.public_key.read_bytes() == public


def test_a_key_of_another_kind_is_named_and_left_alone(tmp_path: Path) -> None:
    pair = make_signing_key(tmp_path / "release.key")
    before = pair.private_key.read_bytes()
    with pytest.raises(Problem) as problem:
        make_transport_key(pair.private_key, "oslo")
    assert str(pair.private_key) in problem.value.where
    assert pair.private_key.read_bytes() == before
    with pytest.raises(Problem):
        read_transport_public_key(pair.public_key)


def test_a_missing_public_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem) as problem:
        read_transport_public_key(tmp_path / "nowhere.pub")
    assert "nowhere.pub" in problem.value.where
