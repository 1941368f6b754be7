"""A site's assessments, one after another: what the gate holds an approval against.

Each time the report is built one entry is added to a hash-chained log: levels and findings, never a
value of a record. The log is not signed; whoever may write the site's state folder may write here,
as with the ledger. What is cut off or put back shows, for the ledger notes the newest it has seen.

Levels are kept twice. `risks` are as things are. `if_approved` are as they would be with the
approval that is asked for: that there is an approval is evidence too, and follows from the
decision, so it must not make the decision impossible. Officer and gate look at `if_approved`.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from privacy.approval import Ground, Kind
from privacy.ledger.chain import Chain, Entry
from privacy.problem import Problem
from privacy.ros.evidence import Finding
from privacy.ros.register import Register
from privacy.ros.scale import Level

NAME = "log of assessments"
KIND = "assessment"
MISSING = "assessment_missing"
STALE = "assessment_stale"
ELSEWHERE = "assessment_of_another_scope"

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Residual(_Record):
    """likelihood, consequence: after measures, in steps of the scale."""

    likelihood: Annotated[int, Field(ge=1)]
    consequence: Annotated[int, Field(ge=1)]
    level: Level


class Assessment(_Record):
    """One look at one site. fingerprint: of its scope then. All else by id of risk or check."""

    at: AwareDatetime
    fingerprint: _Digest
    risks: dict[str, Residual]
    if_approved: dict[str, Residual]
    evidence: dict[str, Finding]

    @property
    def red(self) -> list[str]:
        """Risks that an approval has to accept by name, sorted."""
        return sorted(name for name, of in self.if_approved.items() if of.level is Level.RED)


@dataclass(frozen=True)
class Kept:
    """An assessment as the log has it. number: rises by each. digest: hash of the entry."""

    number: int
    digest: str
    assessment: Assessment


class Assessments:
    """The log of one site."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, assessment: Assessment, noted: tuple[int, str] = (0, "")) -> Kept:
        """Add it at the end. Raises Problem for a log that is broken or gone, and for a look that
        was begun before the newest: a slow one must not undo what a later one has seen.

        noted: as below; after a log that was lost with its head the numbers go on from there.
        """
        with closing(Chain.open(self._path, NAME)) as chain, chain.writing() as append:
            before = [_kept(entry) for entry in chain.entries()]
            if any(assessment.at < of.assessment.at for of in before):
                raise Problem(
                    "somebody has looked at this site since this report was begun",
                    str(self._path),
                    "Build the report again. If the clock was wrong, wait until it has passed.",
                )
            number = 1 + max([noted[0], *(of.number for of in before)])
            content = assessment.model_dump(mode="json")
            append(KIND, {"number": number, "assessment": content})
            _, digest = chain.head()
        return Kept(number, digest, assessment)

    def kept(self, noted: tuple[int, str] = (0, "")) -> list[Kept]:
        """All of them, the oldest first; empty where the log cannot be believed.

        noted: number and digest of the newest that the ledger knows. One that ends with an older
        one, or with another of the same number, was put back or rewritten.
        """
        if not self._path.is_file():
            return []
        try:
            with closing(Chain.read(self._path, NAME)) as chain:
                whole = chain.verify().ok
                entries = list(chain.entries())
            found = [_kept(entry) for entry in entries]
        except (Problem, LookupError, TypeError, ValueError, sqlite3.Error):
            return []
        if not whole or not found:
            return []
        number, digest = noted
        newest = found[-1]
        rolled_back = newest.number < number
        rewritten = newest.number == number and newest.digest != digest
        return [] if rolled_back or rewritten else found


def _kept(entry: Entry) -> Kept:
    body = entry.body
    return Kept(body["number"], entry.hash, Assessment.model_validate(body["assessment"]))


def stopped_by(
    kept: list[Kept],
    ground: Ground,
    asked: tuple[Kind, str],
    *,
    register: Register,
    now: datetime,
    within: timedelta,
) -> tuple[str, ...]:
    """What stops an answer under an approval on a report; empty where nothing does.

    kept: as `Assessments.kept` gives them. asked: kind of message and indicator. within: greatest
    age of the newest. Returns ids of red risks that the approval does not accept, sorted, or
    MISSING, STALE or ELSEWHERE alone.
    """
    if not any(of.digest == ground.assessment for of in kept):
        return (MISSING,)
    newest = kept[-1].assessment
    if newest.fingerprint != ground.fingerprint:
        return (ELSEWHERE,)
    if not timedelta(0) <= now - newest.at <= within:  # nor is one from the future believed
        return (STALE,)
    stops = {risk.id: risk.stops_answer(*asked) for risk in register.risks}
    # A risk that this version does not know has no scope to look up: it stops everything.
    return tuple(
        name for name in newest.red if name not in ground.accepted_red and stops.get(name, True)
    )
