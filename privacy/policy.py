"""What an organisation has decided may leave it: the `policy` section of its `site.yaml`.

Nothing here has a default that opens: an indicator that is not named is refused.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class DemoSwitches(BaseModel):
    """Allowed on synthetic data alone; the agent refuses them on anything else.

    Each lifts the limit of the same name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epsilon_per_release: Annotated[float, Field(gt=0, le=1e12)]
    epsilon_per_person_year: Annotated[float, Field(gt=0, le=1e12)]


class Policy(BaseModel):
    """Limits on what one person can lose in one data-year, and what may be answered at all.

    epsilon_per_person_year, delta: total over every purpose and coordinator.
    max_epsilon_per_release: no single release may cost more.
    federation_sites: sites of the helsefellesskap at which one person may have records. Each
    release is charged for all of them, however few a question names: asking them one by one is no
    cheaper. A roster that is longer is refused.
    answers: indicator id -> `auto` (answer) or `never`. Not named means never.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epsilon_per_person_year: Annotated[float, Field(gt=0, le=10)]
    max_epsilon_per_release: Annotated[float, Field(gt=0, le=10)]
    delta: Annotated[float, Field(gt=0, le=1e-5)]
    federation_sites: Annotated[int, Field(ge=1, le=500)]
    answers: dict[str, Literal["auto", "never"]]
    demo: DemoSwitches | None = None
