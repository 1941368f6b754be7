"""What is drawn of the persons of a shard before anything happens to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.events import Window
from synthetic.model.health import Calendar, Health, State, draw_health
from synthetic.model.needs import Needs, draw_needs
from synthetic.model.parameters import Parameters
from synthetic.population import Residents


@dataclass(frozen=True)
class Persons:
    """states: of everybody, one a year of the model, without the conditions that events leave.

    The arrays change where somebody is drawn anew.
    """

    window: Window
    calendar: Calendar
    health: Health
    states: State
    needs: Needs

    def draw_anew(self, rng: np.random.Generator, who: NDArray[np.int64]) -> None:
        """Another person of the same age, sex, household and bydel in the place of each of `who`.

        who: in order, once each.
        """
        health, needs = self.health, self.needs
        residents = health.residents.take(who)
        other = draw_persons(
            (rng, rng), residents, health.parameters, window=self.window, calendar=self.calendar
        )
        health.own_frailty[who] = other.health.own_frailty
        health.liability[:, who] = other.health.liability
        self.states.conditions[:, who] = other.states.conditions
        self.states.frailty[:, who] = other.states.frailty
        needs.shared[who] = other.needs.shared
        needs.home_nursing[:, who] = other.needs.home_nursing
        needs.long_stay[:, who] = other.needs.long_stay
        needs.long_stay_at[who] = other.needs.long_stay_at
        old = np.searchsorted(needs.basis.who, who[other.needs.basis.who])
        needs.home_nursing_noise[old] = other.needs.home_nursing_noise
        needs.basis.common[:, old] = other.needs.basis.common
        needs.basis.has_dementia[:, old] = other.needs.basis.has_dementia


def draw_persons(
    streams: tuple[np.random.Generator, np.random.Generator],
    residents: Residents,
    parameters: Parameters,
    *,
    window: Window,
    calendar: Calendar,
) -> Persons:
    """Health and needs of `residents`, each from its own of the `streams`."""
    health_rng, needs_rng = streams
    health = draw_health(health_rng, residents, parameters, window)
    states = State.stack([health.state(calendar.middle(year)) for year in range(calendar.years)])
    needs = draw_needs(needs_rng, health, states.by_year, calendar)
    return Persons(window, calendar, health, states, needs)
