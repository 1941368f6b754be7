"""Attacks on this installation: wrongful questions, put to its own gate, beside its own ledger.

The agent's insides answer from the site's real warehouse, but with a ledger and an officer that are
made for the occasion and thrown away; nothing leaves this process. The approval is the one that
would be asked for now, so that what is seen does not hang on whether it has been given. An attack
fails as it should only where it is refused for the reason that is expected: a site that refuses
everything because it is not built yet has shown nothing.
"""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federated.contract.catalogue import Indicator, attempt_id, load_versions
from federated.contract.messages import Question, Refusal, decode_from_site, encode
from federated.site import approving
from federated.site.answering import Answering
from federated.site.config import SiteConfig
from federated.site.ros.scope import fingerprint, scope_of
from federated.site.warehouse import NotReady, current_deliveries, reading
from privacy.approval import Ground, utc_now
from privacy.ledger import Ledger
from privacy.ros import Assessment, Assessments

_EDITION = 99
_NOISE = 0.05
"""A scale far below what any policy allows."""


def attacks_refused(site: SiteConfig, project: Path) -> tuple[int, list[str]]:
    """How many attacks were tried, and which were not refused for the reason expected."""
    installed = load_versions(site.manifest_path, project)
    asked = [
        indicator
        for indicator in installed
        if site.kind.value in indicator.definition.levels
        and indicator.definition.release == "noisy_counts"
    ]
    answered = [i for i in asked if site.policy.answers.get(i.id) == "auto"]
    others = [i for i in asked if i.id not in site.policy.answers]
    got_through: list[str] = []
    attacks = list(_attacks(site, _period(site), answered[:1], others[:1]))
    with _beside(site, project) as (answering, ledger):
        for name, question, reasons in attacks:
            before = len(ledger.refusals())
            reply = decode_from_site(answering.reply(encode(question)).payload)
            told = {reason for _, reason in ledger.refusals()[before:]}
            if not isinstance(reply, Refusal) or not told & reasons:
                got_through.append(name)
    return len(attacks), got_through


def _attacks(
    site: SiteConfig, period: str, answered: list[Indicator], others: list[Indicator]
) -> Iterator[tuple[str, Question, set[str]]]:
    """(name, question, the reasons that are right)."""
    for indicator in answered:
        yield "almost no noise", _question(site, period, indicator, scale=_NOISE), {"above_maximum"}
        yield (
            "a roster of strangers",
            _question(site, period, indicator, roster=("fremmed",)),
            {"outside_approval"},
        )
        yield (
            "another definition",
            _question(site, period, indicator, definition="0" * 64),
            {"definition_differs"},
        )
        yield (
            "ids of another question",
            _question(site, period, indicator, question_id="0" * 64),
            {"ids_do_not_fit"},
        )
        yield (
            "for another site",
            _question(site, period, indicator, sent_to="fremmed"),
            {"other_site"},
        )
    for indicator in others:
        yield (
            "an indicator that nobody approved",
            _question(site, period, indicator),
            {"outside_approval", "not_in_policy", "not_ready"},  # its model may not be built here
        )


def _period(site: SiteConfig) -> str:
    """The last year that has been delivered; where nothing has, no question gets far anyway."""
    try:
        with reading(site.warehouse_path) as connection:
            return str(current_deliveries(connection).last_year)
    except NotReady:
        return "2024"


def _question(
    site: SiteConfig,
    period: str,
    indicator: Indicator,
    *,
    scale: float = 1e4,
    roster: tuple[str, ...] = (),
    sent_to: str | None = None,
    **changes: str,
) -> Question:
    """One whose ids are right, but for `changes`."""
    asked = sorted({*roster, site.id})
    identity = indicator.question_id(period, _EDITION)
    fields = {
        "question_id": identity,
        "attempt_id": attempt_id(identity, 1, asked, scale),
        "attempt": 1,
        "site": sent_to or site.id,
        "indicator": indicator.id,
        "definition": indicator.fingerprint,
        "period": period,
        "edition": _EDITION,
        "roster": asked,
        "scale": scale,
        "countersignatures": {},
    }
    return Question.model_validate(fields | changes)


@contextmanager
def _beside(site: SiteConfig, project: Path) -> Iterator[tuple[Answering, Ledger]]:
    """The agent's insides with a state folder and an approval of their own."""
    quiet = logging.getLogger("sloyfe.agent")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder)
            shutil.copytree(site.dbt_path, state / "dbt", ignore=_all_but_what_is_read)
            officer = Ed25519PrivateKey.generate()
            public = state / "officer.pub"
            public.write_bytes(
                officer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            )
            own = site.model_copy(
                update={
                    "state": state,
                    "warehouse": site.warehouse_path.resolve(),
                    "keys": site.keys.model_copy(update={"officer": public}),
                }
            )
            _approve(own, project, officer)
            with closing(Ledger.open(own.ledger_path)) as ledger:
                yield Answering(own, ledger, project), ledger
    finally:
        quiet.setLevel(level)


def _approve(own: SiteConfig, project: Path, officer: Ed25519PrivateKey) -> None:
    """All that may be asked for, on an assessment without a red risk: what refuses is the rest."""
    scope = scope_of(own, project)
    now = utc_now()
    seen = Assessment(at=now, fingerprint=fingerprint(scope), risks={}, if_approved={}, evidence={})
    kept = Assessments(own.assessments_path).record(seen)
    approving.approve(
        own,
        project,
        officer,
        by="attack",
        until=now + timedelta(days=1),
        sites=[own.id, *own.peers],
        ground=Ground(fingerprint=seen.fingerprint, scope=scope, assessment=kept.digest),
    )


def _all_but_what_is_read(_folder: str, names: list[str]) -> set[str]:
    return {n for n in names if n not in ("manifest.json", "built.json")}
