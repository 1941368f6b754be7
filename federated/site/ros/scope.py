"""What a decision is about, and what has changed since one was made.

*Major* parts make up the fingerprint: while any of them differs, an approval does not hold. *Minor*
ones are told and change nothing: the wording of the register, a patch of the code.
"""

from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from federated.contract.catalogue import load_catalogue
from federated.contract.messages import digest
from federated.site.config import SiteConfig
from federated.site.ros.answers import RosFile, load_answers
from privacy.approval import Kind
from privacy.ros import Register, load_register

MAJOR, MINOR = "major", "minor"


@dataclass(frozen=True)
class Changed:
    """part: of the scope. weight: major or minor."""

    part: str
    weight: str


def answered_indicators(site: SiteConfig) -> list[str]:
    """Those that the policy answers, sorted."""
    return sorted(name for name, how in site.policy.answers.items() if how == "auto")


def scope_of(site: SiteConfig, project: Path, said: RosFile | None = None) -> dict[str, Any]:
    """{major: {...}, minor: {...}}, plain JSON. Raises Problem."""
    said = said or load_answers(site)
    register = load_register()
    policy = site.policy
    catalogue = load_catalogue(site.manifest_path, project)
    kinds = [Kind.NOISY_AGGREGATE.value]
    return {
        MAJOR: {
            "indicators": {
                name: catalogue[name].fingerprint
                for name in answered_indicators(site)
                if name in catalogue
            },
            "message_kinds": kinds,
            "linkage": Kind.BLINDED_TOKENS.value in kinds,
            "budgets": {
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
            "peers": sorted(site.peers),
            "operator": site.operator,
            "code_line": ".".join(version("sloyfe").split(".")[:2]),
            "judgements": digest(_judgements(register)),
            "answers": digest(said.model_dump(mode="json")["answers"]),
            "scale": asdict(said.scale.as_scale()),
        },
        MINOR: {
            "code_version": version("sloyfe"),
            "wording": digest(register.model_dump(mode="json")),
            "owners": digest(said.model_dump(mode="json")["owners"]),
        },
    }


def fingerprint(scope: dict[str, Any]) -> str:
    """Of the major parts alone."""
    return digest("ros", scope[MAJOR])


def changes(decided: dict[str, Any], now: dict[str, Any]) -> list[Changed]:
    """Parts that differ, the major ones first."""
    return [
        Changed(part, weight)
        for weight in (MAJOR, MINOR)
        for part in sorted(decided.get(weight, {}).keys() | now[weight].keys())
        if decided.get(weight, {}).get(part) != now[weight].get(part)
    ]


def _judgements(register: Register) -> dict[str, Any]:
    """Everything of the register but its words."""
    return {
        "risks": [
            risk.model_dump(include={"id", "affects", "likelihood", "consequence", "patient",
                                     "knowledge", "measures"})
            for risk in register.risks
        ],
        "measures": [m.model_dump(include={"id", "evidence", "lowers"}) for m in register.measures],
    }  # fmt: skip
