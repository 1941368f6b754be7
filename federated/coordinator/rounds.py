"""Asking every site one question: attempts, resends, and what became of them.

A question is asked at most `MAX_ATTEMPTS` times. An attempt is written to disk before it is sent,
and every answer as soon as it is here, so a coordinator that dies goes on with the same attempt: a
site that has answered it sends the identical bytes again and is not charged twice. Only when a site
lost its answer (it died between charging and answering) is a new attempt made, with fresh noise.
"""

import json
import math
import os
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
    decode_from_site,
    encode,
)
from federated.contract.undelivered import Undelivered
from privacy.accounting import Combination, federation_rho, scale_for
from privacy.mechanisms import gaussian_rho
from privacy.problem import Problem

MAX_ATTEMPTS = 3
_NEVER_ARRIVED = (
    Undelivered.AGENT_UNREACHABLE,
    Undelivered.BUNDLE_DIFFERS,
    Undelivered.UNKNOWN_MESSAGE,
)
"""Silences that say the question has not reached the agent."""

Replies = Mapping[str, bytes | str]
"""By site id: the reply's bytes, or a word for why there is none."""
Exchange = Callable[[Mapping[str, bytes]], Replies]
Announce = Callable[["Asked"], Mapping[str, str]]
"""Enters an attempt in the global ledger; returns the sites' signatures of the entry."""


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

    def rho_site(self, indicator: Indicator) -> float:
        """zCDP cost of each site's noise."""
        return gaussian_rho(self.scale, indicator.bound.charged_l2_squared)

    def rho(self, indicator: Indicator) -> float:
        """What the attempt costs a person at every site of the roster."""
        sites = len(self.roster)
        return federation_rho(self.rho_site(indicator), sites, Combination.KEYED_BY_SITE)

    def message(self, site: str, countersignatures: Mapping[str, str]) -> Question:
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
            countersignatures=dict(countersignatures),
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
            epsilon,
            delta,
            indicator.bound.charged_l2_squared,
            len(roster),
            Combination.KEYED_BY_SITE,
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
                try:
                    answer = decode_from_site(file.read_bytes())
                except Malformed:
                    continue  # torn by a crash; the site has the same bytes still
                if isinstance(answer, Answer):
                    found[site] = answer
        return found

    def keep(self, asked: Asked, site: str, payload: bytes) -> None:
        write_whole(self._answer_file(asked, site), payload)

    def was_sent(self, asked: Asked, site: str) -> bool:
        """True once this attempt may have reached the site, whatever came back."""
        return self._mark(asked, "sent", site).is_file()

    def keep_sent(self, asked: Asked, site: str) -> None:
        self._mark(asked, "sent", site).touch()

    def forget_sent(self, asked: Asked, site: str) -> None:
        """It has not arrived after all."""
        self._mark(asked, "sent", site).unlink(missing_ok=True)

    def was_refused(self, asked: Asked, site: str) -> bool:
        """True where the site has refused this attempt before: then it never computed it."""
        return self._mark(asked, "refused", site).is_file()

    def keep_refused(self, asked: Asked, site: str) -> None:
        self._mark(asked, "refused", site).touch()

    def has_receipt(self, asked: Asked, site: str) -> bool:
        """True once the site has acknowledged the release of this attempt."""
        return self._mark(asked, "receipt", site).is_file()

    def keep_receipt(self, asked: Asked, site: str) -> None:
        self._mark(asked, "receipt", site).touch()

    def _write(self, asked: Asked) -> Asked:
        folder = self._attempt_folder(asked.question_id, asked.attempt)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "asked.json", json.dumps(asdict(asked), indent=2).encode())
        return asked

    def _attempt_folder(self, question_id: str, number: int) -> Path:
        return self.folder / question_id / f"attempt-{number}"

    def _mark(self, asked: Asked, of: str, site: str) -> Path:
        return self._attempt_folder(asked.question_id, asked.attempt) / f"{of}-{site}"

    def _answer_file(self, asked: Asked, site: str) -> Path:
        return self._attempt_folder(asked.question_id, asked.attempt) / f"answer-{site}.json"


@dataclass(frozen=True)
class _Wanted:
    """What every site's answer to a question has in common, computed here and not believed."""

    length: int
    rho_site: float


def ask(
    book: QuestionBook,
    asked: Asked,
    indicator: Indicator,
    period: str,
    exchange: Exchange,
    *,
    announce: Announce,
) -> tuple[Asked, dict[str, Answer]]:
    """Put the question to every site of the roster until all have answered one attempt.

    Returns the attempt that was answered in full, and its answers by site. Raises Problem naming
    the first site that did not answer, and why.
    """
    wanted = _Wanted(
        length=indicator.answer_length(period),
        rho_site=asked.rho_site(indicator),
    )
    while True:
        answers = book.answers(asked)
        missing = [site for site in asked.roster if site not in answers]
        may_be_lost = {
            s for s in missing if book.was_sent(asked, s) and not book.was_refused(asked, s)
        }
        signatures = announce(asked) if missing else {}
        for site in missing:
            book.keep_sent(asked, site)
        messages = {s: encode(asked.message(s, signatures)) for s in missing}
        replies = exchange(messages) if missing else {}
        refused: set[str] = set()
        silent: dict[str, str] = {}
        for site in missing:
            reply = replies.get(site, "no reply")
            if isinstance(reply, str):
                silent[site] = reply.replace("_", " ")
                if reply in _NEVER_ARRIVED:
                    book.forget_sent(asked, site)
                continue
            read = _read(reply, asked, site, wanted)
            if isinstance(read, Answer):
                book.keep(asked, site, reply)
                answers[site] = read
            elif isinstance(read, Refusal):
                if site not in may_be_lost:
                    book.keep_refused(asked, site)
                refused.add(site)
            else:
                silent[site] = read
        if len(answers) == len(asked.roster):
            return asked, answers
        # A new attempt, charged anew at every site, helps only where one lost its answer and
        # nothing else stands in the way. A refusal does not say so; but a site that refuses what
        # it was sent before, and never refused, has begun on it and cannot finish.
        helps = not silent and refused and refused <= may_be_lost
        later = book.next_attempt(asked) if helps else None
        if later is None:
            raise _why_not(asked, refused, silent)
        asked = later


def _read(payload: bytes, asked: Asked, site: str, wanted: _Wanted) -> Answer | Refusal | str:
    try:
        message = decode_from_site(payload)
    except Malformed:
        return "its reply is not a message of this protocol"
    if not isinstance(message, Answer | Refusal):
        return "its reply is of another kind"
    if message.site != site or message.attempt_id not in ("", asked.attempt_id):
        return "its reply is to another question"
    if isinstance(message, Answer):
        if len(message.values) != wanted.length or message.scale != asked.scale:
            return "its answer has another shape than the question"
        if not math.isclose(message.rho_site, wanted.rho_site, rel_tol=1e-9):
            return "it states another cost than its noise has"
    return message


def _why_not(asked: Asked, refused: set[str], silent: dict[str, str]) -> Problem:
    if refused:
        return Problem(
            f"site `{min(refused)}` did not answer: it refused",
            asked.indicator,
            "It says why to its own people only: `sloyfe ledger show` there, and its agent.log.",
        )
    site, why = sorted(silent.items())[0]
    return Problem(
        f"site `{site}` did not answer: {why}",
        asked.indicator,
        "Check that its agent and SuperNode run, then ask again: the same attempt goes on.",
    )


def write_whole(file: Path, content: bytes) -> None:
    """The file has its old content or the new one, whenever the process ends."""
    fresh = file.with_suffix(".new")
    with fresh.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
