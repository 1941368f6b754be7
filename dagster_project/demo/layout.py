"""The demo's folders, keys and configuration files: what each organisation would make for itself.

<out>/demo.json                  the plan
<out>/officer-key/               the key of an officer who approves everything, in a demo
<out>/deliveries/                generated register files (not with a third-party source)
<out>/sites/<id>/                site.yaml, keys, warehouse, state
<out>/coordinator/               coordinator.yaml, keys, state, releases
<out>/ros/<id>/                  each hospital's ROS, with the demo's decision in it
<out>/reading-room/              the site of all releases, for partners
<out>/dagster/                   DAGSTER_HOME: event log, run history
"""

import shutil
import socket
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from dagster_project.build import runs_of
from dagster_project.demo.plan import (
    DELTA,
    EPSILON_PER_PERSON_YEAR,
    EPSILON_PER_RELEASE,
    FIRST_YEAR,
    INDICATOR,
    LAST_YEAR,
    MUNICIPALITY,
    DemoPlan,
)
from dbt_models import PROJECT_DIR
from federated.coordinator.config import COORDINATOR_FILE
from federated.site.config import SITE_FILE, SYNTHEA_TABLES, SiteConfig, SiteKind
from federated.site.landing.contract import tables_of
from federated.site.ros import deciding
from federated.site.ros.document import build_document
from federated.transport.certificates import (
    make_authority,
    make_server_certificate,
    make_signing_key,
    make_transport_key,
)
from portal.ros_report import write_report
from privacy.accounting import conversion_delta, rho_of
from privacy.approval import utc_now
from privacy.mechanisms import epsilon_from_rho
from privacy.policy import Policy
from privacy.signatures import load_signing_key
from synthetic.generate import generate

HOST = "127.0.0.1"
APPROVED_DAYS = 30
HOSPITAL_FORMATS = ("npr", "npr-ide", "npr-henvisning", "befolkning")


def make_deliveries(plan: DemoPlan, out: Path) -> None:
    """Generate the register files unless they are there; aside first, so whole or not at all.

    With the dirt that real deliveries have: a demo that lands clean files shows half the work.
    """
    deliveries = out / "deliveries"
    if plan.source is not None or deliveries.exists():
        return
    aside = out / "deliveries.new"
    shutil.rmtree(aside, ignore_errors=True)
    generate(
        aside,
        persons=plan.persons,
        years=range(FIRST_YEAR, LAST_YEAR + 1),
        hospitals=plan.hospital_ids,
        municipality=MUNICIPALITY[0],
        seed=plan.seed,
        signing_key=load_signing_key(_generator_key(out)),
        dirt=1.0,
        file_format="csv",
    )
    aside.rename(deliveries)


def make_organisations(plan: DemoPlan, out: Path, port: int | None = None) -> None:
    """Keys and configuration files of every organisation. Safe to repeat: keys are kept."""
    coordinator = out / "coordinator"
    keys = coordinator / "keys"
    authority = make_authority(keys, "Sløyfe demo")
    server = make_server_certificate(authority, keys, [HOST])
    release_key = make_signing_key(keys / "release.key")
    generator_key = make_signing_key(_generator_key(out))
    officer_key = make_signing_key(_officer_key(out))
    kinds = plan.kinds
    address = f"{HOST}:{port or _free_port()}"
    identities = {
        site: make_signing_key(out / "sites" / site / "keys" / "identity.key") for site in kinds
    }
    members: list[dict[str, Any]] = []
    for number, (site, name) in enumerate(plan.names.items()):
        folder = out / "sites" / site
        transport = make_transport_key(folder / "keys" / "transport.key", site)
        shutil.copyfile(authority.certificate, folder / "keys" / "ca.crt")
        shutil.copyfile(generator_key.public_key, folder / "keys" / "generator.pub")
        shutil.copyfile(officer_key.public_key, folder / "keys" / "officer.pub")
        peers = {other: key for other, key in identities.items() if other != site}
        for other, key in peers.items():
            shutil.copyfile(key.public_key, folder / "keys" / f"peer-{other}.pub")
        content = {
            "id": site,
            "name": name,
            "kind": kinds[site],
            "operator": name,
            "holders": _holders(plan, kinds[site], name),
            "registers": _registers(plan, out, site, kinds[site]),
            "policy": _policy(plan, kinds[site]),
            "coordinator": {"address": address, "ca_certificate": "keys/ca.crt"},
            "keys": {
                "transport": "keys/transport.key",
                "identity": "keys/identity.key",
                "generator": "keys/generator.pub",
                "officer": "keys/officer.pub",
            },
            "peers": {other: f"keys/peer-{other}.pub" for other in peers},
            "declared_synthetic": plan.declared_synthetic and plan.source is not None,
        }
        if plan.source is not None:
            is_hospital = kinds[site] == "hospital"
            share = {"hospital": number} if is_hospital else {}
            content["synthea"] = {**share, "of": plan.hospitals}
        _write_yaml(folder / SITE_FILE, content)
        members.append(
            {
                "id": site,
                "name": name,
                "kind": kinds[site],
                "operator": name,
                "transport_public_key": _beside(transport.public_key, out),
                "identity_public_key": _beside(identities[site].public_key, out),
            }
        )
    _write_yaml(
        coordinator / COORDINATOR_FILE,
        {
            "name": "Helsefellesskapet Oslo (demo)",
            "listen": {
                "host": HOST,
                "port": int(address.rpartition(":")[2]),
                "ca_certificate": str(authority.certificate.relative_to(coordinator)),
                "certificate": str(server.certificate.relative_to(coordinator)),
                "private_key": str(server.private_key.relative_to(coordinator)),
            },
            "members": members,
            "questions": [
                {
                    "indicator": INDICATOR,
                    "periods": list(plan.periods),
                    "epsilon": plan.epsilon,
                    "delta": conversion_delta(Policy.model_validate(_policy(plan, "hospital"))),
                }
            ],
            "release_key": str(release_key.private_key.relative_to(coordinator)),
            "manifest": "state/dbt/manifest.json",
        },
    )


def _beside(file: Path, out: Path) -> str:
    """As the coordinator's file names it."""
    return f"../{file.relative_to(out).as_posix()}"


def _formats(plan: DemoPlan, kind: str) -> dict[str, str]:
    """Format -> the site in whose folder of `deliveries` it lies, for a site of this kind.

    The claims are the same files whoever holds them: the municipality or a register. Both need the
    key file, to find the common key of their own persons. The population table is public.
    """
    claims = ("kuhr",) if plan.claims_at == kind else ()
    care = ("kpr-omsorg",) if kind == "municipality" else ()
    return dict.fromkeys((*claims, *care, "person-key", "befolkning"), MUNICIPALITY[0])


def _registers(plan: DemoPlan, out: Path, site: str, kind: str) -> list[dict[str, str]]:
    if plan.source is not None:
        return [{"format": "synthea", "path": str(plan.source)}]
    formats = dict.fromkeys(HOSPITAL_FORMATS, site) if kind == "hospital" else _formats(plan, kind)
    return [
        {"format": name, "path": str(out / "deliveries" / place / name)}
        for name, place in formats.items()
    ]


def _holders(plan: DemoPlan, kind: str, name: str) -> dict[str, str]:
    """Every table of what is delivered here: the organisation holds what lies with it."""
    if plan.source is not None:
        tables = SYNTHEA_TABLES[kind == "hospital"]
    else:
        formats = HOSPITAL_FORMATS if kind == "hospital" else _formats(plan, kind)
        tables = [table.name for format_ in formats for table in tables_of(format_)]
    return dict.fromkeys(tables, name)


def _policy(plan: DemoPlan, kind: str) -> dict[str, Any]:
    policy: dict[str, Any] = {
        "epsilon_per_person_year": EPSILON_PER_PERSON_YEAR,
        "max_epsilon_per_release": EPSILON_PER_RELEASE,
        "delta": DELTA,
        "federation_sites": plan.hospitals,
        "answers": {INDICATOR: "auto"} if kind == "hospital" else {},
    }
    if plan.needs_demo_switch:
        delta = conversion_delta(Policy.model_validate(policy))
        whole = rho_of(plan.epsilon, delta) * len(plan.periods)
        policy["demo"] = {
            "epsilon_per_release": plan.epsilon,
            "epsilon_per_person_year": 1.01 * epsilon_from_rho(whole, delta),
        }
    return policy


def approve_everything(sites: Iterable[SiteConfig], out: Path) -> None:
    """The demo's officer approves each site's newest report, red risks and all, and says so.

    A real officer reads first.
    """
    key = load_signing_key(_officer_key(out))
    sites = list(sites)
    hospitals = [site.id for site in sites if site.kind is SiteKind.HOSPITAL]
    for site in sites:
        standing = deciding.status(site, PROJECT_DIR)
        if standing.state in ("refused", "withdrawn"):
            continue  # somebody has decided
        if standing.state != "approved" or standing.stopped_by:
            if not deciding.has_report(site, PROJECT_DIR):  # the models were built before
                runs = runs_of(site, site.manifest_path)
                document = build_document(site, PROJECT_DIR, runs=runs)
                write_report(document, site.ros_report_path)
            deciding.approve(
                site,
                PROJECT_DIR,
                key,
                by="DEMO: nobody has read this",
                until=utc_now() + timedelta(days=APPROVED_DAYS),
                synthetic=deciding.is_synthetic(site),
                sites=hospitals,
                accept_red=deciding.red_risks(site),
                demo=True,
            )


def _officer_key(out: Path) -> Path:
    return out / "officer-key" / "officer.key"


def _generator_key(out: Path) -> Path:
    return out / "deliveries-key" / "generator.key"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _write_yaml(file: Path, content: dict[str, Any]) -> None:
    yaml = YAML()
    yaml.default_flow_style = False
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as target:
        target.write("# Written by `sloyfe demo`. A real site keeps this file by hand.\n")
        yaml.dump(content, target)
