"""`site.yaml`: everything Sløyfe knows about one organisation, in one file.

Paths in it are relative to the file's folder. A mistake ends in one line that names file, line,
field and the mend.
"""

from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from federated.contract.config_file import read_config
from federated.contract.messages import Identifier
from privacy.policy import Policy
from privacy.problem import Problem

SITE_FILE = "site.yaml"


def _contract() -> ModuleType:
    """The contracts; imported late, since the landing's own package imports this module."""
    from federated.site.landing import contract  # noqa: PLC0415 -- as said above

    return contract


class SiteKind(StrEnum):
    HOSPITAL = "hospital"
    MUNICIPALITY = "municipality"
    REGISTER = "register"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


SYNTHEA = "synthea"
SYNTHEA_TABLES = {True: ("npr_stay",), False: ("kuhr_claim", "kpr_care")}
"""What a Synthea source brings to a hospital (True), and to the municipality (False)."""


class RegisterFile(_Section):
    """One delivery: its format and where it lies (a file or a folder, as the format wants).

    format: one that has a contract, or `synthea`. mapping: how the delivery differs from the
    register's shape, where that does not stand beside it.
    """

    format: str
    path: Path
    mapping: Path | None = None

    @field_validator("format")
    @classmethod
    def _has_a_contract(cls, name: str) -> str:
        known = (*_contract().registers(), SYNTHEA)
        if name not in known:
            close = get_close_matches(name, known, n=1)
            mend = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(known)}"
            raise ValueError(f"there is no format `{name}`; {mend}")
        return name


class PersonNumbers(_Section):
    """What kind of person number the deliveries carry, and which one the sites link by.

    A pseudonym is a recipient's own: the same register may number a person differently for another
    recipient, or for a project. Two sites' tokens are compared only where the kinds are the same,
    so a series of its own has a name of its own here, the same at every site that has it.
    npr: `lopenr` of the NPR deliveries. kpr: `kpr_lnr` of claims and care. common: npr_lnr or
    kpr_lnr; where a key file is delivered, numbers of the other of the two are mapped to it.
    """

    npr: Identifier = "npr_lnr"
    kpr: Identifier = "kpr_lnr"
    common: Literal["npr_lnr", "kpr_lnr"] = "npr_lnr"

    @field_validator("npr", "kpr")
    @classmethod
    def _is_no_kind_of_ours(cls, kind: str) -> str:
        if kind in ("synthea", "mixed"):
            raise ValueError(f"`{kind}` is what the software calls it; leave the field out")
        return kind


class SyntheaShare(_Section):
    """Which hospital of how many this site plays when a Synthea source is dealt out (0-based)."""

    hospital: Annotated[int, Field(ge=0)] | None = None
    of: Annotated[int, Field(ge=1, le=50)]


def _tables_of(format_: str, share: SyntheaShare | None) -> tuple[str, ...]:
    if format_ == SYNTHEA:
        return SYNTHEA_TABLES[share is not None and share.hospital is not None]
    return tuple(table.name for table in _contract().tables_of(format_))


class CoordinatorAddress(_Section):
    """Where the SuperLink is, and the certificate authority its TLS certificate must come from."""

    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]+:\d{1,5}$")]
    ca_certificate: Path


class Keys(_Section):
    """transport: private key (EC P-384, PEM) with which the SuperNode proves who it is.

    officer: public key (Ed25519, PEM) of whoever approves what may leave. Without one, nothing that
    rests on records does.

    identity: private key (Ed25519, PEM), made at the site and never moved, with which its agent
    countersigns the global ledger. Without one, every other site charges for this one as well.

    generator: public key (Ed25519, PEM) of the synthetic-data generator whose mark this site
    believes. Empty at a site with real data.
    """

    transport: Path
    identity: Path | None = None
    officer: Path | None = None
    generator: Path | None = None

    @property
    def private(self) -> dict[str, Path]:
        """The site's own secrets, by name."""
        named = {"transport": self.transport, "identity": self.identity}
        return {name: path for name, path in named.items() if path is not None}

    @property
    def trusted(self) -> dict[str, Path]:
        """Public keys that the site goes by, by name."""
        named = {"officer": self.officer, "generator": self.generator}
        return {name: path for name, path in named.items() if path is not None}


class SiteConfig(_Section):
    """One organisation.

    holders: legal holder of each landing table (`npr_stay`, `kuhr_claim`, ...), at least of those
    that the formats in `registers` bring, since every table has one.
    operator: who holds administrator access to this installation.
    peers: public key (Ed25519, PEM) of other sites' agents, by site id, as their own people gave
    it. What a peer has countersigned in the global ledger is not charged for its part once more.
    declared_synthetic: the operator states that every register file is synthetic data from a third
    party. It lets demo switches through; a file with a valid national identity number still stops.
    """

    id: Identifier
    name: Annotated[str, Field(min_length=1)]
    kind: SiteKind
    operator: Annotated[str, Field(min_length=1)]
    registers: list[RegisterFile] = []
    synthea: SyntheaShare | None = None
    person_numbers: PersonNumbers = PersonNumbers()
    holders: dict[str, Annotated[str, Field(min_length=1)]]
    warehouse: Path = Path("warehouse.duckdb")
    state: Path = Path("state")
    policy: Policy
    coordinator: CoordinatorAddress
    keys: Keys
    peers: dict[Identifier, Path] = {}
    declared_synthetic: bool = False

    folder: Path = Path()
    """Set by `load_site`; not a field of the file."""

    @field_validator("holders")
    @classmethod
    def _every_table_has_a_holder(
        cls, holders: dict[str, str], info: ValidationInfo
    ) -> dict[str, str]:
        contract = _contract()
        known = [table.name for table in contract.load_contract()]
        for name in holders:
            if name not in known:
                close = get_close_matches(name, known, n=1)
                hint = f"; did you mean `{close[0]}`?" if close else ""
                raise ValueError(f"there is no landing table `{name}`{hint}")
        for register in info.data.get("registers", ()):
            tables = _tables_of(register.format, info.data.get("synthea"))
            missing = [f"`{table}`" for table in tables if table not in holders]
            if missing:
                raise ValueError(
                    f"`{register.format}` is delivered here, but nobody is named as legal holder "
                    f"of {', '.join(missing)}"
                )
        return holders

    @model_validator(mode="after")
    def _synthea_needs_a_share(self) -> "SiteConfig":
        if any(r.format == "synthea" for r in self.registers) and self.synthea is None:
            raise ValueError("a `synthea` register needs the section `synthea: {hospital, of}`")
        return self

    def tables(self, register: RegisterFile) -> tuple[str, ...]:
        """Landing tables that a delivery of it brings rows of."""
        return _tables_of(register.format, self.synthea)

    def path(self, relative: Path) -> Path:
        return relative if relative.is_absolute() else self.folder / relative

    @property
    def warehouse_path(self) -> Path:
        return self.path(self.warehouse)

    @property
    def state_path(self) -> Path:
        return self.path(self.state)

    @property
    def ledger_path(self) -> Path:
        return self.state_path / "ledger.sqlite"

    @property
    def approvals_path(self) -> Path:
        return self.state_path / "approvals.sqlite"

    @property
    def assessments_path(self) -> Path:
        """What each ROS found: levels of risks and findings of checks, one after another."""
        return self.state_path / "ros" / "assessments.sqlite"

    @property
    def ros_report_path(self) -> Path:
        """Folder of the newest ROS that Dagster built, for the site's own people."""
        return self.state_path / "ros" / "report"

    @property
    def audit_path(self) -> Path:
        """What left this site: kind, size and hash of every message."""
        return self.state_path / "audit.sqlite"

    @property
    def sent_path(self) -> Path:
        """Answers as they left, to be sent again unchanged."""
        return self.state_path / "agent" / "sent"

    @property
    def report_path(self) -> Path:
        """The organisation's own report, with exact figures."""
        return self.state_path / "report"

    @property
    def dbt_path(self) -> Path:
        """dbt's target folder for this site: manifest, compiled SQL, logs."""
        return self.state_path / "dbt"

    @property
    def manifest_path(self) -> Path:
        return self.dbt_path / "manifest.json"

    @property
    def socket_path(self) -> Path:
        return self.state_path / "agent" / "agent.sock"


def load_site(where: Path) -> SiteConfig:
    """Read a site by its folder or its `site.yaml`."""
    file = where / SITE_FILE if where.is_dir() else where
    if not file.is_file():
        raise Problem(
            "there is no such site",
            str(file),
            f"Name a folder that holds a {SITE_FILE}, or the file itself.",
        )
    config = read_config(file, SiteConfig, hidden={"folder"})
    return config.model_copy(update={"folder": file.parent.resolve()})
