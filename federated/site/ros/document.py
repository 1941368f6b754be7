"""The report's data: one JSON document, from what is configured and what was seen just now."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from federated.contract.catalogue import load_catalogue
from federated.site.config import SiteConfig
from federated.site.ros.answers import QUESTIONS, RosFile, load_answers, open_questions
from federated.site.ros.checks import Look, look
from federated.site.ros.flows import Run, landscape_of
from federated.site.ros.landscape import told
from federated.site.ros.scope import answered_indicators, fingerprint, scope_of
from privacy.accounting import conversion_delta, rho_of
from privacy.approval import utc_now
from privacy.mechanisms import epsilon_from_rho
from privacy.ros import Assessed, assess, load_register
from privacy.ros.shape import SCHEMA, as_document

YEARS = 10


def build_document(
    site: SiteConfig, project: Path, now: datetime | None = None, runs: Sequence[Run] = ()
) -> dict[str, Any]:
    """Everything the report says, as plain JSON of the published shape (`privacy.ros.shape`).

    runs: what the site's Dagster runs, where it is known. Takes half a minute, for attacks are run.
    Raises Problem. No count, rate or value of a record is in it.
    """
    at = now or utc_now()
    said = load_answers(site)
    register = load_register()
    evidence = look(Look(site, project, at))
    scale = said.scale.as_scale()
    assessed = assess(register, evidence, scale)
    answered = answered_indicators(site)
    unanswered = open_questions(answered, said)
    scope = scope_of(site, project, said)
    content = {
        "schema": SCHEMA,
        "site": {"id": site.id, "name": site.name, "kind": site.kind, "operator": site.operator},
        "built_at": at.isoformat(timespec="seconds"),
        "code_version": version("sloyfe"),
        "fingerprint": fingerprint(scope),
        "scope": scope,
        "scale": asdict(scale),
        "risks": [_risk(a, said) for a in assessed],
        "evidence": [
            {"id": e.id, "status": e.finding, "seen_nb": e.seen_nb, "seen_en": e.seen_en}
            for e in evidence.values()
        ],
        **told(landscape_of(site, project, runs), register, evidence),
        "leaves": _leaves(site, project, answered),
        "epsilon": _epsilon(site),
        "questions": [
            {
                "indicator": indicator,
                "question": question,
                "nb": QUESTIONS[question][0],
                "en": QUESTIONS[question][1],
                "answer": _answer(said, indicator, question),
            }
            for indicator in answered
            for question in QUESTIONS
        ],
        "open_questions": len(unanswered),
    }
    return as_document(content)


def _risk(a: Assessed, said: RosFile) -> dict[str, Any]:
    risk = a.risk
    owned = said.owners.get(risk.id)
    return {
        **risk.model_dump(
            include={
                "id", "title_nb", "title_en", "event_nb", "event_en", "cause_nb", "cause_en",
                "affects", "knowledge", "assets", "flows",
            }
        ),
        "initial": {"likelihood": a.likelihood, "consequence": a.consequence, "level": a.initial},
        "residual": {
            "likelihood": a.residual_likelihood,
            "consequence": a.residual_consequence,
            "level": a.residual,
        },
        "measures": [
            {
                "id": m.id,
                "title_nb": m.title_nb,
                "title_en": m.title_en,
                "evidence": m.evidence,
                "counts": m in a.holding,
            }
            for m in (*a.holding, *a.lacking)
        ],
        "owner": owned.owner if owned else None,
        "deadline": owned.deadline.isoformat() if owned and owned.deadline else None,
    }  # fmt: skip


def _leaves(site: SiteConfig, project: Path, answered: list[str]) -> list[dict[str, Any]]:
    """What may leave, in the words of its definition."""
    catalogue = load_catalogue(site.manifest_path, project)
    return [
        {
            "id": name,
            "name_nb": of.definition.name_nb,
            "name_en": of.definition.name_en,
            "definition_nb": of.definition.definition_nb,
            "definition_en": of.definition.definition_en,
            "keys": list(of.key_names),
            "bounds": of.definition.bounds.model_dump() if of.definition.bounds else None,
        }
        for name in answered
        if (of := catalogue.get(name)) is not None
    ]


def _epsilon(site: SiteConfig) -> dict[str, float]:
    """What the budget comes to for one person, this year and over ten."""
    policy = site.policy
    delta = conversion_delta(policy)
    whole = YEARS * rho_of(policy.epsilon_per_person_year, delta)
    return {
        "per_person_year": policy.epsilon_per_person_year,
        "delta": policy.delta,
        "years": YEARS,
        "all_years": epsilon_from_rho(whole, YEARS * delta),
    }


def _answer(said: RosFile, indicator: str, question: Any) -> dict[str, str] | None:
    found = said.answers.get(indicator, {}).get(question)
    return found.model_dump(mode="json") if found else None
