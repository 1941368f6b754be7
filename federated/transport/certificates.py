"""Keys and certificates of the transport: a private authority, the SuperLink's TLS, node keys.

Every function can be called again: a file that is there and still good is left alone. Private keys
are files of mode 0600 from the first byte on; nothing is ever written over a private key.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from privacy.problem import Problem

AUTHORITY_YEARS = 10
SERVER_YEARS = 2
RENEW_BEFORE = timedelta(days=30)
ALWAYS = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Authority:
    """A private certificate authority. The certificate goes to every site, the key to nobody."""

    certificate: Path
    private_key: Path


@dataclass(frozen=True)
class ServerCertificate:
    """The SuperLink's TLS certificate and its key, both PEM."""

    certificate: Path
    private_key: Path


@dataclass(frozen=True)
class KeyPair:
    """A private key file and the file with its public half."""

    private_key: Path
    public_key: Path


def make_authority(folder: Path, name: str) -> Authority:
    """A certificate authority (EC P-384) in `folder`, which may sign server certificates only."""
    files = Authority(folder / "ca.crt", folder / "ca.key")
    key = _private_key(files.private_key)
    if not files.certificate.is_file():
        subject = _name(f"{name} transport CA")
        certificate = (
            _builder(subject, subject, key.public_key(), timedelta(days=365 * AUTHORITY_YEARS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(certificate_sign=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, hashes.SHA384())
        )
        _write(files.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return files


def make_server_certificate(
    authority: Authority, folder: Path, hosts: Sequence[str] = ()
) -> ServerCertificate:
    """The SuperLink's certificate for loopback and `hosts` (names or IP addresses).

    It is made anew, on the same key, when it does not cover a host, when the authority is another
    one, or when it ends within a month.
    """
    files = ServerCertificate(folder / "superlink.crt", folder / "superlink.key")
    names = list(dict.fromkeys([*ALWAYS, *hosts]))
    key = _private_key(files.private_key)
    issuer = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    if _is_good(files.certificate, issuer, key.public_key(), names):
        return files
    authority_key = _private_key(authority.private_key)
    certificate = (
        _builder(
            _name("SuperLink"),
            issuer.subject,
            key.public_key(),
            timedelta(days=365 * SERVER_YEARS),
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in names]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA384())
    )
    _write(files.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return files


def make_transport_key(private_key: Path, owner: str) -> KeyPair:
    """The key with which a SuperNode proves who it is (EC P-384).

    Both halves are in OpenSSH's forms, the only ones Flower reads: `flower-supernode
    --auth-supernode-private-key` and `flwr supernode register`. The public half lies beside the
    private one with the suffix `.pub`; `owner` is its comment.
    """
    files = KeyPair(private_key, _public_file(private_key))
    key = _private_key(private_key, serialization.PrivateFormat.OpenSSH)
    if not files.public_key.is_file():
        line = key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        _write(files.public_key, line + b" " + owner.encode() + b"\n", 0o644)
    return files


def make_signing_key(private_key: Path) -> KeyPair:
    """An Ed25519 key pair (PEM: PKCS#8 and SubjectPublicKeyInfo), for signing what is published."""
    files = KeyPair(private_key, _public_file(private_key))
    if not private_key.is_file():
        _write_private(
            private_key, ed25519.Ed25519PrivateKey.generate(), serialization.PrivateFormat.PKCS8
        )
    key = serialization.load_pem_private_key(private_key.read_bytes(), None)
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _wrong_kind(private_key, "Ed25519")
    if not files.public_key.is_file():
        text = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        _write(files.public_key, text, 0o644)
    return files


def read_transport_public_key(file: Path) -> bytes:
    """A node's public key as the SuperLink's Control API wants it (PEM). Raises Problem."""
    try:
        key = serialization.load_ssh_public_key(file.read_bytes())
    except OSError as error:
        raise Problem(
            "a site's public transport key cannot be read",
            str(file),
            f"{error.strerror}: ask the site for its `.pub` file.",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong_kind(file, "EC P-384, OpenSSH form") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise _wrong_kind(file, "EC P-384, OpenSSH form")
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _private_key(
    file: Path, form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8
) -> ec.EllipticCurvePrivateKey:
    if not file.is_file():
        _write_private(file, ec.generate_private_key(ec.SECP384R1()), form)
    load = (
        serialization.load_ssh_private_key
        if form is serialization.PrivateFormat.OpenSSH
        else serialization.load_pem_private_key
    )
    try:
        key = load(file.read_bytes(), None)
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong_kind(file, "EC P-384") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _wrong_kind(file, "EC P-384")
    return key


def _wrong_kind(file: Path, wanted: str) -> Problem:
    return Problem(
        f"not a key of the right kind ({wanted})",
        str(file),
        "Move the file away and make a new one.",
    )


def _public_file(private_key: Path) -> Path:
    return private_key.with_name(private_key.name + ".pub")


def _is_good(
    file: Path, issuer: x509.Certificate, key: ec.EllipticCurvePublicKey, hosts: Sequence[str]
) -> bool:
    if not file.is_file():
        return False
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        certificate.verify_directly_issued_by(issuer)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return (
        certificate.public_key() == key
        and all(_general_name(host) in named for host in hosts)
        and certificate.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of two organisations differ
        .not_valid_after(now + lifetime)
    )


def _name(common_name: str) -> x509.Name:
    # RFC 5280 allows 64 characters.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except (ValueError, UnsupportedAlgorithm):
        return x509.DNSName(host)


def _key_usage(*, certificate_sign: bool = False, digital_signature: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=certificate_sign,
        crl_sign=certificate_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_private(
    file: Path,
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
    form: serialization.PrivateFormat,
) -> None:
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    _write(file, text, 0o600, overwrite=False)


def _write(file: Path, content: bytes, mode: int, *, overwrite: bool = True) -> None:
    """Write whole or not at all; with `overwrite=False` the first writer of two wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        if overwrite:
            draft.replace(file)
        elif not file.exists():
            os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
