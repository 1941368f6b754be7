"""What an organisation has decided may leave it: the `policy` section of its `site.yaml`.

Nothing here has a default that opens: an indicator that is not named is refused.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

UNDIVIDED = "all"
"""The one purpose there is where a policy divides its budget between none."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DemoSwitches(_Section):
    """Allowed on synthetic data alone; the agent refuses them on anything else.

    Each lifts the limit of the same name.
    """

    epsilon_per_release: Annotated[float, Field(gt=0, le=1e12)]
    epsilon_per_person_year: Annotated[float, Field(gt=0, le=1e12)]


class Purpose(_Section):
    """One purpose with a budget of its own, inside the whole.

    epsilon_per_person_year: most that one person may lose to it in one data-year. indicators: ids
    of those that are answered for it; each belongs to one purpose.
    """

    epsilon_per_person_year: Annotated[float, Field(gt=0, le=10)]
    indicators: Annotated[list[str], Field(min_length=1)]


class Policy(_Section):
    """Limits on what one person can lose in one data-year, and what may be answered at all.

    epsilon_per_person_year, delta: total over every purpose and coordinator.
    max_epsilon_per_release: no single release may cost more.
    federation_sites: sites of the helsefellesskap at which one person may have records. Each
    release is charged for all of them, however few a question names: asking them one by one is no
    cheaper. A roster that is longer is refused.
    answers: indicator id -> `auto` (answer) or `never`. Not named means never.
    purposes: name -> its own budget and indicators. Left out, the budget is undivided; given, every
    indicator with `auto` belongs to one.
    """

    epsilon_per_person_year: Annotated[float, Field(gt=0, le=10)]
    max_epsilon_per_release: Annotated[float, Field(gt=0, le=10)]
    delta: Annotated[float, Field(gt=0, le=1e-5)]
    federation_sites: Annotated[int, Field(ge=1, le=500)]
    answers: dict[str, Literal["auto", "never"]]
    purposes: dict[str, Purpose] = {}
    demo: DemoSwitches | None = None

    @model_validator(mode="after")
    def _each_indicator_has_one_purpose(self) -> Self:
        if UNDIVIDED in self.purposes:
            raise ValueError(f"`{UNDIVIDED}` stands for the whole budget; call the purpose by name")
        named = [i for purpose in self.purposes.values() for i in purpose.indicators]
        twice = sorted({i for i in named if named.count(i) > 1})
        if twice:
            raise ValueError(f"`{twice[0]}` stands under two purposes; a charge goes to one")
        if self.purposes:
            missing = sorted(
                i for i, how in self.answers.items() if how == "auto" and i not in named
            )
            if missing:
                raise ValueError(f"`{missing[0]}` is answered, but stands under no purpose")
        return self

    def most_per_release(self, *, demo: bool) -> float:
        """epsilon of one release at most. demo: whether demo switches count, if there are any."""
        lifted = self.demo.epsilon_per_release if demo and self.demo is not None else 0.0
        return max(self.max_epsilon_per_release, lifted)

    def most_per_year(self, *, demo: bool, of: float | None = None) -> float:
        """epsilon of a person-year at most. of: a part of the budget, else the whole."""
        lifted = self.demo.epsilon_per_person_year if demo and self.demo is not None else 0.0
        return max(self.epsilon_per_person_year if of is None else of, lifted)

    def purpose_of(self, indicator: str) -> str:
        """The purpose whose budget an answer about `indicator` is charged to."""
        return next(
            (name for name, p in self.purposes.items() if indicator in p.indicators), UNDIVIDED
        )
