"""`ros.yaml`: what only people can say. Nothing here is ever filled in by the software.

```yaml
answers:
  readmission_30d_same_site:
    purpose: {answer: "...", by: "Personvernombud", on: 2026-11-01}
owners:
  small_cell: {owner: "Personvernombud", deadline: 2027-03-01}
scale: {steps: 4, green: 4, yellow: 8}
```
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from federated.contract.config_file import read_config
from federated.contract.messages import Identifier
from federated.site.config import SiteConfig
from privacy.ros import Scale
from privacy.ros.scale import LIMITS, Steps

ROS_FILE = "ros.yaml"

Question = Literal[
    "purpose",
    "legal_basis_linkage",
    "legal_basis_national_id",
    "confidentiality",
    "roles",
    "reservation",
    "retention",
    "erasure",
    "breach",
]

QUESTIONS: dict[Question, tuple[str, str]] = {
    "purpose": ("Hva er formålet?", "What is the purpose?"),
    "legal_basis_linkage": (
        "Hva er rettslig grunnlag for å koble NPR og KPR?",
        "What is the legal basis for coupling NPR and KPR?",
    ),
    "legal_basis_national_id": (
        "Hva er rettslig grunnlag for å bruke fødselsnummer?",
        "What is the legal basis for using the national identity number?",
    ),
    "confidentiality": (
        "Hvilket unntak fra taushetsplikten gjelder?",
        "Which exemption from confidentiality applies?",
    ),
    "roles": (
        "Hvem er dataansvarlig, og hvilken avtale gjelder med koordinatoren?",
        "Who is controller, and which agreement holds with the coordinator?",
    ),
    "reservation": (
        "Hvordan håndteres reservasjon og samtykke?",
        "How are reservations and consent handled?",
    ),
    "retention": ("Hvor lenge lagres hva?", "What is kept, and for how long?"),
    "erasure": (
        "Hvordan slettes data, også hos koordinatoren og i sikkerhetskopier?",
        "How are data erased, at the coordinator and in backups too?",
    ),
    "breach": (
        "Hva gjøres ved brudd eller feil utlevering?",
        "What is done about a breach or a wrong release?",
    ),
}


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answered(_Section):
    """by: the role or person who answers for it."""

    answer: Annotated[str, Field(min_length=1)]
    by: Annotated[str, Field(min_length=1)]
    on: date


class Owned(_Section):
    owner: Annotated[str, Field(min_length=1)]
    deadline: date | None = None


class Limits(_Section):
    """Products of likelihood and consequence up to which a risk is green, and yellow.

    steps: of the scale, 4 or 5; limits that are left out are those of so many steps.
    """

    steps: Steps = 4
    green: int | None = None
    yellow: int | None = None

    @model_validator(mode="after")
    def _are_limits(self) -> Self:
        self.as_scale()
        return self

    def as_scale(self) -> Scale:
        """Raises ValueError."""
        green, yellow = LIMITS[self.steps]
        return Scale(
            green if self.green is None else self.green,
            yellow if self.yellow is None else self.yellow,
            self.steps,
        )


class RosFile(_Section):
    """What people have said of this site. answers: by indicator and question."""

    answers: dict[Identifier, dict[Question, Answered]] = {}
    owners: dict[str, Owned] = {}
    scale: Limits = Limits()


def load_answers(site: SiteConfig) -> RosFile:
    """Empty where there is no such file. Raises Problem."""
    file = ros_file(site)
    return read_config(file, RosFile) if file.is_file() else RosFile()


def open_questions(indicators: list[str], said: RosFile) -> list[tuple[str, Question]]:
    """(indicator, question) of everything that nobody has answered."""
    return [
        (indicator, question)
        for indicator in indicators
        for question in QUESTIONS
        if question not in said.answers.get(indicator, {})
    ]


def ros_file(site: SiteConfig) -> Path:
    return site.folder / ROS_FILE
