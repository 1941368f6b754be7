"""A site on disk: its files, a small warehouse with known rows, its ledger, and questions to it."""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from ruamel.yaml import YAML

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, attempt_id
from federated.contract.messages import (
    MAX_MESSAGE_BYTES,
    Answer,
    BySite,
    Question,
    Refusal,
    decode_from_site,
    encode,
)
from federated.site.answering import Answering
from federated.site.approving import approvals_of
from federated.site.build_stamp import finish_build
from federated.site.config import SiteConfig, load_site
from federated.site.landing import create_landing
from federated.site.ros.scope import fingerprint, scope_of
from federated.transport.certificates import make_signing_key
from privacy.accounting import Combination, scale_for
from privacy.approval import Approval, Ground, Kind, Scope, utc_now
from privacy.gate.door import AUDIT, Door
from privacy.ledger import Chain, Ledger
from privacy.ros import Assessment, Assessments, Level, Residual, load_register
from privacy.signatures import load_signing_key

ROSTER = ["diakonhjemmet", "ous"]
DELTA = 5e-7
EXACT = 1e6
"""An epsilon at which the noise is zero but for one chance in more than 10**8000."""

Atom = tuple[str, str, str, str, str]
"""person_id, period, age_group, quarter, atom"""
ONE_ATOM: list[Atom] = [("kanari-person-1", "2024", "75-84", "2024Q1", "readmitted")]


def site_yaml(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ous",
        "name": "Oslo universitetssykehus",
        "kind": "hospital",
        "operator": "Sykehuspartner",
        "holders": {"npr_stay": "Oslo universitetssykehus HF"},
        "policy": {
            "epsilon_per_person_year": 2.5,
            "max_epsilon_per_release": 2.0,
            "delta": 2 * DELTA,
            "federation_sites": 2,
            "answers": {"readmission_30d_same_site": "auto"},
        },
        "coordinator": {"address": "127.0.0.1:9092", "ca_certificate": "keys/ca.crt"},
        "keys": {"transport": "keys/transport.key", "officer": "keys/officer.pub"},
        "declared_synthetic": True,
    } | changes


def open_policy() -> dict[str, Any]:
    """A policy whose demo switches let even `EXACT` through, on synthetic data."""
    policy: dict[str, Any] = site_yaml()["policy"]
    switches = {"epsilon_per_release": 2 * EXACT, "epsilon_per_person_year": 100 * EXACT}
    return policy | {"demo": switches}


def write_site(folder: Path, manifest: Path | None, **changes: Any) -> SiteConfig:
    folder.mkdir(parents=True)
    with (folder / "site.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(site_yaml(**changes), file)
    site = load_site(folder)
    (folder / "keys").mkdir(exist_ok=True)
    officer = make_signing_key(folder / "keys" / "officer.key")
    for name in ("identity", *site.peers):
        pair = make_signing_key(folder / "keys" / f"{name}.key")
        shutil.copyfile(pair.public_key, folder / "keys" / f"{name}.pub")
    shutil.copyfile(officer.public_key, folder / "keys" / "officer.pub")
    if manifest is not None:
        site.dbt_path.mkdir(parents=True)
        shutil.copyfile(manifest, site.manifest_path)
    return site


def write_enrolled_site(folder: Path, manifest: Path) -> SiteConfig:
    """A site with an identity of its own, one peer, and a warehouse of one person."""
    site = write_site(
        folder,
        manifest,
        keys=site_yaml()["keys"] | {"identity": "keys/identity.key"},
        peers={"diakonhjemmet": "keys/diakonhjemmet.pub"},
    )
    write_warehouse(site, ONE_ATOM)
    return site


def write_warehouse(
    site: SiteConfig,
    atoms: Sequence[Atom],
    *,
    persons_per_atom: int = 1,
    period_to: str | None = "2025-01-31",
    period_stated: bool = True,
    origin: str = "declared",
) -> None:
    """One delivery of one stay, and an atom table with `atoms`.

    persons_per_atom: every row is repeated for so many persons, numbered from its person_id.
    """
    site.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(site.warehouse_path)) as connection:
        create_landing(connection)
        connection.execute(
            "insert into landing.delivery "
            "(delivery_id, format, period_from, period_to, period_stated, "
            "sha256, file, rows_in, rows_landed, rows_quarantined, origin, state) values "
            "('npr-1', 'npr', '2023-01-01', ?, ?, 'x', 'npr.csv', 1, 1, 0, ?, 'current')",
            [period_to, period_stated, origin],
        )
        connection.execute("insert into landing.npr_stay (delivery_id) values ('npr-1')")
        connection.execute("create schema indicators")
        connection.execute(
            "create table indicators.atom_readmission_30d_same_site "
            "(person_id varchar, period varchar, age_group varchar, quarter varchar, atom varchar, "
            "is_counted boolean)"
        )
        if atoms:
            places = ", ".join("(?, ?, ?, ?, ?)" for _ in atoms)
            connection.execute(
                f"insert into indicators.atom_readmission_30d_same_site "
                f"select person_id || '-' || number, period, age_group, quarter, atom, true "
                f"from (values {places}) as given (person_id, period, age_group, quarter, atom), "
                f"range({persons_per_atom}) as repeated (number)",
                [value for atom in atoms for value in atom],
            )
    if site.manifest_path.is_file():
        finish_build(site, PROJECT_DIR)


@dataclass
class Home:
    """A site whose agent's insides run in this process."""

    site: SiteConfig
    indicator: Indicator
    caplog: pytest.LogCaptureFixture
    ledger: Ledger = field(init=False)
    answering: Answering = field(init=False)
    audit: Chain = field(init=False)
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger.open(self.site.ledger_path)
        self.audit = Chain.open(self.site.audit_path, AUDIT)
        self.answering = Answering(self.site, self.ledger, PROJECT_DIR)
        self.door = Door(self.answering.gate, self.audit, MAX_MESSAGE_BYTES)

    def close(self) -> None:
        self.ledger.close()
        self.audit.close()

    def ask(self, message: Any) -> BySite:
        return decode_from_site(self.reply(message))

    def reply(self, message: Any) -> bytes:
        """What leaves, as long as it leaves; the door's entry is made."""
        payload = message if isinstance(message, bytes) else encode(message)
        outgoing = self.answering.reply(payload)
        self.door.note(outgoing)
        return outgoing.payload

    def refusal(self, message: Any) -> str:
        """The reason, from the site's own log: the reply does not say it."""
        with self.caplog.at_level(logging.WARNING, "sloyfe.agent"):
            self.caplog.clear()
            reply = self.ask(message)
        assert isinstance(reply, Refusal), reply
        assert reply.site == self.site.id
        (line,) = [r.getMessage() for r in self.caplog.records if "refused: " in r.getMessage()]
        return line.removeprefix("refused: ").split(",")[0].split(" ")[0]

    def answer(self, message: Any) -> Answer:
        reply = self.ask(message)
        assert isinstance(reply, Answer), reply
        return reply

    @property
    def entries(self) -> int:
        return self.ledger.verify().entries


def approve(site: SiteConfig, *indicators: Indicator, **scope: Any) -> None:
    """The officer's word, with a scope that lets through what the policy does."""
    approvals = approvals_of(site)
    now = utc_now()
    content: dict[str, Any] = {
        "indicators": {i.id: i.fingerprint for i in indicators},
        "kinds": [Kind.NOISY_AGGREGATE],
        "epsilon_per_release": 2 * EXACT,
        "epsilon_per_person_year": 100 * EXACT,
        "delta": 2 * DELTA,
        "sites": ROSTER,
    }
    approvals.record(
        Approval(
            serial=approvals.next_serial(),
            site=site.id,
            by="personvernombud",
            since=now - timedelta(minutes=1),
            until=now + timedelta(days=30),
            scope=Scope.model_validate(content | scope),
        ),
        load_signing_key(site.folder / "keys" / "officer.key"),
    )


def report(site: SiteConfig, *red: str, age: timedelta = timedelta(0)) -> Ground:
    """An assessment in the site's log, with these risks red, and what is decided on it."""
    scope = scope_of(site, PROJECT_DIR)
    risks = {
        risk.id: Residual(
            likelihood=4 if risk.id in red else 1,
            consequence=4 if risk.id in red else 1,
            level=Level.RED if risk.id in red else Level.GREEN,
        )
        for risk in load_register().risks
    }
    seen = Assessment(
        at=utc_now() - age,
        fingerprint=fingerprint(scope),
        risks=risks,
        if_approved=risks,
        evidence={},
    )
    kept = Assessments(site.assessments_path).record(seen)
    return Ground(fingerprint=seen.fingerprint, scope=scope, assessment=kept.digest)


def question(
    indicator: Indicator,
    *,
    site: str = "ous",
    epsilon: float = 2.0,
    period: str = "2024",
    attempt: int = 1,
    edition: int = 1,
    roster: Sequence[str] = ROSTER,
    countersignatures: Mapping[str, str] | None = None,
) -> Question:
    """A question whose ids are right for what it asks."""
    identity = indicator.question_id(period, edition)
    scale = scale_for(
        epsilon, DELTA, indicator.bound.charged_l2_squared, len(roster), Combination.KEYED_BY_SITE
    )
    return Question(
        question_id=identity,
        attempt_id=attempt_id(identity, attempt, list(roster), scale),
        attempt=attempt,
        site=site,
        indicator=indicator.id,
        definition=indicator.fingerprint,
        period=period,
        edition=edition,
        roster=list(roster),
        scale=scale,
        countersignatures=dict(countersignatures or {}),
    )
