"""A coordinator and its sites on one machine, with keys, and an agent that echoes."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from federated.coordinator.config import CoordinatorConfig
from federated.site.config import SiteConfig
from federated.transport.certificates import (
    Authority,
    make_authority,
    make_server_certificate,
    make_transport_key,
)
from federated.transport.commands import free_ports

ECHO_AGENT = Path(__file__).with_name("echo_agent.py")


def echo_agent(site: SiteConfig) -> list[str]:
    return [sys.executable, str(ECHO_AGENT), str(site.socket_path)]


@dataclass(frozen=True)
class Parties:
    coordinator: CoordinatorConfig
    sites: list[SiteConfig]


def make_site(folder: Path, site_id: str, port: int, authority: Authority) -> SiteConfig:
    make_transport_key(folder / "transport.key", site_id)
    return SiteConfig.model_validate(
        {
            "id": site_id,
            "name": site_id,
            "kind": "hospital",
            "operator": site_id,
            "holders": {},
            "policy": {
                "epsilon_per_person_year": 1,
                "max_epsilon_per_release": 1,
                "federation_sites": 3,
                "delta": 1e-6,
                "answers": {},
            },
            "coordinator": {
                "address": f"127.0.0.1:{port}",
                "ca_certificate": authority.certificate,
            },
            "keys": {"transport": "transport.key"},
            "folder": folder,
        }
    )


def make_parties_in(folder: Path, site_ids: Sequence[str]) -> Parties:
    (port,) = free_ports(1)
    coordinator_folder = folder / "coordinator"
    authority = make_authority(coordinator_folder / "keys", "test")
    server = make_server_certificate(authority, coordinator_folder / "keys")
    sites = [make_site(folder / name, name, port, authority) for name in site_ids]
    coordinator = CoordinatorConfig.model_validate(
        {
            "name": "test",
            "listen": {
                "port": port,
                "ca_certificate": authority.certificate,
                "certificate": server.certificate,
                "private_key": server.private_key,
            },
            "members": [
                {
                    "id": site.id,
                    "name": site.name,
                    "kind": "hospital",
                    "operator": site.operator,
                    "transport_public_key": site.folder / "transport.key.pub",
                }
                for site in sites
            ],
            "release_key": "release.key",
            "manifest": "manifest.json",
            "folder": coordinator_folder,
        }
    )
    return Parties(coordinator, sites)


@pytest.fixture
def make_parties(tmp_path: Path) -> Callable[[Sequence[str]], Parties]:
    return lambda site_ids: make_parties_in(tmp_path, site_ids)
