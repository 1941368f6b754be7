"""What a site does with one message: check it against its own catalogue, ask the gate, reply.

Nothing here raises towards the caller: whatever goes wrong becomes a refusal, the same for every
cause, and the reason stays in the site's own log and ledger.
"""

import logging
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from federated.contract.catalogue import Indicator, attempt_id, load_versions
from federated.contract.messages import (
    MAX_MESSAGE_BYTES,
    SLOT,
    Acknowledgement,
    Answer,
    Countersignature,
    Malformed,
    Notice,
    Question,
    Receipt,
    Refusal,
    decode_from_site,
    decode_to_site,
    encode,
    notice_slot,
    reply_slot,
)
from federated.site.approving import approvals_of
from federated.site.build_stamp import require_built
from federated.site.config import SiteConfig, load_site
from federated.site.landing.synthetic_mark import origin_of
from federated.site.peers import identity_of, peers_of
from federated.site.ros.assessing import stops_of
from federated.site.ros.scope import fingerprint, scope_of
from federated.site.warehouse import (
    Deliveries,
    NotReady,
    atom_rows,
    current_deliveries,
    reading,
    require_atoms,
)
from privacy.accounting import charged_years
from privacy.approval import Kind
from privacy.gate import Counts, Gate, GateRefusal, NoisyCounts, Outgoing, Request
from privacy.ledger import Ledger
from privacy.problem import Problem

log = logging.getLogger("sloyfe.agent")

KINDS = {
    "answer": Kind.NOISY_AGGREGATE,
    "refusal": Kind.REFUSAL,
    "acknowledgement": Kind.STATUS,
    "countersignature": Kind.STATUS,
}
"""As what each kind of message is approved. One that is not here does not leave."""


class Why(StrEnum):
    """Why a site refused before its gate was asked. For its own log; it never leaves."""

    MALFORMED = "malformed"
    OTHER_SITE = "other_site"
    DEFINITION_DIFFERS = "definition_differs"
    TOO_LARGE = "too_large"
    NOT_FOR_RELEASE = "not_for_release"
    IDS_DO_NOT_FIT = "ids_do_not_fit"
    NOT_READY = "not_ready"
    PERIOD_NOT_STATED = "period_not_stated"
    PERIOD_NOT_DELIVERED = "period_not_delivered"
    UNKNOWN_RELEASE = "unknown_release"
    SITE_FILE_CHANGED = "site_file_changed"
    FAILED = "failed"


class Answering:
    """Answers typed messages from one site's warehouse, through the gate that it holds."""

    def __init__(self, site: SiteConfig, ledger: Ledger, project: Path) -> None:
        self._site = site
        self._ledger = ledger
        self._project = project
        self._started_with = load_site(site.folder)
        self.gate = Gate(
            site.id,
            site.policy,
            ledger,
            approvals_of(site),
            folder=site.sent_path,
            schema=_is_of_kind,
            identity=identity_of(site),
            peers=peers_of(site),
            fingerprint=lambda: fingerprint(scope_of(site, project)),
            stopped_by=stops_of(site, ledger),
        )

    def reply(self, payload: bytes) -> Outgoing:
        """One message in, one message out."""
        try:
            message = decode_to_site(payload)
        except Malformed:
            log.warning("refused: malformed message of %d bytes", len(payload))
            return self._refuse("", "", SLOT)
        slot = notice_slot(len(message.entries)) if isinstance(message, Notice) else SLOT
        question, attempt = (
            ("", "") if isinstance(message, Notice) else (message.question_id, message.attempt_id)
        )
        try:
            if message.site != self._site.id:
                raise _Refuse(Why.OTHER_SITE)
            if load_site(self._site.folder) != self._started_with:
                raise _Refuse(Why.SITE_FILE_CHANGED)  # what was narrowed there is not known here
            if isinstance(message, Notice):
                return self._countersign(message, slot)
            if isinstance(message, Receipt):
                return self._note(message)
            indicator = self._installed(message)
            slot = reply_slot(indicator.answer_length(message.period))
            if slot > MAX_MESSAGE_BYTES:
                slot = SLOT
                raise _Refuse(Why.TOO_LARGE)
            self._require_fitting(message, indicator)
            return self._answer(message, indicator, slot)
        except GateRefusal as refusal:  # the gate has noted it
            risks = f", red: {', '.join(refusal.risks)}" if refusal.risks else ""
            log.warning("refused: %s, attempt %s%s", refusal.reason.value, attempt, risks)
            return self._refuse(question, attempt, slot)
        except _Refuse as refusal:
            reason = refusal.reason.value
        except NotReady:
            reason = Why.NOT_READY.value
        except Problem as problem:  # the manifest or a key; its text carries no data
            log.error("cannot answer: %s", problem)
            reason = Why.NOT_READY.value
        except Exception as error:
            # The text of an exception may hold a value from a record: only its type is logged.
            log.error("failed: %s in %s", type(error).__name__, message.kind)
            reason = Why.FAILED.value
        log.warning("refused: %s, attempt %s", reason, attempt)
        self._ledger.refusal(question, attempt, reason)
        return self._refuse(question, attempt, slot)

    def _answer(self, question: Question, indicator: Indicator, slot: int) -> Outgoing:
        period = question.period
        request = Request(
            question_id=question.question_id,
            attempt_id=question.attempt_id,
            indicator=indicator.id,
            definition=indicator.fingerprint,
            period=period,
            roster=tuple(question.roster),
            mechanism=Counts(
                scale=question.scale,
                bound=indicator.bound,
                cells=len(indicator.domain(period)),
                atoms=len(indicator.definition.atoms),
            ),
            years=(),
            slot=slot,
            countersignatures=question.countersignatures,
        )
        kept = self.gate.kept(request)
        if kept is not None:
            return kept
        with reading(self._site.warehouse_path) as connection:
            site = self._site
            require_atoms(connection, indicator)
            deliveries = current_deliveries(connection)
            require_built(site, connection, indicator)
            origin = origin_of(self._site, connection)
            if origin == "real" and not deliveries.through.keys() <= _may_end_anywhere(deliveries):
                raise _Refuse(Why.PERIOD_NOT_STATED)
            if not deliveries.first_year <= int(period) <= deliveries.last_year:
                raise _Refuse(Why.PERIOD_NOT_DELIVERED)
            years = charged_years(
                int(period), indicator.definition.data_years.before, deliveries.last_year
            )
            request = replace(request, years=years)

            def as_message(noisy: NoisyCounts) -> bytes:
                return encode(
                    Answer(
                        question_id=question.question_id,
                        attempt_id=question.attempt_id,
                        site=site.id,
                        values=noisy.values,
                        persons_cut=[noisy.persons_cut],
                        scale=question.scale,
                        rho_site=noisy.rho_site,
                        rho_federation=noisy.rho_federation,
                        data_through=deliveries.through,
                        end_stated=deliveries.through.keys() <= deliveries.stated,
                        not_private=noisy.not_private,
                        data_origin=origin,
                    )
                )

            outgoing = self.gate.counts(
                request, origin, lambda: atom_rows(connection, indicator, period), as_message
            )
        log.info("answered: attempt %s, %d bytes", question.attempt_id, len(outgoing.payload))
        return outgoing

    def _installed(self, question: Question) -> Indicator:
        """The indicator as this site has it, if the question is about exactly that."""
        installed = load_versions(self._site.manifest_path, self._project)
        asked = (question.indicator, question.definition)
        indicator = next((i for i in installed if (i.id, i.fingerprint) == asked), None)
        if indicator is None:
            raise _Refuse(Why.DEFINITION_DIFFERS)
        return indicator

    def _require_fitting(self, question: Question, indicator: Indicator) -> None:
        """The site answers such questions, and the ids are of what is asked."""
        if (
            self._site.kind.value not in indicator.definition.levels
            or indicator.definition.release != "noisy_counts"
        ):
            raise _Refuse(Why.NOT_FOR_RELEASE)
        identity = indicator.question_id(question.period, question.edition)
        draw = attempt_id(identity, question.attempt, question.roster, question.scale)
        roster = question.roster
        if (
            (question.question_id, question.attempt_id) != (identity, draw)
            or roster != sorted(set(roster))
            or self._site.id not in roster
        ):
            raise _Refuse(Why.IDS_DO_NOT_FIT)

    def _countersign(self, notice: Notice, slot: int) -> Outgoing:
        try:
            with reading(self._site.warehouse_path) as connection:
                origin = origin_of(self._site, connection)
        except NotReady:
            origin = "real"  # no demo switch holds

        def as_message(known: int, signatures: list[str | None]) -> bytes:
            site = self._site.id
            return encode(Countersignature(site=site, known=known, signatures=signatures))

        outgoing = self.gate.note(notice.entries, origin, as_message, slot)
        log.info("countersigned: %d entries told", len(notice.entries))
        return outgoing

    def _note(self, receipt: Receipt) -> Outgoing:
        attempt = self._ledger.attempt(receipt.attempt_id)
        if attempt is None or attempt.charge.question_id != receipt.question_id:
            raise _Refuse(Why.UNKNOWN_RELEASE)
        try:
            self._ledger.receipt(receipt.attempt_id, receipt.release_id, receipt.release_digest)
        except ValueError:
            raise _Refuse(Why.UNKNOWN_RELEASE) from None
        log.info("released: attempt %s", receipt.attempt_id)
        message = Acknowledgement(
            question_id=receipt.question_id,
            attempt_id=receipt.attempt_id,
            site=self._site.id,
        )
        return self.gate.status(encode(message), SLOT, receipt.attempt_id)

    def _refuse(self, question_id: str, attempt: str, slot: int) -> Outgoing:
        message = Refusal(question_id=question_id, attempt_id=attempt, site=self._site.id)
        return self.gate.refuse(encode(message), slot, attempt)


def _is_of_kind(kind: Kind, payload: bytes) -> bool:
    try:
        return KINDS.get(decode_from_site(payload).kind) is kind
    except Malformed:
        return False


def _may_end_anywhere(deliveries: Deliveries) -> frozenset[str]:
    """Formats whose data may be released though nobody vouches for where they end.

    The end decides which stays have been followed for 30 days. Taken from the rows it is one
    person's date, and moves everybody's counts: outside what the bound covers. Synthea has no
    stated period at all, and is a source of invented people; its releases say so.
    """
    return deliveries.stated | {"synthea"}


class _Refuse(Exception):
    def __init__(self, reason: Why) -> None:
        super().__init__(reason.value)
        self.reason = reason
