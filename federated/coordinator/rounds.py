"""Asking every site one question: attempts, resends, and what became of them.

A question is asked at most `MAX_ATTEMPTS` times. An attempt is written to disk before it is sent,
and every answer as soon as it is here, so a coordinator that dies goes on with the same attempt: a
site that has answered it sends the identical bytes again and is not charged twice. Only when a site
lost its answer (it died between charging and answering) is a new attempt made, with fresh noise.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from federated.contract.catalogue import Indicator, attempt_id
from federated.contract.messages import (
    MAX_SCALE,
    Answer,
    Malformed,
    Question,
    Refusal,
    RefusalCode,
    decode_from_site,
    encode,
)
from privacy.accounting import Combination, scale_for
from privacy.mechanisms import gaussian_rho
from privacy.problem import Problem

MAX_ATTEMPTS = 3

Replies = Mapping[str, bytes | str]
"""By site id: the reply's bytes, or a word for why there is none."""
Exchange = Callable[[Mapping[str, bytes]], Replies]

_WHY = {
    RefusalCode.BUDGET_SPENT: (
        "its privacy budget for a data-year is spent",
        "Read `sloyfe ledger show` at the site; ask for less, or wait for the next data-year.",
    ),
    RefusalCode.ABOVE_MAXIMUM: (
        "the epsilon asked for is above its policy's maximum",
        "Ask with a smaller --epsilon.",
    ),
    RefusalCode.NOT_APPROVED: (
        "its policy does not let this indicator out",
        "The site decides: `policy.answers` in its site.yaml.",
    ),
    RefusalCode.DEFINITION_DIFFERS: (
        "it has another definition of this indicator",
        "Install the same version of Sløyfe at the site and the coordinator, and build again.",
    ),
    RefusalCode.NOT_READY: (
        "its warehouse is not built, or is being built just now",
        "Run the site's dbt models, then ask again; nothing was charged.",
    ),
    RefusalCode.PERIOD_NOT_STATED: (
        "the period of a delivery was not stated by its sender",
        "Land it again with a delivery.yaml beside it (`sloyfe ingest` says how).",
    ),
    RefusalCode.PERIOD_NOT_DELIVERED: (
        "no delivery of it reaches that period",
        "Ask for a year that its deliveries cover (`landing.delivery` has them).",
    ),
    RefusalCode.ROSTER_TOO_LONG: (
        "the question names more sites than its policy counts on",
        "The site decides: `policy.federation_sites` in its site.yaml.",
    ),
    RefusalCode.ATTEMPT_USED: (
        "it has charged this question before and will not draw noise again",
        "Read `sloyfe ledger show` at the site; the question may already have been released.",
    ),
}


@dataclass(frozen=True)
class Asked:
    """One attempt at one question.

    epsilon, delta: what the whole federation's noise costs a person at most. scale: per site.
    """

    question_id: str
    attempt_id: str
    attempt: int
    indicator: str
    definition: str
    period: str
    edition: int
    roster: tuple[str, ...]
    epsilon: float
    delta: float
    scale: float

    def message(self, site: str) -> Question:
        return Question(
            question_id=self.question_id,
            attempt_id=self.attempt_id,
            attempt=self.attempt,
            site=site,
            indicator=self.indicator,
            definition=self.definition,
            period=self.period,
            edition=self.edition,
            roster=list(self.roster),
            scale=self.scale,
        )


@dataclass(frozen=True)
class QuestionBook:
    """The coordinator's record of what it asked: `<folder>/<question_id>/attempt-N/`."""

    folder: Path

    def open_attempt(
        self,
        indicator: Indicator,
        period: str,
        roster: list[str],
        *,
        epsilon: float,
        delta: float,
        edition: int = 1,
    ) -> Asked:
        """The attempt to go on with: the last one written, else the first one, written now.

        Raises Problem if the question was asked on other terms.
        """
        question_id = indicator.question_id(period, edition)
        latest = self.latest(question_id)
        roster = sorted(roster)
        if latest is not None:
            if (latest.epsilon, latest.delta, list(latest.roster)) != (epsilon, delta, roster):
                raise Problem(
                    "this question has been asked with another epsilon, delta or roster",
                    f"{indicator.id}, {period}, edition {edition}",
                    "Ask as before, or raise `edition`: it is a new question and is charged anew.",
                )
            return latest
        scale = scale_for(
            epsilon, delta, indicator.bound.l2_squared, len(roster), Combination.KEYED_BY_SITE
        )
        if scale > MAX_SCALE:
            raise Problem(
                f"epsilon {epsilon:g} over {len(roster)} sites would drown every count in noise",
                f"{indicator.id}, {period}",
                "Ask with a larger epsilon.",
            )
        return self._write(
            Asked(
                question_id=question_id,
                attempt_id=attempt_id(question_id, 1, roster, scale),
                attempt=1,
                indicator=indicator.id,
                definition=indicator.fingerprint,
                period=period,
                edition=edition,
                roster=tuple(roster),
                epsilon=epsilon,
                delta=delta,
                scale=scale,
            )
        )

    def latest(self, question_id: str) -> Asked | None:
        for number in range(MAX_ATTEMPTS, 0, -1):
            file = self._attempt_folder(question_id, number) / "asked.json"
            if file.is_file():
                content = json.loads(file.read_text(encoding="utf-8"))
                return Asked(**{**content, "roster": tuple(content["roster"])})
        return None

    def next_attempt(self, asked: Asked) -> Asked | None:
        """A fresh attempt at the same question, or None when there have been enough."""
        number = asked.attempt + 1
        if number > MAX_ATTEMPTS:
            return None
        draw = attempt_id(asked.question_id, number, list(asked.roster), asked.scale)
        return self._write(
            Asked(
                **{**asdict(asked), "attempt": number, "attempt_id": draw, "roster": asked.roster}
            )
        )

    def answers(self, asked: Asked) -> dict[str, Answer]:
        """The answers to this attempt that are here already, by site."""
        found: dict[str, Answer] = {}
        for site in asked.roster:
            file = self._answer_file(asked, site)
            if file.is_file():
                answer = decode_from_site(file.read_bytes())
                if isinstance(answer, Answer):
                    found[site] = answer
        return found

    def keep(self, asked: Asked, site: str, payload: bytes) -> None:
        _write_whole(self._answer_file(asked, site), payload)

    def has_receipt(self, asked: Asked, site: str) -> bool:
        """True once the site has acknowledged the release of this attempt."""
        return self._receipt_file(asked, site).is_file()

    def keep_receipt(self, asked: Asked, site: str) -> None:
        self._receipt_file(asked, site).touch()

    def _write(self, asked: Asked) -> Asked:
        folder = self._attempt_folder(asked.question_id, asked.attempt)
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / "asked.json", json.dumps(asdict(asked), indent=2).encode())
        return asked

    def _attempt_folder(self, question_id: str, number: int) -> Path:
        return self.folder / question_id / f"attempt-{number}"

    def _receipt_file(self, asked: Asked, site: str) -> Path:
        return self._attempt_folder(asked.question_id, asked.attempt) / f"receipt-{site}"

    def _answer_file(self, asked: Asked, site: str) -> Path:
        return self._attempt_folder(asked.question_id, asked.attempt) / f"answer-{site}.json"


@dataclass(frozen=True)
class _Wanted:
    """What every site's answer to a question has in common, computed here and not believed."""

    length: int
    rho_site: float


def ask(
    book: QuestionBook, asked: Asked, indicator: Indicator, period: str, exchange: Exchange
) -> tuple[Asked, dict[str, Answer]]:
    """Put the question to every site of the roster until all have answered one attempt.

    Returns the attempt that was answered in full, and its answers by site. Raises Problem naming
    the first site that did not answer, and why.
    """
    wanted = _Wanted(
        length=len(indicator.domain(period)) * len(indicator.definition.atoms),
        rho_site=gaussian_rho(asked.scale, indicator.bound.l2_squared),
    )
    while True:
        answers = book.answers(asked)
        missing = [site for site in asked.roster if site not in answers]
        replies = exchange({s: encode(asked.message(s)) for s in missing}) if missing else {}
        refusals: dict[str, RefusalCode] = {}
        silent: dict[str, str] = {}
        for site in missing:
            reply = replies.get(site, "no reply")
            if isinstance(reply, str):
                silent[site] = reply
                continue
            read = _read(reply, asked, site, wanted)
            if isinstance(read, Answer):
                book.keep(asked, site, reply)
                answers[site] = read
            elif isinstance(read, Refusal):
                refusals[site] = read.code
            else:
                silent[site] = read
        if len(answers) == len(asked.roster):
            return asked, answers
        later = _after(book, asked, refusals, silent)
        if later is None:
            raise _why_not(asked, refusals, silent)
        asked = later


def _after(
    book: QuestionBook, asked: Asked, refusals: dict[str, RefusalCode], silent: dict[str, str]
) -> Asked | None:
    """A new attempt helps only where a site lost its answer and nothing else stands in the way."""
    lost = RefusalCode.ATTEMPT_USED
    if silent or not refusals or any(code is not lost for code in refusals.values()):
        return None
    return book.next_attempt(asked)


def _read(payload: bytes, asked: Asked, site: str, wanted: _Wanted) -> Answer | Refusal | str:
    try:
        message = decode_from_site(payload)
    except Malformed:
        return "its reply is not a message of this protocol"
    if message.site != site or message.attempt_id not in ("", asked.attempt_id):
        return "its reply is to another question"
    if not isinstance(message, Answer | Refusal):
        return "its reply is of another kind"
    if isinstance(message, Answer):
        if len(message.values) != wanted.length or message.scale != asked.scale:
            return "its answer has another shape than the question"
        if not math.isclose(message.rho_site, wanted.rho_site, rel_tol=1e-9):
            return "it states another cost than its noise has"
    return message


def _why_not(asked: Asked, refusals: dict[str, RefusalCode], silent: dict[str, str]) -> Problem:
    if refusals:
        site, code = sorted(refusals.items(), key=lambda found: (found[1] == "refused", found))[0]
        what, mend = _WHY.get(
            code, ("it refused", "The reason is in the site's own log (`agent.log`).")
        )
        return Problem(f"site `{site}` did not answer: {what}", f"{asked.indicator}", mend)
    site, why = sorted(silent.items())[0]
    return Problem(
        f"site `{site}` did not answer: {why}",
        asked.indicator,
        "Check that its agent and SuperNode run, then ask again: the same attempt goes on.",
    )


def _write_whole(file: Path, content: bytes) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(file)
