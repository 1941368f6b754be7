"""The risk register: risks, and the measures that hold them down. Read from YAML, checked whole.

Method: Normen's guide to risk management in information security and privacy (confidentiality,
integrity, availability and robustness; weight on the consequence for the patient); likelihood times
consequence, judged here on four steps; an organisation reads them on four or five, with limits of
its own (`privacy.ros.scale`).
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from privacy.approval import Kind
from privacy.ros.scale import STEPS

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


class AssetKind(StrEnum):
    """What there is to look after, at a site and around it."""

    REGISTER = "register"
    LANDING = "landing"
    MODELS = "models"
    INDICATOR = "indicator"
    AGENT = "agent"
    SOFTWARE = "software"
    LEDGER = "ledger"
    APPROVALS = "approvals"
    AUDIT_LOG = "audit_log"
    SENT = "sent"
    LOGS = "logs"
    REPORTS = "reports"
    PRIVATE_KEY = "private_key"
    TRUSTED_KEY = "trusted_key"
    COORDINATOR = "coordinator"
    PEER = "peer"


class FlowKind(StrEnum):
    """How data move. record: the agent writes down what it does. trust: what it goes by.

    figures_out: carries what was computed from records. status_out: any other message that leaves.
    """

    DELIVERY = "delivery"
    MODEL = "model"
    READ = "read"
    RECORD = "record"
    TRUST = "trust"
    OWN_REPORT = "own_report"
    MESSAGE_IN = "message_in"
    FIGURES_OUT = "figures_out"
    STATUS_OUT = "status_out"


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
    well founded the judgement is. assets, flows: kinds of what it concerns; one at least. stops:
    which answers the gate refuses while it is red and nobody has accepted that: all, those of one
    kind, none, or those about the indicators named.
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
    assets: list[AssetKind] = []
    flows: list[FlowKind] = []
    stops: (
        Literal["all", "linkage", "learning", "nothing"]
        | Annotated[list[Text], Field(min_length=1)]
    ) = "all"

    def stops_answer(self, kind: Kind, indicator: str) -> bool:
        """Whether an answer of this kind, about this indicator, is in the scope of the risk."""
        if isinstance(self.stops, str):
            return kind in _STOPPED[self.stops]
        return indicator in self.stops

    @model_validator(mode="after")
    def _concerns_something(self) -> Self:
        if not self.assets and not self.flows:
            raise ValueError(f"the risk `{self.id}` concerns no asset and no flow")
        return self


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
