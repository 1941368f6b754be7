"""An officer's approval for a site: of what its policy names, or less."""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.contract.catalogue import load_catalogue
from federated.site.config import SITE_FILE, SiteConfig
from privacy.approval import (
    Approval,
    Approvals,
    Decision,
    Ground,
    Kind,
    Refused,
    Scope,
    State,
    Withdrawal,
    decision_digest,
    utc_now,
)
from privacy.ledger import Ledger
from privacy.problem import Problem
from privacy.signatures import load_public_key


def approvals_of(site: SiteConfig) -> Approvals:
    """The site's decisions, as far as its officer's key vouches for them. Raises Problem."""
    officer = site.keys.officer
    key = load_public_key(site.path(officer)) if officer is not None else None
    return Approvals(site.approvals_path, site.id, key)


def standing(site: SiteConfig, now: datetime | None = None) -> tuple[State, Decision | None]:
    """How the site stands at `now`, and the decision that says so, as its ledger has noted it."""
    return approvals_of(site).current(now or utc_now(), _noted(site))


def approve(
    site: SiteConfig,
    project: Path,
    key: Ed25519PrivateKey,
    *,
    by: str,
    until: datetime,
    sites: Iterable[str],
    indicators: Iterable[str] | None = None,
    epsilon: float | None = None,
    ground: Ground | None = None,
) -> Approval:
    """Sign an approval and write it down.

    project: folder of the dbt project. sites: those a question may name. indicators: of those in
    the policy; all of them where left out. epsilon: most that one release may cost; what the policy
    lets through (demo switches included) where left out. ground: the report it is decided on, if
    there is one. Raises Problem.
    """
    require_officer(site, key)
    policy = site.policy
    answered = [name for name, how in policy.answers.items() if how == "auto"]
    approvals = approvals_of(site)
    approval = Approval(
        serial=approvals.next_serial(_noted(site)[0]),
        site=site.id,
        by=by,
        since=utc_now() - timedelta(seconds=1),
        until=until,
        scope=Scope(
            indicators=_fingerprints(site, project, answered if indicators is None else indicators),
            kinds=[Kind.NOISY_AGGREGATE],
            epsilon_per_release=policy.most_per_release(demo=True) if epsilon is None else epsilon,
            epsilon_per_person_year=policy.most_per_year(demo=True),
            delta=policy.delta,
            sites=sorted(set(sites)),
            ros=ground,
        ),
    )
    _record(site, approvals, approval, key)
    return approval


def withdraw(site: SiteConfig, key: Ed25519PrivateKey, by: str) -> Withdrawal:
    """End the approval at once. Raises Problem."""
    require_officer(site, key)
    approvals = approvals_of(site)
    serial = approvals.next_serial(_noted(site)[0])
    withdrawal = Withdrawal(serial=serial, site=site.id, by=by, since=utc_now())
    _record(site, approvals, withdrawal, key)
    return withdrawal


def refuse(
    site: SiteConfig, key: Ed25519PrivateKey, *, by: str, reason: str, ground: Ground
) -> Refused:
    """Say no to a report, and end any approval at once. Raises Problem."""
    require_officer(site, key)
    approvals = approvals_of(site)
    refused = Refused(
        serial=approvals.next_serial(_noted(site)[0]),
        site=site.id,
        by=by,
        since=utc_now(),
        reason=reason,
        ros=ground,
    )
    _record(site, approvals, refused, key)
    return refused


def _record(
    site: SiteConfig,
    approvals: Approvals,
    decision: Decision,
    key: Ed25519PrivateKey,
) -> None:
    """Into the log, and its number into the ledger: from now on no older log is believed."""
    try:
        approvals.record(decision, key)
    except ValueError as error:
        raise Problem(
            str(error), str(site.approvals_path), "Choose another end, or try again."
        ) from None
    ledger = Ledger.open(site.ledger_path)
    try:
        ledger.note_approval(decision.serial, decision_digest(decision))
    finally:
        ledger.close()


def _noted(site: SiteConfig) -> tuple[int, str]:
    """Serial and digest of the newest decision that the ledger knows."""
    if not site.ledger_path.is_file():
        return 0, ""
    with closing(Ledger.read(site.ledger_path)) as ledger:
        return ledger.approval()


def require_officer(site: SiteConfig, key: Ed25519PrivateKey) -> None:
    """Raises Problem unless `key` is that of the officer whom the site names."""
    where = f"{site.folder / SITE_FILE}: keys.officer"
    if site.keys.officer is None:
        raise Problem(
            "this site names no officer, so nothing can be approved",
            where,
            "Name the officer's public key (Ed25519, PEM) there.",
        )
    named = load_public_key(site.path(site.keys.officer))
    if key.public_key().public_bytes_raw() != named.public_bytes_raw():
        raise Problem(
            "this is not the key of the officer that the site names",
            where,
            "Sign with that officer's private key; another signature would not be believed.",
        )


def _fingerprints(site: SiteConfig, project: Path, wanted: Iterable[str]) -> dict[str, str]:
    catalogue = load_catalogue(site.manifest_path, project)
    unknown = sorted(set(wanted) - set(catalogue))
    if unknown:
        raise Problem(
            f"there is no indicator `{unknown[0]}` at this site",
            str(site.manifest_path),
            "`sloyfe catalogue` lists those there are.",
        )
    return {name: catalogue[name].fingerprint for name in wanted}
