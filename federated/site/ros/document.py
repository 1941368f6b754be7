"""The report's data: one JSON document, from what is configured and what was seen just now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from federated.contract.catalogue import load_catalogue
from federated.site.config import SiteConfig
from federated.site.ros import deciding
from federated.site.ros.answers import (
    INDICATOR_QUESTIONS,
    QUESTIONS,
    SITE_QUESTIONS,
    Question,
    RosFile,
    load_answers,
)
from federated.site.ros.assessing import keep, kept_at
from federated.site.ros.checks import FOLLOWS, Look, look
from federated.site.ros.common import CommonRos, watched_is_broken
from federated.site.ros.flows import Run, landscape_of
from federated.site.ros.judging import (
    Case,
    answer_to,
    inherited_share,
    items,
    open_judgements,
)
from federated.site.ros.landscape import told
from federated.site.ros.scope import case_of, common_of, fingerprint, scope_of
from privacy.accounting import conversion_delta, rho_of
from privacy.approval import utc_now
from privacy.mechanisms import epsilon_from_rho
from privacy.ros import (
    Assessed,
    Evidence,
    Finding,
    Kept,
    Level,
    Register,
    Scale,
    assess,
    load_register,
)
from privacy.ros.shape import SCHEMA, as_document

YEARS = 10
HISTORY = 60
"""Assessments that the report tells of, at most."""


def build_document(
    site: SiteConfig, project: Path, now: datetime | None = None, runs: Sequence[Run] = ()
) -> dict[str, Any]:
    """Everything the report says, as plain JSON of the published shape (`privacy.ros.shape`).

    runs: what the site's Dagster runs, where it is known. The assessment is added to the site's
    log: what the gate then holds the approval against. Takes half a minute, for attacks are run.
    Raises Problem. No count, rate or value of a record is in it.
    """
    at = now or utc_now()
    said = load_answers(site)
    register = load_register()
    evidence = look(Look(site, project, at))
    scale = said.scale.as_scale()
    assessed = assess(register, evidence, scale)
    if_approved = assessed_if_approved(register, evidence, scale)
    case = case_of(site, project, said)
    newest, common = common_of(site, said, at)
    judged = items(case, said, common, {name: a.residual for name, a in if_approved.items()})
    scope = scope_of(site, project, said, at)
    content = {
        "schema": SCHEMA,
        "site": {"id": site.id, "name": site.name, "kind": site.kind, "operator": site.operator},
        "built_at": at.isoformat(timespec="milliseconds"),
        "code_version": version("sloyfe"),
        "fingerprint": fingerprint(scope),
        "scope": scope,
        "scale": asdict(scale),
        "risks": [
            _risk(a, said) | {"if_approved": _after(if_approved[a.risk.id])} for a in assessed
        ],
        "evidence": [
            {"id": e.id, "status": e.finding, "seen_nb": e.seen_nb, "seen_en": e.seen_en}
            for e in evidence.values()
        ],
        **told(landscape_of(site, project, runs), register, evidence),
        "leaves": _leaves(site, project, sorted(case.indicators)),
        "epsilon": _epsilon(site),
        "questions": _questions(case, said, common),
        "judgements": [asdict(item) for item in judged],
        "open_questions": open_judgements(judged),
        "inherited_share": inherited_share(judged),
        "common": _common(site, said, newest, common),
    }
    before = with_decision(content | {"history": []}, site, project)
    as_document(before)  # what does not fit the shape is not decided on
    keep(site, content)
    return as_document(with_decision(before | {"history": _history(kept_at(site))}, site, project))


def red_if_approved(document: Mapping[str, Any]) -> list[str]:
    """Ids of the risks that an approval has to accept by name."""
    return [r["id"] for r in document["risks"] if r["if_approved"]["level"] == Level.RED]


def with_decision(document: Mapping[str, Any], site: SiteConfig, project: Path) -> dict[str, Any]:
    """The document with how the decision stands now. Raises Problem."""
    return {**document, "decision": asdict(deciding.status(site, project))}


def _history(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """The last assessments, the oldest first: when, of which scope, and each risk's level."""
    return [
        {
            "at": of.assessment.at.isoformat(timespec="seconds"),
            "fingerprint": of.assessment.fingerprint,
            "levels": {name: risk.level.value for name, risk in of.assessment.risks.items()},
        }
        for of in kept[-HISTORY:]
    ]


def _after(a: Assessed) -> dict[str, Any]:
    return {
        "likelihood": a.residual_likelihood,
        "consequence": a.residual_consequence,
        "level": a.residual,
    }


def assessed_if_approved(
    register: Register, evidence: Mapping[str, Evidence], scale: Scale
) -> dict[str, Assessed]:
    """Each risk as it will be once this report is approved: what a decision is to rest on."""
    held = {name: Evidence(name, Finding.HOLDS, "", "") for name in FOLLOWS}
    return {a.risk.id: a for a in assess(register, {**evidence, **held}, scale)}


def _risk(a: Assessed, said: RosFile) -> dict[str, Any]:
    risk = a.risk
    owned = said.owners.get(risk.id)
    return {
        **risk.model_dump(
            include={
                "id", "title_nb", "title_en", "event_nb", "event_en", "cause_nb", "cause_en",
                "affects", "knowledge", "assets", "flows", "stops",
            }
        ),
        "initial": {"likelihood": a.likelihood, "consequence": a.consequence, "level": a.initial},
        "residual": _after(a),
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


def _questions(case: Case, said: RosFile, common: CommonRos | None) -> list[dict[str, Any]]:
    """Those of the organisation once, with `indicator` None, unless somebody answered for one."""
    indicators = sorted(case.indicators)
    asked: list[tuple[str | None, Question]] = []
    for question in SITE_QUESTIONS if indicators else ():
        if any(question in said.answers.get(name, {}) for name in indicators):
            asked.extend((name, question) for name in indicators)
        else:
            asked.append((None, question))
    asked.extend((name, question) for name in indicators for question in INDICATOR_QUESTIONS)
    found: list[dict[str, Any]] = []
    for indicator, question in asked:
        answer = answer_to(case, said, common, indicator or indicators[0], question)
        found.append(
            {
                "indicator": indicator,
                "question": question,
                "nb": QUESTIONS[question].nb,
                "en": QUESTIONS[question].en,
                "answer": {**answer[0].model_dump(mode="json"), "source": answer[1]}
                if answer
                else None,
            }
        )
    return found


def _common(
    site: SiteConfig, said: RosFile, newest: CommonRos | None, holding: CommonRos | None
) -> dict[str, Any] | None:
    """The common ROS that is followed, and whether it can be built on."""
    if said.common is None:
        return None
    return {
        "issuer": said.common.issuer,
        "edition": newest.model_dump(mode="json", include={"name", "by", "issued", "until"})
        if newest
        else None,
        "holds": holding is not None,
        "watched_is_broken": watched_is_broken(site, said),
    }
