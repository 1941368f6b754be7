"""The officer's decision on a report, and where it stands.

An approval is what `federated.site.approving` signs, with the report's scope in it; the gate holds
the scope as it is now against it. So the report and the gate speak of the same thing.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.site import approving
from federated.site.config import SiteConfig
from federated.site.landing.synthetic_mark import origin_of
from federated.site.ros.answers import load_answers, ros_file
from federated.site.ros.assessing import assessed_within, kept_at, levels_seen, stops_now
from federated.site.ros.common_files import keep_newest
from federated.site.ros.judging import items, open_items, open_judgements
from federated.site.ros.scope import MAJOR, case_of, changes, common_of, fingerprint, scope_of
from federated.site.warehouse import NotReady, reading
from privacy.approval import Approval, Ground, Refused, State, Withdrawal, utc_now
from privacy.problem import Problem

LEAST_READ = 12
"""Digits of a fingerprint that the report shows."""
NO_REPORT = "no_report"
"""The data are real, or may be, and nobody has decided on a whole report."""
Standing = Literal["approved", "refused", "expired", "withdrawn", "none"]


@dataclass(frozen=True)
class Status:
    """scope: what was decided on; None where nothing was. changed: parts that differ since.

    accepted_red: risks that the approval accepts by name. stopped_by: what holds back answers under
    an approval that stands: red risks, what is wrong with the assessment, or `no_report`. demo:
    nobody has read what was decided on. synthetic_only: questions were open.
    """

    state: Standing
    by: str | None
    until: str | None
    scope: dict[str, Any] | None
    changed: list[dict[str, Any]]
    accepted_red: list[str] = field(default_factory=list)
    stopped_by: list[str] = field(default_factory=list)
    demo: bool = False
    synthetic_only: bool = False


def approve(
    site: SiteConfig,
    project: Path,
    key: Ed25519PrivateKey,
    *,
    by: str,
    until: datetime,
    synthetic: bool,
    sites: Collection[str] | None = None,
    accept_red: Collection[str] = (),
    read: str | None = None,
    demo: bool = False,
) -> Approval:
    """Approve the scope as it is now, on the newest report of it. Raises Problem, also while
    questions are open or a red risk is not accepted.

    synthetic: whether all data are the generator's; only then may questions be open. sites: those
    that a question may name; this one and its peers where left out. accept_red:
    ids of red risks that the leader accepts. read: beginning of the fingerprint of the report that
    was read; with another scope nothing is signed. demo: nobody has read the report or answered
    anything, and the decision says so wherever it is shown.
    """
    if demo and not synthetic:
        raise Problem(
            "a demo decides on synthetic data alone, and not all of this is known to be",
            str(site.folder),
            "Add --declare-synthetic if no row of the source is about a person.",
        )
    ground = _decided_on(site, project, accept_red, demo)
    if read is not None and (len(read) < LEAST_READ or not ground.fingerprint.startswith(read)):
        raise Problem(
            f"the report that was read is of another scope than the site has now "
            f"({ground.fingerprint[:LEAST_READ]})",
            "--fingerprint",
            f"Read the newest report, and give the {LEAST_READ} digits of its scope.",
        )
    said = load_answers(site)
    common = common_of(site, said)[1]
    left = items(case_of(site, project, said), said, common, levels_seen(site))
    if open_items(left) and not synthetic:
        raise Problem(
            f"{open_judgements(left)} judgements are open, the first: {open_items(left)[0].key}",
            str(ros_file(site)),
            "Only people can make them; write the answers there, with name and date.",
        )
    return approving.approve(
        site,
        project,
        key,
        by=by,
        until=until,
        sites=[site.id, *site.peers] if sites is None else sites,
        ground=ground.model_copy(update={"synthetic_only": bool(open_items(left))}),
    )


def has_report(site: SiteConfig, project: Path) -> bool:
    """Whether the newest report is about the scope as it is now, and not too old."""
    kept = kept_at(site)
    return (
        bool(kept)
        and kept[-1].assessment.fingerprint == ground_of(site, project).fingerprint
        and timedelta(0) <= utc_now() - kept[-1].assessment.at <= assessed_within(site)
    )


def _stops(site: SiteConfig, approval: Approval) -> list[str]:
    ground = approval.scope.ros
    stops = stops_now(site, approval.scope, utc_now())
    if (ground is None or not ground.holds_for_real_data) and not is_synthetic(site):
        stops.append(NO_REPORT)
    return stops


def red_risks(site: SiteConfig) -> list[str]:
    """Those that an approval has to accept by name, by the newest report."""
    kept = kept_at(site)
    return kept[-1].assessment.red if kept else []


def _decided_on(site: SiteConfig, project: Path, accept_red: Collection[str], demo: bool) -> Ground:
    ground = ground_of(site, project)
    kept = kept_at(site)
    newest = kept[-1].assessment if kept else None
    if newest is None or newest.fingerprint != ground.fingerprint:
        raise Problem(
            "there is no report on what would be approved"
            if newest is None
            else "the newest report is about another scope than the site has now",
            str(site.assessments_path),
            "Build the report first, and read it: sloyfe ros build.",
        )
    if not timedelta(0) <= utc_now() - newest.at <= assessed_within(site):
        raise Problem(
            "the newest report is too old, or dated in the future",
            str(site.assessments_path),
            "Build the report first, and read it: sloyfe ros build.",
        )
    unaccepted = sorted(set(newest.red) - set(accept_red))
    if unaccepted:
        raise Problem(
            f"red risks are not accepted: {', '.join(unaccepted)}",
            str(site.assessments_path),
            "The leader decides on red: lower the risk, or name each with --accept-red.",
        )
    other = sorted(set(accept_red) - set(newest.red))
    if other:
        raise Problem(
            f"`{other[0]}` is not a red risk in the newest report",
            "--accept-red",
            "Accept what the report shows as red, and nothing in advance.",
        )
    return ground.model_copy(
        update={
            "assessment": kept[-1].digest,
            "accepted_red": sorted(set(accept_red)),
            "demo": demo,
        }
    )


def refuse(
    site: SiteConfig, project: Path, key: Ed25519PrivateKey, *, by: str, reason: str
) -> Refused:
    """Say no to the scope as it is now; from the next question on, the site refuses."""
    return approving.refuse(site, key, by=by, reason=reason, ground=ground_of(site, project))


def is_synthetic(site: SiteConfig) -> bool:
    """Whether all that has landed is the generator's, or declared so. False before a landing."""
    try:
        with reading(site.warehouse_path) as connection:
            return origin_of(site, connection) != "real"
    except NotReady:
        return False


def ground_of(site: SiteConfig, project: Path) -> Ground:
    scope = scope_of(site, project)
    return Ground(fingerprint=fingerprint(scope), scope=scope)


def status(site: SiteConfig, project: Path) -> Status:
    """How things stand now. An approval that the scope has left counts as `none`."""
    keep_newest(site, load_answers(site))
    state, decision = approving.standing(site)
    if decision is None or state is State.BROKEN:
        return Status("none", None, None, None, [])
    if isinstance(decision, Withdrawal):
        return Status("withdrawn", decision.by, None, None, [])
    ground = decision.ros if isinstance(decision, Refused) else decision.scope.ros
    until = None if isinstance(decision, Refused) else decision.until.isoformat()
    found = changes(ground.scope, scope_of(site, project)) if ground else []
    standing: Standing = (
        "refused"
        if isinstance(decision, Refused)
        else "expired"
        if state is State.EXPIRED
        else "approved"
        if state is State.VALID and not any(c.weight == MAJOR for c in found)
        else "none"
    )
    return Status(
        standing,
        decision.by,
        until,
        ground.scope if ground else None,
        [asdict(c) for c in found],
        accepted_red=ground.accepted_red if ground else [],
        stopped_by=(
            _stops(site, decision)
            if isinstance(decision, Approval) and standing == "approved"
            else []
        ),
        demo=ground.demo if ground else False,
        synthetic_only=ground.synthetic_only if ground else False,
    )
