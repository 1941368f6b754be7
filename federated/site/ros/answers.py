"""`ros.yaml`: what only people can say. Nothing here is ever filled in by the software.

```yaml
answers:                      # for one indicator
  readmission_30d_same_site:
    purpose: {answer: "...", by: "Personvernombud", on: 2026-11-01}
site:                         # for the organisation, whatever the indicator
  roles: {answer: "...", by: "Personvernombud", on: 2026-11-01}
common:                       # whose common ROS is followed; see `common`
  issuer: ous
  key: keys/ous-officer.pub
differences:                  # where this organisation differs from it
  risk/stale_delivery: {answer: "...", by: "Analyseavdelingen", on: 2026-11-01}
owners:
  small_cell: {owner: "Personvernombud", deadline: 2027-03-01}
scale: {steps: 4, green: 4, yellow: 8}
assessed_within_days: 40
```
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from federated.contract.config_file import read_config
from federated.contract.messages import Identifier
from federated.site.config import SiteConfig
from privacy.ros import Scale
from privacy.ros.scale import LIMITS, Steps

ROS_FILE = "ros.yaml"

IndicatorQuestion = Literal[
    "purpose", "legal_basis_linkage", "legal_basis_national_id", "confidentiality"
]
SiteQuestion = Literal["roles", "reservation", "retention", "erasure", "breach"]
Question = IndicatorQuestion | SiteQuestion

INDICATOR_QUESTIONS: tuple[IndicatorQuestion, ...] = get_args(IndicatorQuestion)
SITE_QUESTIONS: tuple[SiteQuestion, ...] = get_args(SiteQuestion)
"""Their answer is the organisation's own and holds for every indicator: it may be given once, and
is never taken over from another organisation."""


@dataclass(frozen=True)
class Asked:
    """A question that only people can answer. judgements: how many it bundles."""

    nb: str
    en: str
    judgements: int = 1


QUESTIONS: dict[Question, Asked] = {
    "purpose": Asked("Hva er formålet?", "What is the purpose?"),
    "legal_basis_linkage": Asked(
        "Hva er rettslig grunnlag for å koble NPR og KPR?",
        "What is the legal basis for coupling NPR and KPR?",
    ),
    "legal_basis_national_id": Asked(
        "Hva er rettslig grunnlag for å bruke fødselsnummer?",
        "What is the legal basis for using the national identity number?",
    ),
    "confidentiality": Asked(
        "Hvilket unntak fra taushetsplikten gjelder?",
        "Which exemption from confidentiality applies?",
    ),
    "roles": Asked(
        "Hvem er dataansvarlig, og hvilken avtale gjelder med koordinatoren?",
        "Who is controller, and which agreement holds with the coordinator?",
        judgements=2,
    ),
    "reservation": Asked(
        "Hvordan håndteres reservasjon og samtykke?",
        "How are reservations and consent handled?",
        judgements=2,
    ),
    "retention": Asked("Hvor lenge lagres hva?", "What is kept, and for how long?", judgements=2),
    "erasure": Asked(
        "Hvordan slettes data, også hos koordinatoren og i sikkerhetskopier?",
        "How are data erased, at the coordinator and in backups too?",
        judgements=3,
    ),
    "breach": Asked(
        "Hva gjøres ved brudd eller feil utlevering?",
        "What is done about a breach or a wrong release?",
        judgements=2,
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


class Followed(_Section):
    """The common ROS that this organisation builds on.

    issuer: id of the organisation that signs it. key: file of its officer's public key (Ed25519,
    PEM), exchanged outside the coordinator. watch: where its newest edition is laid, if there is
    such a place; what is found there counts as soon as it is.
    """

    issuer: Identifier
    key: Annotated[str, Field(min_length=1)]
    watch: Annotated[str, Field(min_length=1)] | None = None


class RosFile(_Section):
    """What people have said of this site. answers: by indicator and question.

    assessed_within_days: age of the newest assessment from which on the gate refuses.
    """

    answers: dict[Identifier, dict[Question, Answered]] = {}
    site: dict[SiteQuestion, Answered] = {}
    common: Followed | None = None
    differences: dict[str, Answered] = {}
    owners: dict[str, Owned] = {}
    scale: Limits = Limits()
    assessed_within_days: Annotated[int, Field(ge=1, le=366)] = 40

    def own_answer(self, indicator: str, question: Question) -> Answered | None:
        """What somebody here has answered: for the indicator, else for the organisation."""
        for_one = self.answers.get(indicator, {}).get(question)
        if for_one is not None or question not in SITE_QUESTIONS:
            return for_one
        return self.site.get(question)


def load_answers(site: SiteConfig) -> RosFile:
    """Empty where there is no such file. Raises Problem."""
    file = ros_file(site)
    return read_config(file, RosFile) if file.is_file() else RosFile()


def ros_file(site: SiteConfig) -> Path:
    return site.folder / ROS_FILE
