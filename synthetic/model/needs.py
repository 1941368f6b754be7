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
class Basis:
    """What the needs of all services come from; arrays of shape (years, m).

    who: the persons of OLD_ENOUGH in some year, shape (m,). common: frailty and the noise that all
    services of a person share, -inf under OLD_ENOUGH: nobody younger has any need. has_dementia,
    lives_alone: 0, or the scale of what each service adds for it.
    """

    who: NDArray[np.int64]
    common: NDArray[np.float32]
    has_dementia: NDArray[np.float32]
    lives_alone: NDArray[np.float32]

    def above(
        self,
        threshold: float,
        dementia: float,
        alone: float,
        own: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """How far a need is above its threshold; dementia, alone: effects on it; own: its noise."""
        value: NDArray[np.float32] = np.float32(dementia) * self.has_dementia
        value += np.float32(alone) * self.lives_alone
        value += self.common
        value -= np.float32(threshold)
        if own is not None:
            value += own
        return value

    def of_service(self, service: Service, noise: NDArray[np.float32]) -> NDArray[np.bool_]:
        """In which years the need of a service is met; noise: the service's own, shape (m,)."""
        own = np.float32(service.spread) * noise
        return self.above(service.threshold, service.dementia, service.alone, own) > 0


@dataclass(frozen=True)
class Needs:
    """shared: the noise that all services of a person share, shape (n,), standard normal.

    home_nursing_noise: of the persons of `basis`. home_nursing and long_stay: by year and person,
    the first a need met (bool), the second how far the need is below (negative) or above the
    threshold of a nursing home. long_stay_at: second at which that need is first met, inf if never.
    """

    shared: NDArray[np.float32]
    basis: Basis
    home_nursing_noise: NDArray[np.float32]
    home_nursing: NDArray[np.bool_]
    long_stay: NDArray[np.float32]
    long_stay_at: NDArray[np.float64]


def draw_needs(
    rng: np.random.Generator, health: Health, states: list[State], calendar: Calendar
) -> Needs:
    """Need grows with age and conditions and never falls: each threshold is passed once."""
    p, persons = health.parameters, len(health)
    shared = rng.standard_normal(persons, dtype=np.float32)
    basis = _basis(health, states, shared)
    who = basis.who
    noise = rng.standard_normal(len(who), dtype=np.float32)
    nursing = next(service for service in p.services if service.code == HOME_NURSING)
    home_nursing = np.zeros((calendar.years, persons), dtype=bool)
    home_nursing[:, who] = basis.of_service(nursing, noise)
    long_stay = np.full((calendar.years, persons), -np.inf, dtype=np.float32)
    above = basis.above(p.long_stay_threshold, p.long_stay_dementia, p.long_stay_alone)
    long_stay[:, who] = above
    is_met = above > 0
    is_met[0] = above[0] > -p.long_stay_earlier
    first = np.argmax(is_met, axis=0)
    length = calendar.edges[first + 1] - calendar.edges[first]
    begins = calendar.edges[first] + np.floor(rng.random(len(who)) * length)
    # Who already meets it in the burn-in year lives there when that year begins; so do some who
    # came there from a hospital before.
    begins = np.where(first == 0, calendar.edges[0], begins)
    long_stay_at = np.full(persons, np.inf)
    long_stay_at[who] = np.where(is_met.any(axis=0), begins, np.inf)
    return Needs(
        shared=shared,
        basis=basis,
        home_nursing_noise=noise,
        home_nursing=home_nursing,
        long_stay=long_stay,
        long_stay_at=long_stay_at,
    )


def _basis(health: Health, states: list[State], shared: NDArray[np.float32]) -> Basis:
    p = health.parameters
    who = np.flatnonzero(states[-1].age >= OLD_ENOUGH)
    old = State.stack([state.take(who) for state in states])
    scale = np.float32(p.need_effects)
    common: NDArray[np.float32] = scale * old.frailty
    common += np.float32(p.need_spread) * shared[who]
    common[old.age < OLD_ENOUGH] = -np.inf
    lives_alone = np.broadcast_to(health.residents.lives_alone[who], common.shape)
    return Basis(who, common, scale * has(old.conditions, _DEMENTIA), scale * lives_alone)
