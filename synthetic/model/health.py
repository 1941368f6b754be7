"""The state a person brings to every event: age, chronic conditions, frailty, and their hazards.

Time runs in *years of the model*: the burn-in year before the window, then each calendar year of
it. Within one of them age, conditions and frailty stand still, so that all hazards are piecewise
constant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import BYDELER, CONDITIONS
from synthetic.events import DAY, Window
from synthetic.model.catchment import sector
from synthetic.model.causes import AGES
from synthetic.model.parameters import Curve, Parameters
from synthetic.population import Residents

BURN_IN_DAYS: Final = 365
YEAR_SECONDS: Final = 365.2425 * DAY
_OLDEST: Final = 112
_FRAIL_FROM = 60
_AT_ONCE = 4_096
"""Persons whose hazards are worked out together: what fits the cache."""

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
        return passed(self.edges[1:-1], second)


def passed(edges: Floats, value: Floats) -> NDArray[np.int64]:
    """How many of a few `edges` each value has reached; quicker than to search among them."""
    count = np.zeros(value.shape, dtype=np.int8)
    for edge in edges:
        count += value >= edge
    return count.astype(np.int64)


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
    liability that age does not move; born_at: seconds; here_from: the second the window begins or,
    later, the person moves in. survivor_ageing: by whole age.
    """

    residents: Residents
    parameters: Parameters
    born_at: NDArray[np.int64]
    here_from: NDArray[np.int64]
    own_frailty: NDArray[np.float32]
    liability: NDArray[np.float32]
    deprivation: NDArray[np.float32]
    survivor_ageing: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.born_at)

    def state(self, at: float) -> "State":
        """Everybody at second `at`, without the conditions that events leave."""
        p, residents = self.parameters, self.residents
        age = np.maximum((at - self.born_at) / YEAR_SECONDS, 0).astype(np.float32)
        # Those who get old were the fitter ones of their cohort; still the old of each year are as
        # frail as those of the year before. So survivors must age faster than years pass.
        since = np.maximum((at - self.here_from) / YEAR_SECONDS, 0).astype(np.float32)
        biological = age + self.survivor_ageing[np.minimum(age.astype(np.int64), _OLDEST)] * since
        decades = ((biological - 75) / 10).astype(np.float32)
        conditions = np.zeros(len(self), dtype=np.uint32)
        for bit, liability in enumerate(p.liabilities):
            is_ill = self.liability[bit] + np.float32(liability.slope) * decades > 0
            conditions |= is_ill.astype(np.uint32) << np.uint32(bit)
        is_old = age >= _FRAIL_FROM
        frailty = (
            p.frailty_spread * self.own_frailty
            + p.frailty_age * np.maximum(biological - _FRAIL_FROM, 0) / 10
            - p.frailty_age * 1.5  # the scale's zero: 75 years
            + p.frailty_female * residents.is_female
            + p.frailty_alone * (residents.lives_alone & is_old)
            + p.frailty_deprivation * self.deprivation
            + self._frailty_of_conditions[conditions]
        )
        return State(age, conditions, frailty.astype(np.float32))

    def with_acquired(self, state: "State", acquired: NDArray[np.uint32]) -> "State":
        """The state of those whom events have left the conditions `acquired`; shape (n,)."""
        conditions = state.conditions | acquired
        of = self._frailty_of_conditions
        frailty = state.frailty + (of[conditions] - of[state.conditions])
        return State(state.age, conditions, frailty.astype(np.float32, copy=False))

    @cached_property
    def of_cause(self) -> Mapping[str, NDArray]:
        """Fields of the causes of admission, an entry a cause; `acquires` as a bit or none."""
        causes = self.parameters.causes
        names = ("days", "death", "ready", "surge", "surge_age", "regional", "transfer")
        fields = {name: np.array([getattr(cause, name) for cause in causes]) for name in names}
        acquires = [1 << CONDITIONS.index(c.acquires) if c.acquires else 0 for c in causes]
        return fields | {"acquires": np.array(acquires, dtype=np.uint32)}

    @cached_property
    def _frailty_of_conditions(self) -> NDArray[np.float32]:
        p = self.parameters
        weights = [p.condition_frailty * liability.frailty_weight for liability in p.liabilities]
        return _sum_over_subsets(np.array(weights)[:, None])[:, 0].astype(np.float32)


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

    @property
    def by_year(self) -> "list[State]":
        """Of arrays of shape (years, n): a view of each year's."""
        columns = zip(self.age, self.conditions, self.frailty, strict=True)
        return [State(*of_year) for of_year in columns]

    def take(self, index: Ints | tuple[Ints, Ints]) -> "State":
        return State(self.age[index], self.conditions[index], self.frailty[index])

    @classmethod
    def stack(cls, states: Sequence["State"]) -> "State":
        """States of the same persons, one a year: arrays of shape (years, n)."""
        return cls(
            np.stack([state.age for state in states]),
            np.stack([state.conditions for state in states]),
            np.stack([state.frailty for state in states]),
        )


def has(conditions: NDArray[np.uint32], bit: int) -> NDArray[np.bool_]:
    return (conditions >> np.uint32(bit)) & np.uint32(1) == 1


def draw_health(
    rng: np.random.Generator, residents: Residents, parameters: Parameters, window: Window
) -> Health:
    """The fixed part: own frailty (normal) and liability noise (logistic) of every condition.

    The frail die first, so own frailty is spread the less the older they are who have lived so far.
    """
    persons = len(residents)
    born_at = (residents.born - window.first_day).astype(np.int64) * DAY
    here_from = np.maximum(residents.moves_in, 0).astype(np.int64) * DAY
    age = np.clip((here_from - born_at) / YEAR_SECONDS, 0, _OLDEST).astype(np.int64)
    own = rng.standard_normal(persons, dtype=np.float32)
    own *= by_age(parameters.survivor_spread, logarithmic=False)[age]
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
        born_at=born_at,
        here_from=here_from,
        own_frailty=own,
        liability=liability,
        deprivation=deprivation,
        survivor_ageing=by_age(parameters.survivor_ageing, logarithmic=False),
    )


class Hazards:
    """What everybody may meet, in events a second: a column a cause of admission, KAD and death.

    Each is log-linear, so that a person's hazard is a product of factors: of whole age, sex,
    company and bydel, of the set of conditions, and of frailty. All but the last are looked up.
    """

    def __init__(self, parameters: Parameters) -> None:
        p, causes = parameters, parameters.causes
        self.causes = len(causes)
        self.acute = np.array([not cause.is_planned for cause in causes])
        scale = np.where(self.acute, p.acute_scale, p.planned_scale)
        curves = [
            *(by_age((AGES, c.rate)) * factor for c, factor in zip(causes, scale, strict=True)),
            by_age(p.kad),
            by_age(p.death),
        ]
        of_age = np.stack(curves, axis=1) / (1000 * YEAR_SECONDS)
        of_home = np.exp(_home_effects(p))
        self._homes = len(of_home)
        by_person = (of_age[:, None] * of_home).reshape(-1, len(curves))  # row: age, then home
        self._by_person = by_person.astype(np.float32)
        self._by_conditions = np.exp(_sum_over_subsets(_condition_effects(p))).astype(np.float32)
        frailty = [*(cause.frailty for cause in causes), p.kad_frailty, p.death_frailty]
        self._frailty = np.array(frailty, dtype=np.float32)
        # Without conditions, hazards of one kind on which frailty acts alike have a common sum.
        self._kind = np.array([*np.where(self.acute, 0, 1), 2, 3])
        alike = np.unique(np.stack([self._kind, self._frailty]), axis=1, return_inverse=True)
        (self._kind_alike, self._frailty_alike), place = alike[0].astype(np.float32), alike[1]
        self._alike = np.stack(
            [by_person[:, place == group].sum(axis=1) for group in range(place.max() + 1)]
        ).astype(np.float32)

    def each(self, health: Health, who: Ints, state: State) -> NDArray[np.float32]:
        """One row a person of `who`; one column a cause, then KAD and death."""
        hazards = state.frailty[:, None] * self._frailty
        np.exp(hazards, out=hazards)
        hazards *= self._by_person.take(self._row(health, who, state), axis=0)
        hazards *= self._by_conditions.take(state.conditions, axis=0)
        return hazards

    def totals(self, health: Health, who: Ints, state: State) -> NDArray[np.float32]:
        """Acute admission, planned admission, KAD and death; shape (4, m)."""
        totals = np.empty((4, len(who)), dtype=np.float32)
        is_ill = state.conditions > 0
        well = np.flatnonzero(~is_ill)
        if len(well):
            totals[:, well] = self._totals_of_well(health, who[well], state.take(well))
        ill = np.flatnonzero(is_ill)
        acute = self.acute.astype(np.float32)
        for start in range(0, len(ill), _AT_ONCE):
            few = ill[start : start + _AT_ONCE]
            hazards = self.each(health, who[few], state.take(few))
            admissions = hazards[:, : self.causes]
            totals[0, few] = np.einsum("ij,j->i", admissions, acute)
            totals[1, few] = np.einsum("ij,j->i", admissions, 1 - acute)
            totals[2:, few] = hazards[:, self.causes :].T
        return totals

    def _totals_of_well(self, health: Health, who: Ints, state: State) -> NDArray[np.float32]:
        """The same of persons without any condition."""
        totals = np.zeros((4, len(who)), dtype=np.float32)
        row = self._row(health, who, state)
        for kind, effect, rates in zip(
            self._kind_alike, self._frailty_alike, self._alike, strict=True
        ):
            totals[int(kind)] += np.exp(effect * state.frailty) * rates[row]
        return totals

    def _row(self, health: Health, who: Ints, state: State) -> NDArray[np.int32]:
        """Where a person's age and home stand in the tables."""
        residents = health.residents
        row = state.whole_age.astype(np.int32) * np.int32(self._homes)
        row += residents.bydel[who] * np.int32(4)
        row += residents.is_female[who] * np.int32(2)
        row += residents.lives_alone[who]
        return row


def _condition_effects(p: Parameters) -> NDArray[np.float64]:
    """Log hazard ratios: a row a condition, a column a hazard."""
    effects = np.zeros((len(CONDITIONS), len(p.causes) + 2))
    for number, cause in enumerate(p.causes):
        for name, effect in cause.conditions:
            effects[CONDITIONS.index(name), number] = effect
    for name, effect in (
        ("cancer", p.death_cancer),
        ("heart_failure", p.death_heart_failure),
        ("copd", p.death_copd),
        ("dementia", p.death_dementia),
    ):
        effects[CONDITIONS.index(name), -1] = effect
    return effects


def _home_effects(p: Parameters) -> NDArray[np.float64]:
    """Log hazard ratios: a row for each (bydel, is female, lives alone), a column a hazard."""
    effects = np.zeros((len(BYDELER), 2, 2, len(p.causes) + 2))
    yes = np.array([0.0, 1.0])
    practice = np.array(p.practice_admission)[sector(np.arange(len(BYDELER)))]
    far = p.distance_admission * np.array(p.distance)
    for number, cause in enumerate(p.causes):
        place = practice + cause.deprivation * np.array(p.deprivation)
        place = place if cause.is_planned else place + far
        person = cause.female * yes[:, None] + cause.alone * yes
        effects[..., number] = place[:, None, None] + person
    return effects.reshape(-1, effects.shape[-1])


def _sum_over_subsets(effects: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row s: the sum of the rows of `effects` whose bit is set in s."""
    sums = np.zeros((1, effects.shape[1]))
    for effect in effects:
        sums = np.concatenate([sums, sums + effect])
    return sums
