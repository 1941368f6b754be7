"""The SuperLink's Control API: who may connect, who is online, runs.

Pinned to flwr 1.41, whose internals these imports are (what `flwr supernode register` and
`flwr run` call). The API asks nobody who they are, which is why the SuperLink is bound to loopback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from flwr.common.serde import user_config_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    ListRunsRequest,
    RegisterNodeRequest,
    StartRunRequest,
    UnregisterNodeRequest,
)
from flwr.proto.fab_pb2 import Fab
from flwr.supercore.control import ControlHttpClient

from federated.transport import fab

ControlApiError = httpx.HTTPError
"""The SuperLink cannot be reached or refused the call."""

_ONLINE = "online"
_FINISHED = "finished"
_UNREGISTERED = "unregistered"


@dataclass(frozen=True)
class Node:
    """An enrolled SuperNode. name: the site's id. public_key: PEM."""

    node_id: int
    name: str
    public_key: bytes
    online: bool


class SuperLink:
    """A client of one SuperLink; every call raises ControlApiError."""

    def __init__(self, address: str, ca_certificate: Path) -> None:
        self._client = ControlHttpClient.from_server_address(
            address,
            insecure=False,
            root_certificates=ca_certificate.read_bytes(),
            interceptors=[],
        )

    def close(self) -> None:
        self._client.close()

    def nodes(self) -> list[Node]:
        return [
            Node(node.node_id, node.name, node.public_key, node.status == _ONLINE)
            for node in self._client.ListNodes(ListNodesRequest()).nodes_info
            if node.status != _UNREGISTERED
        ]

    def enrol(self, members: Mapping[str, bytes]) -> None:
        """Make the enrolled keys exactly these. members: public key (PEM) by site id.

        A key that is no longer a member's is taken out first: a site that left, or that changed its
        key, must not be able to connect with the old one.
        """
        kept = set()
        for node in self.nodes():
            if members.get(node.name) == node.public_key:
                kept.add(node.name)
            else:
                self._client.UnregisterNode(UnregisterNodeRequest(node_id=node.node_id))
        for name, public_key in members.items():
            if name not in kept:
                self._client.RegisterNode(RegisterNodeRequest(public_key=public_key, name=name))

    def start_run(self, bundle: bytes, config: Mapping[str, str]) -> int:
        """Submit a run of the bundle; its id."""
        return self._client.StartRun(
            StartRunRequest(
                fab=Fab(hash_str=fab.sha256(bundle), content=bundle),
                override_config=user_config_to_proto(dict(config)),
            )
        ).run_id

    def is_finished(self, run_id: int) -> bool:
        runs = self._client.ListRuns(ListRunsRequest(run_id=run_id)).run_dict
        return runs[run_id].status.status == _FINISHED
