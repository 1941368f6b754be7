"""The commands of each side of the wire, as they run in the demo and on separate machines.

Each process gets a small, clean environment and keeps everything it writes inside the state folder
of its own organisation: Flower's home, its database, temporary files, logs and secrets.
"""

import ipaddress
import os
import secrets
import socket
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

from federated.coordinator.config import CoordinatorConfig
from federated.site.config import SITE_FILE, SiteConfig
from federated.transport.processes import Command
from privacy.problem import Problem

RESTART_AFTER = 3.0
"""Seconds before a transport process that ended is started again. A SuperNode whose SuperLink still
believes its predecessor online is refused for up to a minute: it just tries again."""

_SUPEREXEC_POLL = "0.3"  # seconds; Flower's default is 1


def superlink_command(coordinator: CoordinatorConfig) -> Command:
    """The SuperLink: TLS, enrolled keys only, on loopback. Raises Problem."""
    listen = coordinator.listen
    if not _is_loopback(listen.host):
        # Its Control API starts runs and enrols keys without asking who is there, on the same port.
        raise Problem(
            "the SuperLink may listen on loopback only",
            f"coordinator {coordinator.name}, field listen.host = {listen.host}",
            "Set 127.0.0.1 and let a reverse proxy expose the fleet paths.",
        )
    folder = _folder(coordinator.state_path / "superlink")
    return Command(
        role="superlink",
        site="",
        argv=[
            _script("flower-superlink"),
            *("--host", listen.host, "--port", str(listen.port)),
            *("--ssl-ca-certfile", _file(coordinator.path(listen.ca_certificate))),
            *("--ssl-certfile", _file(coordinator.path(listen.certificate))),
            *("--ssl-keyfile", _file(coordinator.path(listen.private_key))),
            "--enable-supernode-auth",
            "--disable-runtime-dependency-installation",
            *("--database", str(superlink_database(coordinator))),
        ],
        env=clean_environment(folder) | {"FLWR_SUPEREXEC_TASK_POLL_INTERVAL": _SUPEREXEC_POLL},
        cwd=str(folder),
        log=_log(coordinator.state_path, "superlink"),
        restart_after=RESTART_AFTER,
    )


def superlink_database(coordinator: CoordinatorConfig) -> Path:
    return coordinator.state_path / "superlink" / "state.db"


def supernode_command(site: SiteConfig, runtime_port: int, superlink: str | None = None) -> Command:
    """The site's SuperNode, which dials the coordinator. Raises Problem.

    runtime_port: local port on which it offers tasks to the relay.
    superlink: another address than the site file's, for a proxy in between.
    """
    folder = _folder(site.state_path / "supernode")
    return Command(
        role="supernode",
        site=site.id,
        argv=[
            _script("flower-supernode"),
            *("--superlink", superlink or site.coordinator.address),
            *("--root-certificates", _file(site.path(site.coordinator.ca_certificate))),
            *("--auth-supernode-private-key", _file(site.path(site.keys.transport))),
            *("--host", "127.0.0.1", "--port", str(runtime_port)),
            *("--isolation", "process"),
            *("--superexec-auth-secret-file", str(_relay_secret(site))),
        ],
        env=clean_environment(folder),
        cwd=str(folder),
        log=_log(site.state_path, "supernode"),
        restart_after=RESTART_AFTER,
    )


def relay_command(site: SiteConfig, runtime_port: int) -> Command:
    """The site's own worker between SuperNode and agent."""
    folder = _folder(site.state_path / "relay")
    return Command(
        role="relay",
        site=site.id,
        argv=[
            *(sys.executable, "-m", "federated.transport.relay"),
            *("--runtime", f"127.0.0.1:{runtime_port}"),
            *("--secret", str(_relay_secret(site))),
            *("--agent", str(site.socket_path)),
        ],
        env=clean_environment(folder),
        cwd=str(folder),
        log=_log(site.state_path, "relay"),
        restart_after=RESTART_AFTER,
    )


AgentCommand = Callable[[SiteConfig], list[str]]


def default_agent_command(site: SiteConfig) -> list[str]:
    """argv of the site's agent."""
    return [sys.executable, "-m", "federated.site.agent", str(site.folder)]


def agent_command(site: SiteConfig, argv: AgentCommand = default_agent_command) -> Command:
    """The site's agent. It is not started again: an agent that ended wants a person to look."""
    _folder(site.socket_path.parent)
    return Command(
        role="agent",
        site=site.id,
        argv=argv(site),
        env=clean_environment(_folder(site.state_path / "agent-home")),
        cwd=str(site.folder),
        log=_log(site.state_path, "agent"),
    )


def clean_environment(folder: Path) -> dict[str, str]:
    """What a process needs and nothing of ours: no variable of the user's shell is handed on."""
    home, temporary = _folder(folder / "home"), _folder(folder / "tmp")
    # The first folder holds flower-superexec, which Flower looks for on the path.
    path = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent), "/usr/bin", "/bin"]
    return {
        "PATH": os.pathsep.join(dict.fromkeys(path)),
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",  # modules come from the installation, never from the working folder
        "FLWR_HOME": str(home / "flwr"),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
    }


def require_free_port(host: str, port: int) -> None:
    """Raise Problem if something listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Problem(
                f"port {port} cannot be listened on: {(error.strerror or '').lower()}",
                f"{host}:{port}, for the SuperLink",
                "Stop what uses it, or set another port in the coordinator's and the sites' files.",
            ) from None


def free_ports(count: int) -> list[int]:
    """Different free ports on loopback."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def require_members(coordinator: CoordinatorConfig, sites: Sequence[SiteConfig]) -> None:
    """Raise Problem unless every site is a member. Both files are written by hand."""
    members = {member.id for member in coordinator.members}
    for site in sites:
        if site.id not in members:
            raise Problem(
                f"the site `{site.id}` is not a member of this federation",
                str(site.folder / SITE_FILE),
                "Add it under `members` in the coordinator's file.",
            )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _script(name: str) -> str:
    return str(Path(sysconfig.get_path("scripts")) / name)


def _folder(path: Path) -> Path:
    """Make it and what is missing above it, for their owner alone (`parents=True` would not)."""
    if not path.parent.exists():
        _folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _log(state: Path, name: str) -> str:
    return str(_folder(state / "logs") / f"{name}.log")


def _file(path: Path) -> str:
    if not path.is_file():
        raise Problem(
            "a key or certificate is missing", str(path), "Make it, or correct the path to it."
        )
    return str(path)


def _relay_secret(site: SiteConfig) -> Path:
    """What SuperNode and relay know each other by, so that no other local process takes tasks."""
    file = _folder(site.state_path / "transport") / "relay.secret"
    if not file.exists():
        draft = file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(32))
        draft.replace(file)
    return file
