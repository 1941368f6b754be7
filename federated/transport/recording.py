"""Recording what leaves a site, so that a test can search it. On synthetic data only.

A recording is a folder:
  wire/SITE/N-PORT.to_superlink, .to_site   raw bytes of each TCP connection, as the socket carried
                                            them; PORT is the SuperNode's
  plaintext/SITE/                           what the site's Flower processes handed to TLS, and the
                                            TLS secrets
  opened/                                   every file that each Flower process opened

The wire is recorded by proxies in a process of its own, plaintext and files by a hook inside the
Flower processes (`recording_hook`). That the hook missed nothing is not taken on trust: `reconcile`
decrypts the wire and compares.
"""

import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from federated.site.config import SiteConfig
from federated.transport.commands import clean_environment, free_ports
from federated.transport.processes import Command
from federated.transport.tls_records import client_plaintext, read_key_log

HOOK = Path(__file__).with_name("recording_hook")

TO_SUPERLINK = ".to_superlink"
TO_SITE = ".to_site"

_WIRE, _PLAINTEXT, _OPENED = "wire", "plaintext", "opened"
_SITE_TLS = ("supernode", "relay")
_WATCHED = (*_SITE_TLS, "superlink")


class Recorder:
    """Puts proxies and hooks into a federation that is about to start. folder: new or empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._routes: list[str] = []

    def routes(self, sites: Sequence[SiteConfig]) -> dict[str, str]:
        """The address each site's SuperNode shall dial, by site id."""
        ports = free_ports(len(sites))
        self._routes = [
            f"{port}={site.coordinator.address}={_made(self._folder / _WIRE / site.id)}"
            for port, site in zip(ports, sites, strict=True)
        ]
        return {site.id: f"127.0.0.1:{port}" for port, site in zip(ports, sites, strict=True)}

    def proxy_command(self) -> Command:
        folder = _made(self._folder / "proxy")
        return Command(
            role="recorder",
            site="",
            argv=[sys.executable, "-m", "federated.transport.recording_proxy", *self._routes],
            env=clean_environment(folder),
            cwd=str(folder),
            log=str(folder / "proxy.log"),
        )

    def observe(self, command: Command) -> Command:
        """The same command with the hook in it, if it is one of Flower's."""
        if command.role not in _WATCHED:
            return command
        env = command.env | {
            "PYTHONPATH": str(HOOK),
            "SLOYFE_RECORD_OPENED": str(_made(self._folder / _OPENED)),
        }
        if command.role in _SITE_TLS:
            env["SLOYFE_RECORD_PLAINTEXT"] = str(_made(self._folder / _PLAINTEXT / command.site))
        return replace(command, env=env)


@dataclass(frozen=True)
class Connection:
    """One TLS connection from a site. equal: all that went out is what the hook recorded."""

    site: str
    port: int
    bytes_on_socket: int
    bytes_plaintext: int
    equal: bool
    plaintext: bytes


@dataclass(frozen=True)
class Reconciliation:
    """unmatched: recorded plaintexts that belong to no recorded connection."""

    connections: tuple[Connection, ...]
    unmatched: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return (
            bool(self.connections)
            and not self.unmatched
            and all(connection.equal for connection in self.connections)
        )


def _is_what_was_recorded(decrypted: bytes, recorded: bytes) -> bool:
    """Whether all that went out was recorded before.

    The hook records what is about to be encrypted. A process that is ended in between has recorded
    a message more than it sent: the end of the record may be missing on the wire, nothing else.
    """
    return bool(decrypted) == bool(recorded) and recorded.startswith(decrypted)


def reconcile(folder: Path) -> Reconciliation:
    """Compare each connection's decrypted bytes, site to SuperLink, with what the hook recorded.

    Raises Undecipherable if a recorded connection does not open with the recorded secrets.
    """
    connections: list[Connection] = []
    unmatched: list[str] = []
    for site in sorted((folder / _WIRE).iterdir()):
        plaintexts = _plaintexts(folder / _PLAINTEXT / site.name)
        key_log = folder / _PLAINTEXT / site.name / "keys.log"
        secrets = read_key_log(key_log) if key_log.is_file() else {}
        for wire in sorted(site.glob(f"*{TO_SUPERLINK}"), key=_order):
            port = int(wire.stem.split("-")[1])
            from_client = wire.read_bytes()
            decrypted = client_plaintext(
                from_client, wire.with_suffix(TO_SITE).read_bytes(), secrets
            )
            # Only a connection that carried data has a plaintext file; a port may come again.
            of_port = plaintexts.get(port, [])
            recorded = of_port.pop(0).read_bytes() if decrypted and of_port else b""
            connections.append(
                Connection(
                    site.name,
                    port,
                    len(from_client),
                    len(decrypted),
                    _is_what_was_recorded(decrypted, recorded),
                    decrypted,
                )
            )
        unmatched += [file.name for files in plaintexts.values() for file in files]
    return Reconciliation(tuple(connections), tuple(unmatched))


def request_bodies(plaintext: bytes) -> Iterator[tuple[str, bytes]]:
    """(request line, decompressed body) of each HTTP/1.1 request in one connection's plaintext.

    A request that was cut off yields what there is of it. Raises ValueError for an encoding that
    is not known: what cannot be read cannot be searched.
    """
    while plaintext:
        head, _, rest = plaintext.partition(b"\r\n\r\n")
        request_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in map(_split, lines)}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body, plaintext = _chunks(rest)
        else:
            length = int(headers.get("content-length", "0"))
            body, plaintext = rest[:length], rest[length:]
        yield request_line, _decompressed(body, headers.get("content-encoding", "identity"))


@dataclass(frozen=True)
class Process:
    """A Flower process and what it opened. command: the beginning of its argv."""

    pid: int
    parent: int
    command: tuple[str, ...]
    opened: frozenset[Path]


def processes(folder: Path) -> list[Process]:
    """Every Flower process of the recording, the short-lived ones included.

    Files that a C library opens by itself (a certificate, a DuckDB database) are not seen by
    Python's audit; the import of the module that could is.
    """
    found = []
    for file in sorted((folder / _OPENED).glob("*.jsonl")):
        first, *entries = (json.loads(line) for line in file.read_text().splitlines())
        opened = frozenset(Path(entry["path"]) for entry in entries)
        found.append(Process(first["pid"], first["parent"], tuple(first["command"]), opened))
    return found


def _plaintexts(folder: Path) -> dict[int, list[Path]]:
    """Recorded plaintexts by local port, oldest first."""
    files = sorted(folder.glob("*.bin"), key=lambda file: (_port(file), file.stat().st_ctime_ns))
    return {port: list(group) for port, group in groupby(files, key=_port)}


def _port(file: Path) -> int:
    return int(file.stem.split("-")[2])


def _order(file: Path) -> int:
    return int(file.stem.split("-")[0])


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _chunks(stream: bytes) -> tuple[bytes, bytes]:
    body = bytearray()
    while stream:
        size, _, stream = stream.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        body += stream[:length]
        stream = stream[length + 2 :]
        if length == 0:
            break
    return bytes(body), stream


def _decompressed(body: bytes, encoding: str) -> bytes:
    if encoding == "identity":
        return body
    if encoding in ("gzip", "deflate"):
        return zlib.decompress(body, wbits=47)  # 32 + 15: gzip or zlib, by its header
    raise ValueError(f"content encoding {encoding} is not known")


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
