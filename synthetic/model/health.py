"""The state a person brings to every event: age, chronic conditions, frailty, and their hazards.

Time runs in *years of the model*: the burn-in year before the window, then each calendar year of
it. Within one of them age, conditions and frailty stand still, so that all hazards are piecewise
constant.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import CONDITIONS
from synthetic.events import DAY, Window
from synthetic.model.catchment import sector
from synthetic.model.causes import AGES
from synthetic.model.parameters import Curve, Parameters
from synthetic.population import Residents

BURN_IN_DAYS: Final = 365
YEAR_SECONDS: Final = 365.2425 * DAY
_OLDEST: Final = 112
_FRAIL_FROM = 60

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


@dataclass(frozen=True)
class Calendar:
    """edges: seconds at which the model's years begin, the window's end last."""

    edges: NDArray[np.float64]

    @property
    def years(self) -> int:
        return len(self.edges) - 1

    def middle(self, year: int) -> float:
        return float(self.edges[year] + self.edges[year + 1]) / 2

    def year_of(self, second: Floats) -> NDArray[np.int64]:
        """The model's year of each second, the last one for what comes after."""
        return np.clip(np.searchsorted(self.edges, second, side="right") - 1, 0, self.years - 1)


def calendar(window: Window) -> Calendar:
    """Burn-in year, then a year from each 1 January in the window."""
    days = window.first_day + np.arange(1, window.days)
    new_years = np.flatnonzero(days == days.astype("datetime64[Y]").astype("datetime64[D]")) + 1
    edges = np.concatenate([[-BURN_IN_DAYS, 0], new_years, [window.days]])
    return Calendar(edges.astype(np.float64) * DAY)


def by_age(curve: Curve, *, logarithmic: bool = True) -> NDArray[np.float32]:
    """A curve at every whole age, shape (113,)."""
    at, values = curve
    ages = np.arange(_OLDEST + 1)
    if logarithmic:
        return np.exp(np.interp(ages, at, np.log(values))).astype(np.float32)
    return np.interp(ages, at, values).astype(np.float32)


@dataclass(frozen=True)
class Health:
    """What does not change about the persons of a shard; arrays of shape (n,).

    own_frailty: standard deviations; liability: (conditions, n), the part of each condition's
    liability that age does not move; born_at: seconds. survivor_ageing: by whole age.
    """

    residents: Residents
    parameters: Parameters
    born_at: NDArray[np.int64]
    own_frailty: NDArray[np.float32]
    liability: NDArray[np.float32]
    deprivation: NDArray[np.float32]
    survivor_ageing: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.born_at)

    def state(self, who: Ints, at: float | Floats, acquired: NDArray[np.uint32]) -> "State":
        """The persons `who` at second `at`; acquired: conditions that events have left."""
        p, residents = self.parameters, self.residents
        age = np.maximum((at - self.born_at[who]) / YEAR_SECONDS, 0).astype(np.float32)
        # Those who get old were the fitter ones of their cohort; still the old of each year are as
        # frail as those of the year before. So survivors must age faster than years pass.
        biological = age + self.survivor_ageing[np.minimum(age.astype(np.int64), _OLDEST)] * (
            np.maximum(at, 0) / np.float32(YEAR_SECONDS)
        )
        decades = ((biological - 75) / 10).astype(np.float32)
        conditions = acquired.copy()
        for bit, liability in enumerate(p.liabilities):
            is_ill = self.liability[bit, who] + np.float32(liability.slope) * decades > 0
            conditions |= is_ill.astype(np.uint32) << np.uint32(bit)
        is_old = age >= _FRAIL_FROM
        frailty = (
            p.frailty_spread * self.own_frailty[who]
            + p.frailty_age * np.maximum(biological - _FRAIL_FROM, 0) / 10
            - p.frailty_age * 1.5  # the scale's zero: 75 years
            + p.frailty_female * residents.is_female[who]
            + p.frailty_alone * (residents.lives_alone[who] & is_old)
            + p.frailty_deprivation * self.deprivation[who]
        )
        for bit, liability in enumerate(p.liabilities):
            weight = p.condition_frailty * liability.frailty_weight
            frailty += np.float32(weight) * has(conditions, bit)
        return State(age, conditions, frailty.astype(np.float32))


@dataclass(frozen=True)
class State:
    """Arrays of shape (n,). age: years; frailty: 0 is the mean healthy person of 75."""

    age: NDArray[np.float32]
    conditions: NDArray[np.uint32]
    frailty: NDArray[np.float32]

    @property
    def whole_age(self) -> NDArray[np.int64]:
        return np.minimum(self.age.astype(np.int64), _OLDEST)

    @property
    def number_of_conditions(self) -> NDArray[np.uint8]:
        return np.bitwise_count(self.conditions)


def has(conditions: NDArray[np.uint32], bit: int) -> NDArray[np.bool_]:
    return (conditions >> np.uint32(bit)) & np.uint32(1) == 1


def draw_health(
    rng: np.random.Generator, residents: Residents, parameters: Parameters, window: Window
) -> Health:
    """The fixed part: own frailty (normal) and liability noise (logistic) of every condition."""
    persons = len(residents)
    own = rng.standard_normal(persons, dtype=np.float32)
    deprivation = np.array(parameters.deprivation, dtype=np.float32)[residents.bydel]
    liability = np.empty((len(CONDITIONS), persons), dtype=np.float32)
    for bit, coefficients in enumerate(parameters.liabilities):
        chance = np.maximum(rng.random(persons, dtype=np.float32), np.float32(1e-7))
        liability[bit] = np.log(chance) - np.log1p(-chance) + np.float32(coefficients.intercept)
        liability[bit] += np.float32(parameters.liability_sharing) * own
        liability[bit] += np.float32(coefficients.female) * residents.is_female
        liability[bit] += np.float32(coefficients.deprivation) * deprivation
    return Health(
        residents=residents,
        parameters=parameters,
        born_at=(residents.born - window.first_day).astype(np.int64) * DAY,
        own_frailty=own,
        liability=liability,
        deprivation=deprivation,
        survivor_ageing=by_age(parameters.survivor_ageing, logarithmic=False),
    )


class Admissions:
    """The hazards of all causes of admission, in events a second."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.causes = parameters.causes
        self.acute = np.array([not cause.is_planned for cause in self.causes])
        scale = np.where(self.acute, parameters.acute_scale, parameters.planned_scale)
        self._by_age = [
            by_age((AGES, cause.rate)) * np.float32(factor / 1000 / YEAR_SECONDS)
            for cause, factor in zip(self.causes, scale, strict=True)
        ]
        self._bits = [
            tuple((CONDITIONS.index(name), np.float32(effect)) for name, effect in cause.conditions)
            for cause in self.causes
        ]

    def hazards(self, health: Health, who: Ints, state: State) -> NDArray[np.float32]:
        """One row a cause, one column a person of `who`."""
        p, residents = self._parameters, health.residents
        rates = np.empty((len(self.causes), len(who)), dtype=np.float32)
        age = state.whole_age
        bydel = residents.bydel[who]
        is_female, lives_alone = residents.is_female[who], residents.lives_alone[who]
        deprivation = health.deprivation[who]
        place = np.array(p.practice_admission)[sector(bydel)]
        far = p.distance_admission * np.array(p.distance)[bydel]
        practice = place.astype(np.float32)
        acute_practice = (place + far).astype(np.float32)
        ill = [has(state.conditions, bit) for bit in range(len(CONDITIONS))]
        for number, cause in enumerate(self.causes):
            log_effect = (practice if cause.is_planned else acute_practice).copy()
            if cause.frailty:
                log_effect += np.float32(cause.frailty) * state.frailty
            if cause.female:
                log_effect += np.float32(cause.female) * is_female
            if cause.alone:
                log_effect += np.float32(cause.alone) * lives_alone
            if cause.deprivation:
                log_effect += np.float32(cause.deprivation) * deprivation
            for bit, effect in self._bits[number]:
                log_effect += effect * ill[bit]
            np.exp(log_effect, out=log_effect)
            np.multiply(log_effect, self._by_age[number][age], out=rates[number])
        return rates


def death_hazard(parameters: Parameters, state: State) -> NDArray[np.float32]:
    """Death outside hospital, events a second."""
    p = parameters
    log_effect = np.float32(p.death_frailty) * state.frailty
    for name, effect in (
        ("cancer", p.death_cancer),
        ("heart_failure", p.death_heart_failure),
        ("copd", p.death_copd),
        ("dementia", p.death_dementia),
    ):
        log_effect += np.float32(effect) * has(state.conditions, CONDITIONS.index(name))
    return by_age(p.death)[state.whole_age] * np.exp(log_effect) / np.float32(1000 * YEAR_SECONDS)


def kad_hazard(parameters: Parameters, state: State) -> NDArray[np.float32]:
    """A stay in a municipal emergency bed (KAD), events a second."""
    effect = np.exp(np.float32(parameters.kad_frailty) * state.frailty)
    return by_age(parameters.kad)[state.whole_age] * effect / np.float32(1000 * YEAR_SECONDS)
