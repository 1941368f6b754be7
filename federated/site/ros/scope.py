"""What a decision is about, and what has changed since one was made.

*Major* parts make up the fingerprint: while any of them differs, an approval does not hold. *Minor*
ones are told and change nothing: the wording of the register, a patch of the code, a common ROS
that was issued anew with the same content.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from federated.contract.catalogue import load_catalogue
from federated.contract.messages import digest
from federated.site.config import SiteConfig
from federated.site.ros.answers import QUESTIONS, RosFile, load_answers
from federated.site.ros.common import CommonRos, followed
from federated.site.ros.judging import Case, answer_to, inherited_part
from privacy.approval import Kind, utc_now
from privacy.ros import Register, Risk, load_register
from privacy.signatures import load_public_key

MAJOR, MINOR = "major", "minor"


@dataclass(frozen=True)
class Changed:
    """part: of the scope. weight: major or minor. which: what in it differs, where it has parts."""

    part: str
    weight: str
    which: tuple[str, ...] = ()


def answered_indicators(site: SiteConfig) -> list[str]:
    """Those that the policy answers, sorted."""
    return sorted(name for name, how in site.policy.answers.items() if how == "auto")


def case_of(site: SiteConfig, project: Path, said: RosFile) -> Case:
    """The site's own case, from its files. Raises Problem."""
    policy = site.policy
    catalogue = load_catalogue(site.manifest_path, project)
    return Case(
        indicators={
            name: catalogue[name].fingerprint
            for name in answered_indicators(site)
            if name in catalogue
        },
        judgements=judgements_of(load_register()),
        budgets={
            "epsilon_per_release": policy.max_epsilon_per_release,
            "epsilon_per_person_year": policy.epsilon_per_person_year,
            "delta": policy.delta,
            "federation_sites": policy.federation_sites,
            "purposes": {
                name: {"epsilon": of.epsilon_per_person_year, "indicators": of.indicators}
                for name, of in sorted(policy.purposes.items())
            },
            "demo": policy.demo.model_dump() if policy.demo else None,
        },
        kinds=[Kind.NOISY_AGGREGATE.value],
        scale=asdict(said.scale.as_scale()),
        code_line=".".join(version("sloyfe").split(".")[:2]),
    )


def common_of(
    site: SiteConfig, said: RosFile, now: datetime | None = None
) -> tuple[CommonRos | None, CommonRos | None]:
    """The newest edition of the common ROS that is followed, and the same if it holds now."""
    newest = followed(site, said)
    return newest, newest if newest is not None and newest.holds(now or utc_now()) else None


def scope_of(
    site: SiteConfig, project: Path, said: RosFile | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """{major: {...}, minor: {...}}, plain JSON. Raises Problem."""
    said = said or load_answers(site)
    case = case_of(site, project, said)
    newest, common = common_of(site, said, now)
    return {
        MAJOR: {
            "indicators": dict(case.indicators),
            "message_kinds": list(case.kinds),
            "linkage": Kind.BLINDED_TOKENS.value in case.kinds,
            "budgets": dict(case.budgets),
            "peers": {
                name: load_public_key(site.path(key)).public_bytes_raw().hex()
                for name, key in sorted(site.peers.items())
            },
            "coordinator": {
                "host": site.coordinator.address.rpartition(":")[0],  # who it is, at any port
                "certificate": _content(site.path(site.coordinator.ca_certificate)),
            },
            "deliveries": {
                "kind": site.kind.value,
                "formats": sorted(register.format for register in site.registers),
                "holders": dict(sorted(site.holders.items())),
                "person_numbers": site.person_numbers.model_dump(),
                "declared_synthetic": site.declared_synthetic,
                "generator": _content(site.path(site.keys.generator))
                if site.keys.generator is not None
                else None,
            },
            "operator": site.operator,
            "assessed_within_days": said.assessed_within_days,
            "code_line": case.code_line,
            "judgements": dict(case.judgements),
            "answers": _answers(case, said, common),
            "differences": {
                key: digest(answer.model_dump(mode="json"))
                for key, answer in sorted(said.differences.items())
            },
            "common": {
                name: digest(content) for name, content in inherited_part(case, common).items()
            },
            "scale": dict(case.scale),
        },
        MINOR: {
            "code_version": version("sloyfe"),
            "wording": digest(load_register().model_dump(mode="json")),
            "owners": digest(said.model_dump(mode="json")["owners"]),
            "common_issued": newest.issued.isoformat() if newest else None,
        },
    }


def fingerprint(scope: dict[str, Any]) -> str:
    """Of the major parts alone."""
    return digest("ros", scope[MAJOR])


def changes(decided: dict[str, Any], now: dict[str, Any]) -> list[Changed]:
    """Parts that differ, the major ones first."""
    return [
        Changed(part, weight, _which(before, after))
        for weight in (MAJOR, MINOR)
        for part in sorted(decided.get(weight, {}).keys() | now[weight].keys())
        for before, after in [(decided.get(weight, {}).get(part), now[weight].get(part))]
        if before != after
    ]


def judgements_of(register: Register) -> dict[str, str]:
    """Risk -> digest of everything the register says of it and of its measures, but the words."""
    return {risk.id: _judgement(risk, register) for risk in register.risks}


def _judgement(risk: Risk, register: Register) -> str:
    said = {
        "id",
        "affects",
        "likelihood",
        "consequence",
        "patient",
        "knowledge",
        "measures",
        "stops",
    }
    measures = [
        register.by_id[name].model_dump(include={"id", "evidence", "lowers"})
        for name in risk.measures
    ]
    return digest(risk.model_dump(include=said), measures)


def _answers(case: Case, said: RosFile, common: CommonRos | None) -> dict[str, str]:
    """`<indicator>/<question>` -> digest of the answer that holds, ours or inherited."""
    return {
        f"{indicator}/{question}": digest(answer[0].model_dump(mode="json"), answer[1])
        for indicator in sorted(case.indicators)
        for question in QUESTIONS
        if (answer := answer_to(case, said, common, indicator, question)) is not None
    }


def _content(file: Path) -> str | None:
    """Digest of a file's bytes; None where there is none."""
    return digest(file.read_bytes().hex()) if file.is_file() else None


def _which(before: Any, after: Any) -> tuple[str, ...]:
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return ()
    return tuple(sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k)))
