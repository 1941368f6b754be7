"""Everything that somebody must judge before a site may answer, and who has judged it.

A site that follows a common ROS inherits what its issuer judged wherever its own case is the same:
the same definition, no wider budget, the same judgement of a risk, and a residual risk that is no
worse. What differs is open until somebody here has decided on it, by its key, under `differences`
in `ros.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from federated.site.ros.answers import (
    INDICATOR_QUESTIONS,
    QUESTIONS,
    SITE_QUESTIONS,
    Answered,
    Question,
    RosFile,
)
from federated.site.ros.common import CommonRos
from privacy.ros import Level

Source = Literal["own", "common", "open"]
_WORSE = (Level.GREEN, Level.YELLOW, Level.RED)


@dataclass(frozen=True)
class Item:
    """One thing to judge.

    key: "<indicator>/<question>", "site/<question>", "risk/<id>", or a part of the scope.
    judgements: how many it bundles. source: who has judged it: somebody here, the issuer of the
    common ROS, or nobody. differs: whether it is open since the common ROS does not fit.
    """

    key: str
    judgements: int
    source: Source
    differs: bool = False


@dataclass(frozen=True)
class Case:
    """A site's own case, as far as it can be told without looking at the installation.

    indicators: answered -> fingerprint. judgements: risk -> digest of what the register says.
    budgets, kinds, scale, code_line: as `scope_of` tells them.
    """

    indicators: Mapping[str, str]
    judgements: Mapping[str, str]
    budgets: Mapping[str, Any]
    kinds: Sequence[str]
    scale: Mapping[str, int]
    code_line: str


def answer_to(
    case: Case, said: RosFile, common: CommonRos | None, indicator: str, question: Question
) -> tuple[Answered, Source] | None:
    """The answer that holds for an indicator here, and whose it is. One of our own goes first."""
    own = said.own_answer(indicator, question)
    if own is not None:
        return own, "own"
    shared = common.indicators.get(indicator) if common else None
    if shared is None or shared.definition != case.indicators.get(indicator):
        return None  # another definition is another indicator
    for theirs, answer in shared.answers.items():
        if theirs == question:
            return answer, "common"
    return None


def items(
    case: Case,
    said: RosFile,
    common: CommonRos | None,
    levels: Mapping[str, Level] | None = None,
) -> list[Item]:
    """Everything there is to judge.

    common: one that holds, or None. levels: residual risk here; without them a risk is taken to be
    no worse here than there.
    """
    return [
        *_questions(case, said, common),
        *(_risk(risk, case, said, common, levels) for risk in sorted(case.judgements)),
        *(_part(part, case, said, common) for part in ("budgets", "kinds", "scale", "code_line")),
    ]


def open_items(found: Sequence[Item]) -> list[Item]:
    return [item for item in found if item.source == "open"]


def open_judgements(found: Sequence[Item]) -> int:
    return sum(item.judgements for item in open_items(found))


def inherited_share(found: Sequence[Item]) -> float:
    """Share of all judgements that another organisation has made, 0 to 1."""
    inherited = sum(item.judgements for item in found if item.source == "common")
    return inherited / max(1, sum(item.judgements for item in found))


def inherited_part(case: Case, common: CommonRos | None) -> dict[str, Any]:
    """What of the common ROS bears on this site: while it stays the same, a decision holds."""
    if common is None:
        return {}
    return {
        "issuer": common.issuer,
        "indicators": {
            name: of.model_dump(mode="json")
            for name, of in sorted(common.indicators.items())
            if name in case.indicators
        },
        "risks": {name: of.model_dump(mode="json") for name, of in sorted(common.risks.items())},
        "budgets": common.budgets,
        "kinds": sorted(common.kinds),
        "scale": common.scale,
        "code_line": common.code_line,
    }


def _questions(case: Case, said: RosFile, common: CommonRos | None) -> list[Item]:
    indicators = sorted(case.indicators)

    def source(indicator: str, question: Question) -> Source:
        found = answer_to(case, said, common, indicator, question)
        return found[1] if found else "open"

    about_one = [
        Item(
            f"{indicator}/{question}",
            QUESTIONS[question].judgements,
            by,
            differs=by == "open" and common is not None and indicator in common.indicators,
        )
        for question in INDICATOR_QUESTIONS
        for indicator in indicators
        for by in (source(indicator, question),)
    ]
    about_all: list[Item] = []
    for question in SITE_QUESTIONS if indicators else ():  # one answer serves all: asked once
        answered = all(source(indicator, question) == "own" for indicator in indicators)
        by: Source = "own" if answered else "open"
        about_all.append(Item(f"site/{question}", QUESTIONS[question].judgements, by))
    return about_one + about_all


def _risk(
    risk: str,
    case: Case,
    said: RosFile,
    common: CommonRos | None,
    levels: Mapping[str, Level] | None,
) -> Item:
    theirs = common.risks.get(risk) if common else None
    same = (
        common is not None
        and theirs is not None
        and dict(case.scale) == common.scale  # else their colours say something else
        and theirs.judgement == case.judgements[risk]
        and (
            levels is None
            or _WORSE.index(levels.get(risk, Level.RED)) <= _WORSE.index(theirs.level)
        )
    )
    return _compared(f"risk/{risk}", said, common, same)


def _part(part: str, case: Case, said: RosFile, common: CommonRos | None) -> Item:
    same = False
    if common is not None:
        same = {
            "budgets": _no_wider(case.budgets, common.budgets),
            "kinds": set(case.kinds) <= set(common.kinds),
            "scale": dict(case.scale) == common.scale,
            "code_line": case.code_line == common.code_line,
        }[part]
    return _compared(part, said, common, same)


def _compared(key: str, said: RosFile, common: CommonRos | None, same: bool) -> Item:
    if common is None:
        return Item(key, 1, "own")  # judged with the decision itself, as the report shows it
    if same:
        return Item(key, 1, "common")
    return Item(key, 1, "own" if key in said.differences else "open", differs=True)


def _no_wider(here: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether the limits here are at most those there, and everything else is the same."""
    limits = ("epsilon_per_release", "epsilon_per_person_year", "delta")
    for name in limits:
        most = there.get(name)
        if not isinstance(most, int | float) or here[name] > most:
            return False
    if here["demo"] is not None and here["demo"] != there.get("demo"):
        return False
    rest = here.keys() - {*limits, "demo"}
    return all(here[name] == there.get(name) for name in rest)
