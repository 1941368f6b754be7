"""A site's assessments: kept as the report is built, read by its gate, its status and its plot."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from federated.site.config import SiteConfig
from federated.site.ros.answers import load_answers
from privacy.approval import Ground, Kind, Scope
from privacy.gate.gate import StoppedBy
from privacy.ledger import Ledger
from privacy.ros import Assessment, Assessments, Kept, Level, load_register, stopped_by


def keep(site: SiteConfig, document: Mapping[str, Any]) -> Kept:
    """Add a report's assessment to the site's log. Raises Problem.

    The ledger notes one that shows a red risk which the one before did not, so that it cannot be
    cut off unseen; the rest it notes when the gate looks. document: as `build_document` made it.
    """
    noted = _noted(site)
    assessment = Assessment(
        at=document["built_at"],
        fingerprint=document["fingerprint"],
        risks={risk["id"]: risk["residual"] for risk in document["risks"]},
        if_approved={risk["id"]: risk["if_approved"] for risk in document["risks"]},
        evidence={found["id"]: found["status"] for found in document["evidence"]},
    )
    log = Assessments(site.assessments_path)
    before = log.kept(noted)
    made = log.record(assessment, noted)
    newly_red = set(assessment.red) - set(before[-1].assessment.red if before else ())
    if newly_red and site.ledger_path.is_file():
        with closing(Ledger.open(site.ledger_path)) as ledger:
            ledger.note_assessment(made.number, made.digest)
    return made


def kept_at(site: SiteConfig) -> list[Kept]:
    """Every assessment, the oldest first; empty where there is none that can be believed."""
    return Assessments(site.assessments_path).kept(_noted(site))


def levels_seen(site: SiteConfig) -> dict[str, Level]:
    """Residual risk by the newest report, as with the approval it asks for; empty if none is."""
    kept = kept_at(site)
    return {name: of.level for name, of in kept[-1].assessment.if_approved.items()} if kept else {}


def stops_of(site: SiteConfig, ledger: Ledger) -> StoppedBy:
    """What the site's gate asks before each answer. ledger: its own, which notes what was seen."""
    register = load_register()
    assessments = Assessments(site.assessments_path)

    def stops(ground: Ground, kind: Kind, indicator: str, now: datetime) -> tuple[str, ...]:
        kept = assessments.kept(ledger.assessment())
        if kept:
            ledger.note_assessment(kept[-1].number, kept[-1].digest)
        return stopped_by(
            kept,
            ground,
            (kind, indicator),
            register=register,
            now=now,
            within=assessed_within(site),
        )

    return stops


def stops_now(site: SiteConfig, scope: Scope, now: datetime) -> list[str]:
    """What stops any of the answers that an approval on a report lets through, sorted."""
    if scope.ros is None:
        return []
    kept, register, within = kept_at(site), load_register(), assessed_within(site)
    return sorted(
        {
            name
            for kind in scope.kinds
            for indicator in scope.indicators
            for name in stopped_by(
                kept, scope.ros, (kind, indicator), register=register, now=now, within=within
            )
        }
    )


def assessed_within(site: SiteConfig) -> timedelta:
    """Age of the newest assessment from which on the gate refuses. Raises Problem."""
    return timedelta(days=load_answers(site).assessed_within_days)


def _noted(site: SiteConfig) -> tuple[int, str]:
    if not site.ledger_path.is_file():
        return 0, ""
    with closing(Ledger.read(site.ledger_path)) as ledger:
        return ledger.assessment()
