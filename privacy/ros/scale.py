"""Steps and colours: the scale that an organisation reads its risks on.

The register is judged on four steps, and assessed on them. A scale of five has one more step at the
bottom, for what is rarer or slighter than anything the register says: each judgement keeps its
words and is one number higher. So no two risks change places, whatever measures hold, and measures
lower a risk by as many steps on five as on four.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

STEPS = 4
"""Of the register's own judgements."""
Steps = Literal[4, 5]
LIMITS: dict[Steps, tuple[int, int]] = {4: (4, 8), 5: (10, 15)}
"""Green and yellow where the organisation sets none: on both scales the same risks have the same
colour."""


class Level(StrEnum):
    """green: accepted. yellow: as low as reasonably possible. red: the leader decides."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Scale:
    """Where products of likelihood and consequence change colour: up to each limit, inclusive.

    steps: of likelihood and of consequence. Raises ValueError.
    """

    green: int = LIMITS[4][0]
    yellow: int = LIMITS[4][1]
    steps: Steps = 4

    def __post_init__(self) -> None:
        if not 1 <= self.green < self.yellow < self.steps**2:
            raise ValueError("the limits rise, and lie within the scale")

    def carried(self, step: int) -> int:
        """A step of the register, on this scale."""
        return step + self.steps - STEPS

    def level(self, likelihood: int, consequence: int) -> Level:
        """Both on this scale."""
        product = likelihood * consequence
        if product <= self.green:
            return Level.GREEN
        return Level.YELLOW if product <= self.yellow else Level.RED
