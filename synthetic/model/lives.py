"""What the causal part of the model leaves behind, for the parts that fill in the registers."""

from dataclasses import dataclass

from synthetic.events import Window
from synthetic.model.health import Calendar, Health, State
from synthetic.model.hospital import Course
from synthetic.model.needs import Needs


@dataclass(frozen=True)
class Lives:
    """The persons of a shard, who they are and what course they take.

    states: of everybody, one a year of the model; without the conditions that events leave.
    """

    window: Window
    calendar: Calendar
    health: Health
    states: list[State]
    needs: Needs
    course: Course
