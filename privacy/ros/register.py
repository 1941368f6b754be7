"""The risk register: risks, and the measures that hold them down. Read from YAML, checked whole.

Method: Normen's guide to risk management in information security and privacy (confidentiality,
integrity, availability and robustness; weight on the consequence for the patient); likelihood times
consequence on a scale of four, with limits that an organisation may set itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from privacy.approval import Kind

STEPS = 4
Step = Annotated[int, Field(ge=1, le=STEPS)]
Text = Annotated[str, Field(min_length=1)]
_STOPPED: dict[str, tuple[Kind, ...]] = {
    "all": (Kind.NOISY_AGGREGATE, Kind.BLINDED_TOKENS, Kind.MASKED_UPDATE),
    "linkage": (Kind.BLINDED_TOKENS,),
    "learning": (Kind.MASKED_UPDATE,),
    "nothing": (),
}


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Record):
    """Something that lowers a risk while its evidence holds. evidence: name of a check."""

    id: str
    title_nb: Text
    title_en: Text
    evidence: str
    lowers: dict[Literal["likelihood", "consequence"], Annotated[int, Field(ge=1, lt=STEPS)]]


class Risk(_Record):
    """One undesired event, before any measure.

    affects: K confidentiality, I integrity, T availability, R robustness. patient: consequence for
    the patient and for sound health care; the larger of the two consequences counts. knowledge: how
    well founded the judgement is. stops: which answers the gate refuses while it is red and nobody
    has accepted that: all, those of one kind, none, or those about the indicators named.
    """

    id: str
    title_nb: Text
    title_en: Text
    event_nb: Text
    event_en: Text
    cause_nb: Text
    cause_en: Text
    affects: Annotated[list[Literal["K", "I", "T", "R"]], Field(min_length=1)]
    likelihood: Step
    consequence: Step
    patient: Step
    knowledge: Literal["strong", "medium", "weak"]
    measures: Annotated[list[str], Field(min_length=1)]
    stops: (
        Literal["all", "linkage", "learning", "nothing"]
        | Annotated[list[Text], Field(min_length=1)]
    ) = "all"

    def stops_answer(self, kind: Kind, indicator: str) -> bool:
        """Whether an answer of this kind, about this indicator, is in the scope of the risk."""
        if isinstance(self.stops, str):
            return kind in _STOPPED[self.stops]
        return indicator in self.stops


class Level(StrEnum):
    """green: accepted. yellow: as low as reasonably possible. red: the leader decides."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Scale:
    """Where products of likelihood and consequence change colour: up to each limit, inclusive."""

    green: int = 4
    yellow: int = 8

    def __post_init__(self) -> None:
        if not 1 <= self.green < self.yellow < STEPS**2:
            raise ValueError("the limits rise, and lie within the scale")

    def level(self, likelihood: int, consequence: int) -> Level:
        product = likelihood * consequence
        if product <= self.green:
            return Level.GREEN
        return Level.YELLOW if product <= self.yellow else Level.RED


class Register(_Record):
    """All risks and measures; every measure that a risk names is there, and none is unused."""

    risks: Annotated[list[Risk], Field(min_length=1)]
    measures: Annotated[list[Measure], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for name, ids in (
            ("risk", [risk.id for risk in self.risks]),
            ("measure", [measure.id for measure in self.measures]),
        ):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"the {name} `{twice[0]}` stands twice")
        known = {measure.id for measure in self.measures}
        named = {measure for risk in self.risks for measure in risk.measures}
        if named != known:
            raise ValueError(f"named and described measures differ: {sorted(named ^ known)}")
        return self

    @property
    def by_id(self) -> Mapping[str, Measure]:
        return {measure.id: measure for measure in self.measures}


@cache
def load_register() -> Register:
    """The register that is installed with this version."""
    return Register.model_validate({**_read("register.yaml"), **_read("measures.yaml")})


def _read(name: str) -> dict[str, Any]:
    text = (files("privacy.ros") / name).read_text(encoding="utf-8")
    yaml: Any = YAML(typ="safe")
    return yaml.load(text)
