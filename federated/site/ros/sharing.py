"""Making a common ROS out of what a site's own officer has approved."""

from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.contract.messages import digest
from federated.site.approving import require_officer
from federated.site.config import SiteConfig
from federated.site.ros import deciding
from federated.site.ros.answers import INDICATOR_QUESTIONS, RosFile, load_answers
from federated.site.ros.assessing import levels_seen
from federated.site.ros.common import CommonIndicator, CommonRisk, CommonRos
from federated.site.ros.judging import Case
from federated.site.ros.scope import case_of
from privacy.approval import utc_now
from privacy.problem import Problem
from privacy.ros import load_register


def common_from(
    site: SiteConfig,
    project: Path,
    key: Ed25519PrivateKey,
    *,
    by: str,
    until: datetime,
    withdrawn: bool = False,
) -> CommonRos:
    """What others may build on: our own answers, and risks as the newest report found them.

    Only what is approved here can be shared, and for no longer. Answers that this site has itself
    inherited are not passed on: each stands behind its own. withdrawn: nothing holds any more; that
    can always be said. Raises Problem.
    """
    require_officer(site, key)
    now = utc_now()
    if withdrawn:
        return CommonRos(
            issuer=site.id, name=site.name, by=by, issued=now, until=until, withdrawn=True
        )
    _require_decided(site, project, until, now)
    said = load_answers(site)
    register = load_register()
    case = case_of(site, project, said)
    levels = levels_seen(site)
    return CommonRos(
        issuer=site.id,
        name=site.name,
        by=by,
        issued=now,
        until=until,
        indicators={name: _shared(name, case, said) for name in case.indicators},
        risks={
            risk: CommonRisk(judgement=judgement, level=levels[risk])
            for risk, judgement in case.judgements.items()
            if risk in levels
        },
        budgets=dict(case.budgets),
        kinds=list(case.kinds),
        scale=dict(case.scale),
        code_line=case.code_line,
        wording=digest(register.model_dump(mode="json")),
    )


def _require_decided(site: SiteConfig, project: Path, until: datetime, now: datetime) -> None:
    """Raises Problem unless a whole report was decided on here, and nothing has come up since."""
    status = deciding.status(site, project)
    why = status.state
    if status.state == "approved":
        why = (
            "decided without a report"
            if status.scope is None
            else "a demo's decision"
            if status.demo
            else f"stopped by {', '.join(status.stopped_by)}"
            if status.stopped_by
            else "open questions"
            if status.synthetic_only
            else ""
        )
    if why or status.until is None:
        raise Problem(
            f"what is not approved here cannot be shared ({why})",
            str(site.folder),
            "Answer the questions, build the report and approve it: `sloyfe ros approve`.",
        )
    if not now < until <= datetime.fromisoformat(status.until):
        raise Problem(
            f"the approval here ends {status.until}, and the common ROS would outlast it",
            "--until",
            "Name an earlier day, that is still to come.",
        )


def _shared(indicator: str, case: Case, said: RosFile) -> CommonIndicator:
    return CommonIndicator(
        definition=case.indicators[indicator],
        answers={
            question: answer
            for question in INDICATOR_QUESTIONS
            if (answer := said.own_answer(indicator, question)) is not None
        },
    )
