"""What a person needs of the municipality before anything happens: home nursing, nursing home."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import CONDITIONS
from synthetic.model.health import Calendar, Health, State, has
from synthetic.model.parameters import Service

HOME_NURSING = 15
OLD_ENOUGH = 65
_DEMENTIA = CONDITIONS.index("dementia")


@dataclass(frozen=True)
class Needs:
    """shared: the noise that all services of a person share, shape (n,), standard normal.

    home_nursing and long_stay: by year and person, the first a need met (bool), the second how far
    the need is below (negative) or above the threshold of a nursing home. long_stay_at: second at
    which that need is first met, inf if never.
    """

    shared: NDArray[np.float32]
    home_nursing_noise: NDArray[np.float32]
    home_nursing: NDArray[np.bool_]
    long_stay: NDArray[np.float32]
    long_stay_at: NDArray[np.float64]


def need(
    health: Health,
    state: State,
    who: NDArray[np.integer],
    shared: NDArray[np.float32],
    effects: tuple[float, float],
) -> NDArray[np.float32]:
    """Need of the persons `who`; effects: of dementia and of living alone.

    Nobody under OLD_ENOUGH has any: -inf.
    """
    dementia, alone = effects
    p = health.parameters
    scale = p.need_effects
    value = scale * state.frailty + p.need_spread * shared
    value += scale * dementia * has(state.conditions, _DEMENTIA)
    value += scale * alone * health.residents.lives_alone[who]
    return np.where(state.age >= OLD_ENOUGH, value, -np.inf).astype(np.float32)


def draw_needs(
    rng: np.random.Generator, health: Health, states: list[State], calendar: Calendar
) -> Needs:
    """Need grows with age and conditions and never falls: each threshold is passed once."""
    p, persons = health.parameters, len(health)
    everyone = np.arange(persons)
    shared = rng.standard_normal(persons, dtype=np.float32)
    noise = rng.standard_normal(persons, dtype=np.float32)
    moment = rng.random(persons)
    nursing = next(service for service in p.services if service.code == HOME_NURSING)
    home_nursing = np.empty((calendar.years, persons), dtype=bool)
    long_stay = np.empty((calendar.years, persons), dtype=np.float32)
    for year, state in enumerate(states):
        home_nursing[year] = (
            above(health, state, everyone, shared, noise=noise, service=nursing) > 0
        )
        effects = (p.long_stay_dementia, p.long_stay_alone)
        value = need(health, state, everyone, shared, effects)
        long_stay[year] = value - np.float32(p.long_stay_threshold)
    is_met = long_stay > 0
    first = np.argmax(is_met, axis=0)
    begins = calendar.edges[first] + np.floor(
        moment * (calendar.edges[first + 1] - calendar.edges[first])
    )
    # Who already meets it in the burn-in year lives there when that year begins.
    begins = np.where(first == 0, calendar.edges[0], begins)
    return Needs(
        shared=shared,
        home_nursing_noise=noise,
        home_nursing=home_nursing,
        long_stay=long_stay,
        long_stay_at=np.where(is_met.any(axis=0), begins, np.inf),
    )


def above(
    health: Health,
    state: State,
    who: NDArray[np.integer],
    shared: NDArray[np.float32],
    *,
    noise: NDArray[np.float32],
    service: Service,
) -> NDArray[np.float32]:
    """How far the need of a service is above its threshold."""
    effects = (service.dementia, service.alone)
    value = need(health, state, who, shared, effects)
    return (value + service.spread * noise - service.threshold).astype(np.float32)
