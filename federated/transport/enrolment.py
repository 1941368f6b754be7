"""Letting the members in: their keys, once the SuperLink answers."""

import threading
import time
from pathlib import Path

from federated.coordinator.config import CoordinatorConfig
from federated.transport.certificates import read_transport_public_key
from federated.transport.control import ControlApiError, SuperLink
from privacy.problem import Problem

PATIENCE = 60.0  # seconds until the SuperLink must answer
LOOK = 0.1  # seconds between two looks


def member_keys(coordinator: CoordinatorConfig) -> dict[str, bytes]:
    """Public key (PEM) of each member by its id. Raises Problem."""
    keys: dict[str, bytes] = {}
    owners: dict[bytes, str] = {}
    for member in coordinator.members:
        file = coordinator.path(member.transport_public_key)
        key = read_transport_public_key(file)
        if key in owners:
            raise Problem(
                f"`{owners[key]}` and `{member.id}` have the same transport key",
                str(file),
                "Give each member the key of its own site.",
            )
        owners[key] = member.id
        keys[member.id] = key
    return keys


def wait_for_superlink(
    coordinator: CoordinatorConfig, stopping: threading.Event
) -> SuperLink | None:
    """A client as soon as the SuperLink answers; None if `stopping` came first. Raises Problem."""
    listen = coordinator.listen
    superlink = SuperLink(f"{listen.host}:{listen.port}", coordinator.path(listen.ca_certificate))
    deadline = time.monotonic() + PATIENCE
    while not stopping.wait(LOOK):
        try:
            superlink.nodes()
            return superlink
        except ControlApiError:
            if time.monotonic() > deadline:
                superlink.close()
                raise Problem(
                    f"the SuperLink did not answer within {PATIENCE:.0f} s",
                    superlink_log(coordinator),
                    "Read its last lines.",
                ) from None
    superlink.close()
    return None


def superlink_log(coordinator: CoordinatorConfig) -> str:
    """Where to look, as it stands in a Problem."""
    return f"log: {Path(coordinator.state_path, 'logs', 'superlink.log')}"
