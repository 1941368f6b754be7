"""The officer's decision on a report, and where it stands.

An approval is what `federated.site.approving` signs, with the report's scope in it; the gate holds
the scope as it is now against it. So the report and the gate speak of the same thing.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.site import approving
from federated.site.config import SiteConfig
from federated.site.landing.synthetic_mark import origin_of
from federated.site.ros.answers import load_answers, ros_file
from federated.site.ros.judging import items, open_items, open_judgements
from federated.site.ros.scope import MAJOR, case_of, changes, common_of, fingerprint, scope_of
from federated.site.warehouse import NotReady, reading
from privacy.approval import Approval, Ground, Refused, State, Withdrawal
from privacy.problem import Problem

Standing = Literal["approved", "refused", "expired", "withdrawn", "none"]


@dataclass(frozen=True)
class Status:
    """scope: what was decided on; None where nothing was. changed: parts that differ since."""

    state: Standing
    by: str | None
    until: str | None
    scope: dict[str, Any] | None
    changed: list[dict[str, Any]]


def approve(
    site: SiteConfig,
    project: Path,
    key: Ed25519PrivateKey,
    *,
    by: str,
    until: datetime,
    synthetic: bool,
) -> Approval:
    """Approve the scope as it is now. Raises Problem, also while questions are open.

    synthetic: whether all data are the generator's; only then may questions be open.
    """  # fmt: skip
    said = load_answers(site)
    left = items(case_of(site, project, said), said, common_of(site, said)[1])
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
        sites=[site.id, *site.peers],
        ground=ground_of(site, project),
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
        standing, decision.by, until, ground.scope if ground else None, [asdict(c) for c in found]
    )
