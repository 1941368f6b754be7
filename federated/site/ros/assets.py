"""What there is to look after at a site, and who is around it: from its site file and manifest."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

from federated.contract.catalogue import Indicator
from federated.site.config import RegisterFile, SiteConfig
from federated.site.ros.checks import log_files
from federated.site.ros.lineage import INPUT_LAYER, LANDING, MARTS, Lineage, Table
from privacy.ros import AssetKind


@dataclass(frozen=True)
class Asset:
    """inside: within the organisation's border. holds: what it is made up of, by name.

    holders: legal holders of the data in it, where they are a register's.
    """

    id: str
    kind: AssetKind
    name_nb: str
    name_en: str
    inside: bool
    holds: tuple[str, ...]
    holders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivered:
    """A register of the site file, with the landing tables that it brings."""

    asset: Asset
    tables: tuple[str, ...]


LAYERS = {
    LANDING: (AssetKind.LANDING, "Innlest (landing)", "Landing"),
    INPUT_LAYER: (AssetKind.MODELS, "Inndata etter kontrakt", "Input layer, by contract"),
    MARTS: (AssetKind.MODELS, "Datamart", "Marts"),
}
AGENT = "agent"
COORDINATOR = "coordinator"


def registers_of(site: SiteConfig) -> list[Delivered]:
    """The deliveries. One is the organisation's own only where its file names no other holder."""
    return [_delivered(site, register) for register in site.registers]


def _delivered(site: SiteConfig, register: RegisterFile) -> Delivered:
    tables = site.tables(register)
    holders = tuple(dict.fromkeys(site.holders[table] for table in tables))
    asset = Asset(
        f"register:{register.format}",
        AssetKind.REGISTER,
        f"Register {register.format}",
        f"Register {register.format}",
        set(holders) <= {site.name},
        tables,
        holders,
    )
    return Delivered(asset, tables)


def layer_assets(delivered: Iterable[Delivered], lineage: Lineage) -> list[Asset]:
    """Landing, input layer and marts: what is delivered, and what the answered ones are made of."""
    used = {table for feed in lineage.feeds for table in feed}
    landed = {Table(LANDING, name) for of in delivered for name in of.tables}
    return [
        Asset(
            layer,
            kind,
            nb,
            en,
            True,
            tuple(sorted(t.name for t in used | landed if t.layer == layer)),
        )
        for layer, (kind, nb, en) in LAYERS.items()
    ]


def indicator_assets(answered: Iterable[Indicator], lineage: Lineage) -> list[Asset]:
    return [
        Asset(
            f"indicator:{of.id}",
            AssetKind.INDICATOR,
            of.definition.name_nb,
            of.definition.name_en,
            True,
            tuple(sorted(table.name for table in lineage.tables[of.id])),
        )
        for of in answered
    ]


def state_assets(site: SiteConfig, lineage: Lineage) -> list[Asset]:
    """What the site keeps beside its warehouse."""
    kinds = AssetKind
    logs = sorted({str(f.relative_to(site.state_path)) for f in log_files(site.state_path)})
    certificate = site.coordinator.ca_certificate.name
    found = [
        (AGENT, kinds.AGENT, "Agenten med porten", "The agent with its gate", []),
        ("software", kinds.SOFTWARE, "Programvare og modeller", "Software and models",
         [f"sloyfe {version('sloyfe')}", f"dbt_models ({lineage.models})"]),
        ("ledger", kinds.LEDGER, "Hovedbok", "Ledger", [site.ledger_path.name]),
        ("approvals", kinds.APPROVALS, "Beslutninger", "Decisions", [site.approvals_path.name]),
        ("audit_log", kinds.AUDIT_LOG, "Logg over det som går ut", "Log of what leaves",
         [site.audit_path.name]),
        ("sent", kinds.SENT, "Svar som er sendt", "Answers as sent", [site.sent_path.name]),
        ("logs", kinds.LOGS, "Driftslogger", "Operational logs", logs),
        ("reports", kinds.REPORTS, "Egne rapporter med nøyaktige tall",
         "Own reports with exact figures", [site.report_path.name]),
        ("private_key", kinds.PRIVATE_KEY, "Private nøkler", "Private keys",
         list(site.keys.private)),
        ("trusted_key", kinds.TRUSTED_KEY, "Nøkler og sertifikat som det stoles på",
         "Trusted keys and certificate", [*site.keys.trusted, certificate, *site.peers]),
    ]  # fmt: skip
    return [Asset(id_, kind, nb, en, True, tuple(holds)) for id_, kind, nb, en, holds in found]


def outside_assets(site: SiteConfig) -> list[Asset]:
    """Who a site's messages go to and come from, and whose they carry on."""
    coordinator = Asset(
        COORDINATOR,
        AssetKind.COORDINATOR,
        "Koordinator",
        "Coordinator",
        False,
        (site.coordinator.address,),
    )
    peers = [
        Asset(f"peer:{name}", AssetKind.PEER, name, name, False, (key.name,))
        for name, key in site.peers.items()
    ]
    return [coordinator, *peers]
