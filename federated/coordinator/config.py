"""`coordinator.yaml`: who may take part, and where the SuperLink listens.

The coordinator holds no warehouse. Paths are relative to the file's folder.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from federated.contract.config_file import read_config
from federated.contract.messages import Identifier, Year
from privacy.problem import Problem

COORDINATOR_FILE = "coordinator.yaml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Listen(_Section):
    """Where the SuperLink listens, and its TLS files (all PEM)."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)]
    ca_certificate: Path
    certificate: Path
    private_key: Path


class Member(_Section):
    """A site that may connect: its transport public key is registered under its id.

    kind: as in the site's own file (`hospital`, `municipality`, `register`). identity_public_key:
    of its agent (Ed25519, PEM), which countersigns the global ledger.
    """

    id: Identifier
    name: Annotated[str, Field(min_length=1)]
    kind: str
    operator: Annotated[str, Field(min_length=1)]
    transport_public_key: Path
    identity_public_key: Path | None = None


class PlannedQuestion(_Section):
    """A question the coordinator puts to the sites, once per period.

    epsilon, delta: what the noise of all sites together may cost one person, per period.
    """

    indicator: Identifier
    periods: Annotated[list[Year], Field(min_length=1)]
    epsilon: Annotated[float, Field(gt=0, le=1e9)]
    delta: Annotated[float, Field(gt=0, le=1e-5)]
    edition: Annotated[int, Field(ge=1)] = 1


class CoordinatorConfig(_Section):
    """The coordinator of one helsefellesskap.

    release_key: private key (Ed25519, PEM) that signs releases. manifest: dbt manifest from which
    the indicator catalogue is read.
    """

    name: Annotated[str, Field(min_length=1)]
    listen: Listen
    members: Annotated[list[Member], Field(min_length=1)]
    questions: list[PlannedQuestion] = []
    release_key: Path
    manifest: Path
    state: Path = Path("state")
    releases: Path = Path("releases")

    folder: Path = Path()
    """Set by `load_coordinator`; not a field of the file."""

    def path(self, relative: Path) -> Path:
        return relative if relative.is_absolute() else self.folder / relative

    def roster(self, kinds: Collection[str]) -> list[str]:
        """Ids of the members of these kinds, sorted."""
        return sorted(member.id for member in self.members if member.kind in kinds)

    @property
    def state_path(self) -> Path:
        return self.path(self.state)

    @property
    def releases_path(self) -> Path:
        return self.path(self.releases)


def load_coordinator(where: Path) -> CoordinatorConfig:
    """Read a coordinator by its folder or its `coordinator.yaml`."""
    file = where / COORDINATOR_FILE if where.is_dir() else where
    if not file.is_file():
        raise Problem(
            "there is no such coordinator",
            str(file),
            f"Name a folder that holds a {COORDINATOR_FILE}, or the file itself.",
        )
    config = read_config(file, CoordinatorConfig, hidden={"folder"})
    return config.model_copy(update={"folder": file.parent.resolve()})
