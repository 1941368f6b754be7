"""What a site does with one message: check it against its own catalogue, ask the gate, reply.

Nothing here raises towards the caller: whatever goes wrong becomes a refusal with a closed code,
and the reason stays in the site's own log.
"""

import logging
from pathlib import Path

from federated.contract.catalogue import Indicator, attempt_id, load_versions
from federated.contract.messages import (
    Acknowledgement,
    Answer,
    Malformed,
    Question,
    Receipt,
    Refusal,
    RefusalCode,
    decode_to_site,
    encode,
)
from federated.site.build_stamp import require_built
from federated.site.config import SiteConfig
from federated.site.landing.synthetic_mark import warehouse_origin
from federated.site.warehouse import (
    Deliveries,
    NotReady,
    atom_rows,
    current_deliveries,
    reading,
    require_atoms,
)
from privacy.accounting import charged_years
from privacy.gate import Gate, GateRefusal, NoisyCounts, Request
from privacy.ledger import Ledger
from privacy.problem import Problem

log = logging.getLogger("sloyfe.agent")


class Answering:
    """Answers typed messages from one site's warehouse. Holds the gate and the ledger."""

    def __init__(self, site: SiteConfig, ledger: Ledger, project: Path) -> None:
        self._site = site
        self._ledger = ledger
        self._gate = Gate(site.policy, ledger, site.state_path / "agent" / "sent")
        self._project = project

    def reply(self, payload: bytes) -> bytes:
        """One message in, one message out."""
        try:
            message = decode_to_site(payload)
        except Malformed:
            log.warning("refused: malformed message of %d bytes", len(payload))
            return self._refuse("", "", RefusalCode.MALFORMED)
        if message.site != self._site.id:
            log.warning("refused: message for another site")
            return self._refuse(message.question_id, message.attempt_id, RefusalCode.REFUSED)
        try:
            if isinstance(message, Receipt):
                return self._note(message)
            return self._answer(message)
        except _Refuse as refusal:
            code = refusal.code
        except GateRefusal as refusal:
            code = RefusalCode(refusal.reason.value)
        except NotReady:
            code = RefusalCode.NOT_READY
        except Problem as problem:  # the manifest or a key; its text carries no data
            log.error("cannot answer: %s", problem)
            code = RefusalCode.NOT_READY
        except Exception as error:
            # The text of an exception may hold a value from a record: only its type is logged.
            log.error("failed: %s in %s", type(error).__name__, message.kind)
            code = RefusalCode.REFUSED
        log.warning("refused: %s, attempt %s", code.value, message.attempt_id)
        return self._refuse(message.question_id, message.attempt_id, code)

    def _answer(self, question: Question) -> bytes:
        indicator = self._indicator(question)
        period = question.period
        with reading(self._site.warehouse_path) as connection:
            site = self._site
            require_atoms(connection, indicator)
            deliveries = current_deliveries(connection)
            require_built(site, connection, indicator)
            origin = warehouse_origin(
                connection,
                site.path(site.keys.generator) if site.keys.generator else None,
                site.declared_synthetic,
            )
            if origin == "real" and not deliveries.through.keys() <= _may_end_anywhere(deliveries):
                raise _Refuse(RefusalCode.PERIOD_NOT_STATED)
            if not deliveries.first_year <= int(period) <= deliveries.last_year:
                raise _Refuse(RefusalCode.PERIOD_NOT_DELIVERED)
            years = charged_years(
                int(period), indicator.definition.data_years.before, deliveries.last_year
            )
            request = Request(
                question_id=question.question_id,
                attempt_id=question.attempt_id,
                indicator=indicator.id,
                period=period,
                roster_size=len(question.roster),
                scale=question.scale,
                bound=indicator.bound,
                cells=len(indicator.domain(period)),
                atoms=len(indicator.definition.atoms),
                years=years,
            )

            def as_message(noisy: NoisyCounts) -> bytes:
                return encode(
                    Answer(
                        question_id=question.question_id,
                        attempt_id=question.attempt_id,
                        site=site.id,
                        values=noisy.values,
                        scale=question.scale,
                        rho_site=noisy.rho_site,
                        rho_federation=noisy.rho_federation,
                        data_through=deliveries.through,
                        end_stated=deliveries.through.keys() <= deliveries.stated,
                        not_private=noisy.not_private,
                        data_origin=origin,
                    )
                )

            payload = self._gate.answer(
                request, origin, lambda: atom_rows(connection, indicator, period), as_message
            )
        log.info("answered: attempt %s, %d bytes", question.attempt_id, len(payload))
        return payload

    def _indicator(self, question: Question) -> Indicator:
        """The indicator as this site has it, if the question is about exactly that."""
        installed = load_versions(self._site.manifest_path, self._project)
        asked = (question.indicator, question.definition)
        indicator = next((i for i in installed if (i.id, i.fingerprint) == asked), None)
        if indicator is None:
            raise _Refuse(RefusalCode.DEFINITION_DIFFERS)
        if (
            self._site.kind.value not in indicator.definition.levels
            or indicator.definition.release != "noisy_counts"
        ):
            raise _Refuse(RefusalCode.NOT_APPROVED)
        identity = indicator.question_id(question.period, question.edition)
        draw = attempt_id(identity, question.attempt, question.roster, question.scale)
        roster = question.roster
        if (
            (question.question_id, question.attempt_id) != (identity, draw)
            or roster != sorted(set(roster))
            or self._site.id not in roster
        ):
            raise _Refuse(RefusalCode.MALFORMED)
        return indicator

    def _note(self, receipt: Receipt) -> bytes:
        attempt = self._ledger.attempt(receipt.attempt_id)
        if attempt is None or attempt.charge.question_id != receipt.question_id:
            raise _Refuse(RefusalCode.REFUSED)
        try:
            self._ledger.receipt(receipt.attempt_id, receipt.release_id, receipt.release_digest)
        except ValueError:
            raise _Refuse(RefusalCode.REFUSED) from None
        log.info("released: attempt %s", receipt.attempt_id)
        return encode(
            Acknowledgement(
                question_id=receipt.question_id,
                attempt_id=receipt.attempt_id,
                site=self._site.id,
            )
        )

    def _refuse(self, question_id: str, attempt: str, code: RefusalCode) -> bytes:
        return encode(
            Refusal(question_id=question_id, attempt_id=attempt, site=self._site.id, code=code)
        )


def _may_end_anywhere(deliveries: Deliveries) -> frozenset[str]:
    """Formats whose data may be released though nobody vouches for where they end.

    The end decides which stays have been followed for 30 days. Taken from the rows it is one
    person's date, and moves everybody's counts: outside what the bound covers. Synthea has no
    stated period at all, and is a source of invented people; its releases say so.
    """
    return deliveries.stated | {"synthea"}


class _Refuse(Exception):
    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code.value)
        self.code = code
