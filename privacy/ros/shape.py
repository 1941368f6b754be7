"""The shape of the report's data, in one place: what is built is held to it, and it is published.

    sloyfe ros schema > docs/ros/ros.schema.json

A new part of the document is a new field here; a field that goes or changes is a new SCHEMA.
"""

import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from privacy.ros.evidence import Finding
from privacy.ros.register import AssetKind, FlowKind
from privacy.ros.scale import Level

SCHEMA = 2
"""Version of the document's shape."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Names = list[str]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SitePart(_Part):
    id: str
    name: str
    kind: str
    operator: str


class ScopePart(_Part):
    """What a decision is about. major: makes up the fingerprint; minor: is told, and no more."""

    major: dict[str, Any]
    minor: dict[str, Any] = {}


class ScalePart(_Part):
    """green, yellow: largest products of likelihood and consequence that are so."""

    green: int
    yellow: int
    steps: Literal[4, 5]


class Graded(_Part):
    """Steps of the scale, and the colour of their product."""

    likelihood: Annotated[int, Field(ge=1, le=5)]
    consequence: Annotated[int, Field(ge=1, le=5)]
    level: Level


class MeasurePart(_Part):
    """evidence: id. counts: whether that evidence holds now."""

    id: str
    title_nb: str
    title_en: str
    evidence: str
    counts: bool


class RiskPart(_Part):
    """initial, residual: before measures, and with those that count. The gravest come first.

    if_approved: as the residual risk will be with the approval that is asked for. stops: answers
    that the gate refuses while it is red and not accepted: all, linkage, learning, nothing, or
    those about the indicators named.
    """

    id: str
    title_nb: str
    title_en: str
    event_nb: str
    event_en: str
    cause_nb: str
    cause_en: str
    affects: list[Literal["K", "I", "T", "R"]]
    knowledge: Literal["strong", "medium", "weak"]
    assets: list[AssetKind]
    flows: list[FlowKind]
    stops: str | Names
    initial: Graded
    residual: Graded
    if_approved: Graded
    measures: list[MeasurePart]
    owner: str | None
    deadline: date | None


class EvidencePart(_Part):
    id: str
    status: Finding
    seen_nb: str
    seen_en: str


class AssetPart(_Part):
    """inside: the organisation's border. holds: its tables, files, keys, by name. risks: ids."""

    id: str
    kind: AssetKind
    name_nb: str
    name_en: str
    inside: bool
    holds: Names
    holders: Names
    risks: Names


class FieldPart(_Part):
    name: str
    form: str


class ProtectionPart(_Part):
    """measure: id in the register; None for a setting. holds: now; false for what is lacking."""

    measure: str | None
    nb: str
    en: str
    holds: bool


class FlowPart(_Part):
    """source, target: ids of assets. carries: tables, keys, files or a message's kind, by name.

    unused: of these, what nothing that is answered is made of. fields: a message's. run_by:
    Dagster's jobs. least, most: bytes of a message. risks: ids.
    """

    id: str
    kind: FlowKind
    source: str
    target: str
    nb: str
    en: str
    crosses: bool
    carries: Names
    unused: Names
    fields: list[FieldPart]
    run_by: Names
    protections: list[ProtectionPart]
    least: int | None
    most: int | None
    risks: Names


class RunPart(_Part):
    """A job of the site's Dagster. layers: how many tables it makes in each."""

    job: str
    layers: dict[str, int]
    checks: int


class ClipPart(_Part):
    at: int
    step: int


class BoundsPart(_Part):
    per_cell: int
    total: int
    clip: ClipPart | None


class LeavesPart(_Part):
    """An indicator that is answered."""

    id: str
    name_nb: str
    name_en: str
    definition_nb: str
    definition_en: str
    keys: Names
    bounds: BoundsPart | None


class EpsilonPart(_Part):
    """What the budget comes to for one person: in one year, and over `years`."""

    per_person_year: float
    delta: float
    years: int
    all_years: float


class AnswerPart(_Part):
    """source: whether it was given here, or is inherited from the common ROS."""

    answer: str
    by: str
    on: date
    source: Literal["own", "common"]


class QuestionPart(_Part):
    """indicator: None where it is asked of the organisation. answer: by people; None until then."""

    indicator: str | None
    question: str
    nb: str
    en: str
    answer: AnswerPart | None


class JudgementPart(_Part):
    """One thing to judge, and who has. judgements: how many it bundles.

    source: somebody here, the issuer of the common ROS, or nobody yet. differs: whether the common
    ROS that is followed does not fit.
    """

    key: str
    judgements: Annotated[int, Field(ge=1)]
    source: Literal["own", "common", "open"]
    differs: bool


class EditionPart(_Part):
    name: str
    by: str
    issued: AwareDatetime
    until: AwareDatetime


class CommonPart(_Part):
    """The common ROS that is followed. edition: None before it is imported. holds: whether anything
    is inherited. watched_is_broken: what lies where new editions are laid cannot be believed.
    """

    issuer: str
    edition: EditionPart | None
    holds: bool
    watched_is_broken: bool


class ChangedPart(_Part):
    """part: of the scope. major: needs a new decision. which: what in it, where it has parts."""

    part: str
    weight: Literal["major", "minor"]
    which: Names


class DecisionPart(_Part):
    """How the decision stands. scope: what was decided on; changed: what differs since.

    accepted_red: risks accepted by name. stopped_by: red risks, or what is wrong with the
    assessment, that hold back answers under an approval that stands. demo: nobody has read it.
    synthetic_only: questions were open; it does not hold for real data.
    """

    state: Literal["approved", "refused", "expired", "withdrawn", "none"]
    by: str | None
    until: AwareDatetime | None
    scope: ScopePart | None
    changed: list[ChangedPart]
    accepted_red: Names
    stopped_by: Names
    demo: bool
    synthetic_only: bool


class AssessmentPart(_Part):
    """levels: residual risk by id, as it was."""

    at: AwareDatetime
    fingerprint: Fingerprint
    levels: dict[str, Level]


class Document(_Part):
    """A site's ROS, as `ros.json` has it. No count, rate or value of a record is in it.

    open_questions, inherited_share: of all judgements, those that nobody has made, and the share
    that another organisation has. history: the last assessments, the oldest first.
    """

    version: Annotated[Literal[2], Field(alias="schema")]
    site: SitePart
    built_at: AwareDatetime
    code_version: str
    fingerprint: Fingerprint
    scope: ScopePart
    scale: ScalePart
    risks: list[RiskPart]
    evidence: list[EvidencePart]
    assets: list[AssetPart]
    flows: list[FlowPart]
    runs: list[RunPart]
    leaves: list[LeavesPart]
    epsilon: EpsilonPart
    questions: list[QuestionPart]
    judgements: list[JudgementPart]
    open_questions: Annotated[int, Field(ge=0)]
    inherited_share: Annotated[float, Field(ge=0, le=1)]
    common: CommonPart | None
    decision: DecisionPart
    history: list[AssessmentPart]


def as_document(content: dict[str, Any]) -> dict[str, Any]:
    """`content` as plain JSON, held to the shape. Raises pydantic's ValidationError."""
    return Document.model_validate(content).model_dump(mode="json", by_alias=True)


def json_schema() -> str:
    """The published schema, as its file has it."""
    schema = {
        "$schema": DIALECT,
        "title": "Sløyfe ROS",
        **Document.model_json_schema(by_alias=True, mode="serialization"),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
