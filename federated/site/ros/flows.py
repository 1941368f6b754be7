"""How data move through a site and over its border. Derived: a flow is never written down.

Registers and keys come from the site file, tables from the dbt manifest, messages from their own
classes, what is built from Dagster's definitions, and what holds a flow down from the register's
measures, with their evidence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from federated.contract.catalogue import Indicator, load_catalogue
from federated.site.config import SiteConfig
from federated.site.ros.assets import (
    AGENT,
    COORDINATOR,
    Asset,
    Delivered,
    indicator_assets,
    layer_assets,
    outside_assets,
    registers_of,
    state_assets,
)
from federated.site.ros.lineage import INPUT_LAYER, LANDING, MARTS, Lineage, Table, lineage_of
from federated.site.ros.scope import answered_indicators
from federated.site.ros.wire import Field, Wire, wires
from privacy.approval import Kind
from privacy.policy import Policy
from privacy.ros import FlowKind


@dataclass(frozen=True)
class Run:
    """A job of the site's Dagster, and the tables that it makes. checks: how many it runs."""

    job: str
    tables: tuple[Table, ...]
    checks: int


@dataclass(frozen=True)
class Protection:
    """measure: one of the register's, whose evidence says whether it holds.

    Without one it is a setting, told in words; `lacks` where it says what is not there.
    """

    measure: str | None = None
    nb: str = ""
    en: str = ""
    lacks: bool = False


@dataclass(frozen=True)
class Flow:
    """source, target: ids of assets. carries: tables, keys or files, by name; fields: a message's.

    unused: of what is carried, what nothing that is answered is made of. crosses: the border of the
    organisation. run_by: jobs that make what it leads to. least, most: bytes of a message.
    """

    id: str
    kind: FlowKind
    source: str
    target: str
    nb: str
    en: str
    crosses: bool
    carries: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    run_by: tuple[str, ...] = ()
    protections: tuple[Protection, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Landscape:
    """assets: those outside and those inside; flows: in the order of the way of the data."""

    assets: tuple[Asset, ...]
    flows: tuple[Flow, ...]
    runs: tuple[Run, ...]


def landscape_of(site: SiteConfig, project: Path, runs: Sequence[Run] = ()) -> Landscape:
    """runs: what the site's Dagster runs, where it is known. Raises Problem."""
    catalogue = load_catalogue(site.manifest_path, project)
    answered = [catalogue[name] for name in answered_indicators(site) if name in catalogue]
    lineage = lineage_of(site.manifest_path, answered)
    delivered = registers_of(site)
    state = state_assets(site, lineage)
    flows = [
        *_deliveries(delivered, lineage, runs),
        *_models(answered, lineage, runs),
        *_reads(answered),
        *_messages(site, wires(answered, catalogue.values())),
        *_kept(state),
    ]
    assets = [
        *(of.asset for of in delivered),
        *layer_assets(delivered, lineage),
        *indicator_assets(answered, lineage),
        *state,
        *outside_assets(site),
    ]
    return Landscape(tuple(assets), tuple(flows), tuple(runs))


def _measures(*names: str) -> tuple[Protection, ...]:
    return tuple(Protection(name) for name in names)


def _run_by(runs: Sequence[Run], tables: Iterable[Table]) -> tuple[str, ...]:
    wanted = set(tables)
    return tuple(run.job for run in runs if wanted & set(run.tables))


def _deliveries(
    delivered: Sequence[Delivered], lineage: Lineage, runs: Sequence[Run]
) -> list[Flow]:
    used = {one.name for one, _ in lineage.feeds if one.layer == LANDING}
    return [
        Flow(
            f"delivery:{of.asset.id.partition(':')[2]}",
            FlowKind.DELIVERY,
            of.asset.id,
            LANDING,
            f"Leveranse fra {', '.join(of.asset.holders)}.",
            f"Delivery from {', '.join(of.asset.holders)}.",
            not of.asset.inside,
            of.tables,
            unused=tuple(name for name in of.tables if name not in used),
            run_by=_run_by(runs, (Table(LANDING, name) for name in of.tables)),
            protections=_measures("quarantine", "vintages"),
        )
        for of in delivered
    ]


def _models(answered: Sequence[Indicator], lineage: Lineage, runs: Sequence[Run]) -> list[Flow]:
    """Between the layers, and from each layer to each indicator that is made of it."""
    protections = _measures("definitions_match")
    flows: list[Flow] = []
    for source, target, nb, en in (
        (LANDING, INPUT_LAYER, "Rader som holder kontrakten.", "Rows that keep the contract."),
        (INPUT_LAYER, MARTS, "Opphold og tjenester, én regel per modell.",
         "Stays and services, one rule a model."),
    ):  # fmt: skip
        feeds = [f for f in lineage.feeds if (f[0].layer, f[1].layer) == (source, target)]
        if feeds:
            flows.append(
                Flow(
                    f"model:{source}-{target}", FlowKind.MODEL, source, target, nb, en, False,
                    tuple(sorted({one.name for one, _ in feeds})),
                    run_by=_run_by(runs, (other for _, other in feeds)),
                    protections=protections,
                )
            )  # fmt: skip
    for source in (INPUT_LAYER, MARTS):
        for of in answered:
            own = lineage.tables[of.id]
            above = sorted({a.name for a, b in lineage.feeds if a.layer == source and b in own})
            if above:
                registers = sorted(t.name for t in lineage.sources(own) if t.layer == LANDING)
                flows.append(
                    Flow(
                        f"model:{source}-{of.id}", FlowKind.MODEL, source, f"indicator:{of.id}",
                        f"Til {of.definition.name_nb}. Bygger i alt på {', '.join(registers)}.",
                        f"To {of.definition.name_en}. Rests on {', '.join(registers)} in all.",
                        False,
                        tuple(above),
                        run_by=_run_by(runs, own),
                        protections=protections,
                    )
                )  # fmt: skip
    return flows


def _reads(answered: Sequence[Indicator]) -> list[Flow]:
    return [
        Flow(
            f"read:{of.id}",
            FlowKind.READ,
            f"indicator:{of.id}",
            AGENT,
            f"{of.definition.name_nb}: rader som porten teller.",
            f"{of.definition.name_en}: rows that the gate counts.",
            False,
            tuple(table.model for table in of.token_tables) or (of.model,),
            protections=(
                *_measures("bounds", "persons_cut"),
                Protection(
                    nb=f"Per person: {of.bound.per_cell} i en gruppe og {of.bound.total} i alt",
                    en=f"For a person: {of.bound.per_cell} in a group and {of.bound.total} in all",
                ),
            ),
        )
        for of in answered
    ]


def _messages(site: SiteConfig, shapes: Iterable[Wire]) -> list[Flow]:
    return [
        Flow(
            f"message:{shape.kind}",
            _kind(shape),
            *((COORDINATOR, AGENT) if shape.direction == "in" else (AGENT, COORDINATOR)),
            shape.told_nb,
            shape.told_en,
            True,
            (shape.kind,),
            fields=shape.fields,
            protections=(*_of_message(site, shape), *_TRANSPORT),
            least=shape.least,
            most=shape.most,
        )
        for shape in shapes
    ]


def _kind(shape: Wire) -> FlowKind:
    if shape.direction == "in":
        return FlowKind.MESSAGE_IN
    says_nothing = (None, Kind.STATUS, Kind.REFUSAL)
    return FlowKind.STATUS_OUT if shape.approved_as in says_nothing else FlowKind.FIGURES_OUT


_TRANSPORT = (
    *_measures("transport_keys", "certificate"),
    # Goes when agents seal what they send to each other.
    Protection(
        nb="Ikke forseglet fra agent til agent: koordinatorens tjener kan lese den",
        en="Not sealed from agent to agent: the coordinator's server can read it",
        lacks=True,
    ),
)


def _of_message(site: SiteConfig, shape: Wire) -> list[Protection]:
    """What holds a message down beside the way it goes."""
    found = list(_measures("global_ledger")) if shape.signed and site.keys.identity else []
    if shape.direction == "in":
        return [*found, *_measures("closed_policy", "attack_run")]
    found += _measures("single_exit")
    if shape.approved_as is None:
        refused = "Porten slipper den ikke ut", "The gate does not let it out"
        return [*found, Protection(nb=refused[0], en=refused[1])]
    if shape.approved_as is Kind.NOISY_AGGREGATE:
        found += [*_measures("noise", "approval", "budget"), _limits(site.policy)]
    return found


def _limits(policy: Policy) -> Protection:
    """As configured, demo switches included."""
    release, year = policy.most_per_release(demo=True), policy.most_per_year(demo=True)
    return Protection(
        nb=f"Høyst ε = {release:g} for en utlevering og {year:g} for en person og et dataår",
        en=f"At most ε = {release:g} for a release and {year:g} for a person and a data-year",
        lacks=policy.demo is not None,
    )


_KEPT = (
    ("ledger", "Hva hvert svar koster, før det regnes ut.",
     "What each answer costs, before it is computed.", ("ledger_whole", "repetition")),
    ("audit_log", "Slag, lengde og avtrykk av det som går ut.",
     "Kind, length and hash of what leaves.", ("single_exit",)),
    ("sent", "Svarene slik de gikk, for å sendes uendret igjen.",
     "Answers as they left, to be sent again unchanged.", ("repetition",)),
    ("logs", "Hva som skjedde, uten innhold.", "What happened, without content.", ("log_scan",)),
)  # fmt: skip
"""What the agent writes down: asset, words, measures."""
_GONE_BY = (
    ("approvals", "Hva ombudet har godkjent, og til når.",
     "What the officer has approved, and until when.", ("approval",)),
    ("private_key", "Hvem virksomheten er for de andre.", "Who the site is to the others.",
     ("private_files",)),
    ("trusted_key", "Hvem de andre er, og hvem som godkjenner.",
     "Who the others are, and who approves.", ("certificate", "global_ledger")),
)  # fmt: skip
"""What the agent goes by."""


def _kept(site_assets: Iterable[Asset]) -> list[Flow]:
    """Between the agent and what it keeps or goes by, and to the organisation's own people."""
    holds = {asset.id: asset.holds for asset in site_assets}
    record, trust = FlowKind.RECORD, FlowKind.TRUST
    kept = [
        Flow(f"{record}:{name}", record, AGENT, name, nb, en, False, holds[name],
             protections=_measures(*measures))
        for name, nb, en, measures in _KEPT
    ]  # fmt: skip
    gone_by = [
        Flow(f"{trust}:{name}", trust, name, AGENT, nb, en, False, holds[name],
             protections=_measures(*measures))
        for name, nb, en, measures in _GONE_BY
    ]  # fmt: skip
    own_report = Flow(
        "own_report", FlowKind.OWN_REPORT, MARTS, "reports",
        "Nøyaktige tall til virksomhetens egne folk. Ingen melding kan bære dem.",
        "Exact figures for the organisation's own people. No message can carry them.",
        False, holds["reports"], protections=_measures("single_exit"),
    )  # fmt: skip
    return [*kept, *gone_by, own_report]
