"""The course of every person through hospital and death: competing, piecewise constant hazards.

All persons of a shard move together. A step takes each one to its next event or to the next point
where a hazard changes, whichever comes first; who has passed the end of the window leaves the
step. The time to an event is drawn once, as an exponential, and used up by the hazards on the way:
that inverts the piecewise constant hazard exactly, and a lower hazard always means a later event.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.codes import CONDITIONS
from synthetic.events import DAY, NEVER, Columns
from synthetic.model.catchment import AHUS, OUS, TRUSTS, Homes, sector
from synthetic.model.discharge import (
    EARLY_DAYS,
    FOLLOWED_DAYS,
    NURSING_HOME,
    Outcome,
    Patients,
    end_of_stay,
    logistic,
)
from synthetic.model.draws import Draws, Purpose
from synthetic.model.health import (
    Admissions,
    Calendar,
    Health,
    State,
    death_hazard,
    kad_hazard,
)
from synthetic.model.needs import Needs

FROM_HOME, FROM_KAD = 1, 21
ACUTE, PLANNED = 1, 4
_PHASES: Final = np.array([7, 30, 90, 365], dtype=np.float64) * DAY
_NEVER_BEFORE: Final = -1e15
_REMEMBERED: Final = 3
_MEMORY: Final = 365 * DAY
_MOVED_LATER: Final = 0.35
"""Ahus is a full emergency hospital: it leaves this share of the regional cases to the first."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Episodes(Columns):
    """Inpatient episodes, a transfer inside one; seconds; arrays of shape (n,).

    second_hospital: -1 without a transfer, else the person leaves the first at `leaves` and comes
    to the second at `arrives`. Fields of end and follow-up: see discharge.Outcome. conditions,
    frailty: at admission. The last ones are hazards at the moment of discharge, for
    `synthetic.model.effect`: acute without surge and follow-up (a second), the surge (log), death.
    """

    person: NDArray[np.int32]
    cause: NDArray[np.int8]
    is_planned: Bools
    start: Floats
    end: Floats
    hospital: NDArray[np.int8]
    second_hospital: NDArray[np.int8]
    leaves: Floats
    arrives: Floats
    is_fatal: Bools
    ready_at: Floats
    came_from: NDArray[np.int8]
    went_to: NDArray[np.int8]
    short_stay_days: Floats
    nursing_days: Floats
    follow_at: Floats
    code_draw: Floats
    conditions: NDArray[np.uint32]
    frailty: NDArray[np.float32]
    age: NDArray[np.float32]
    acute_hazard: Floats
    surge: Floats
    death_hazard: Floats
    follow_log_odds: Floats


@dataclass(frozen=True)
class KadStays(Columns):
    """Stays in municipal emergency beds; seconds; arrays of shape (n,)."""

    person: NDArray[np.int32]
    start: Floats
    end: Floats


@dataclass(frozen=True)
class Course:
    """long_stay_at: second of moving to a nursing home, inf if never; acquired: conditions that
    events have left by the end of the burn-in year; died: seconds, NEVER if alive.
    """

    episodes: Episodes
    kad: KadStays
    died: NDArray[np.int64]
    long_stay_at: Floats
    acquired_before: NDArray[np.uint32]


class _Journey:
    """Where each person of the shard is now; arrays of shape (n,), changed step by step."""

    def __init__(self, health: Health, needs: Needs, calendar: Calendar, draws: Draws) -> None:
        persons = len(health)
        everyone = np.arange(persons)
        self.at = np.maximum(calendar.edges[0], health.born_at.astype(np.float64))
        self.turn = np.zeros(persons, dtype=np.uint32)
        self.left = draws.exponential(everyone, self.turn, Purpose.WAIT)
        self.discharged_at = np.full(persons, _NEVER_BEFORE)
        self.free_at = np.full(persons, _NEVER_BEFORE)
        self.surge = np.zeros(persons)
        self.prior = np.zeros(persons)
        self.relapse_cause = np.full(persons, -1, dtype=np.int8)
        self.relapse_hazard = np.zeros(persons)
        self.protected_at = np.full(persons, np.inf)
        self.sheltered_until = np.full(persons, _NEVER_BEFORE)
        self.is_nursed = np.zeros(persons, dtype=bool)
        self.long_stay_at = needs.long_stay_at.copy()
        self.acquired = np.zeros(persons, dtype=np.uint32)
        self.acquired_before = np.zeros(persons, dtype=np.uint32)
        self.recent = np.full((persons, _REMEMBERED), _NEVER_BEFORE)
        self.died = np.full(persons, NEVER)


class _Simulation:
    def __init__(
        self,
        health: Health,
        needs: Needs,
        states: list[State],
        calendar: Calendar,
        *,
        first_day: np.datetime64,
        hospitals: int,
        draws: Draws,
    ) -> None:
        self.health, self.needs, self.calendar, self.draws = health, needs, calendar, draws
        self.parameters, self.hospitals = health.parameters, hospitals
        self.homes = Homes(hospitals, first_day)
        self.admissions = Admissions(self.parameters)
        self.now = _Journey(health, needs, calendar, draws)
        persons = len(health)
        shape = (calendar.years, persons)
        self.acute = np.empty(shape, dtype=np.float32)
        self.planned = np.empty(shape, dtype=np.float32)
        self.kad = np.empty(shape, dtype=np.float32)
        self.death = np.empty(shape, dtype=np.float32)
        everyone = np.arange(persons)
        for year, state in enumerate(states):
            self._set_hazards(year, everyone, state)
        # Whoever is in the population has lived until the window begins.
        self.death[0] = 0
        self.episodes: list[Episodes] = []
        self.kad_stays: list[KadStays] = []

    def _set_hazards(self, year: int, who: Ints, state: State) -> None:
        rates = self.admissions.hazards(self.health, who, state)
        is_acute = self.admissions.acute
        self.acute[year, who] = rates[is_acute].sum(axis=0)
        self.planned[year, who] = rates[~is_acute].sum(axis=0)
        self.kad[year, who] = kad_hazard(self.parameters, state)
        self.death[year, who] = death_hazard(self.parameters, state)

    def run(self) -> Course:
        now, end = self.now, self.calendar.edges[-1]
        # An event of nobody: without events the columns still have their types.
        nobody = np.empty(0, dtype=np.int64)
        self._kad_stay(nobody)
        self._admit(nobody, nobody < 0, nobody.astype(np.int8))
        who = np.flatnonzero(now.at < end)
        while len(who):
            who = who[self._step(who)]
        return Course(
            episodes=Episodes.join(self.episodes),
            kad=KadStays.join(self.kad_stays),
            died=now.died,
            long_stay_at=now.long_stay_at,
            acquired_before=now.acquired_before,
        )

    def _step(self, who: Ints) -> Bools:
        """Move `who` on; True for those still on their way."""
        now = self.now
        at = now.at[who]
        year = self.calendar.year_of(at)
        hazards = self._hazards(who, at, year)
        total = hazards.sum(axis=0)
        change = self._next_change(who, at, year)
        with np.errstate(divide="ignore"):
            event = at + np.floor(now.left[who] / total) + 1
        happens = event < change
        reached = np.where(happens, event, change)
        now.left[who] -= total * (reached - at)
        now.at[who] = reached
        if happens.any():
            chosen = np.flatnonzero(happens)
            self._meet(who[chosen], hazards[:, chosen])
        return (now.at[who] < self.calendar.edges[-1]) & (now.died[who] == NEVER)

    def _hazards(self, who: Ints, at: Floats, year: Ints) -> Floats:
        """Acute admission, planned admission, KAD and death, events a second: (4, m)."""
        p, now = self.parameters, self.now
        since = at - now.discharged_at[who]
        phase = np.searchsorted(_PHASES, since, side="right")
        is_recent = since < FOLLOWED_DAYS * DAY
        in_long_stay = at >= now.long_stay_at[who]
        log_effect = now.surge[who] * np.array([*p.surge_fade, 0, 0])[phase]
        log_effect += now.prior[who] * (phase < len(_PHASES))
        log_effect += p.short_stay_hazard * (at < now.sheltered_until[who])
        log_effect += p.home_nursing_hazard * (now.is_nursed[who] & is_recent)
        log_effect += p.long_stay_admission * in_long_stay
        is_followed = (at >= now.protected_at[who]) & is_recent
        log_effect += np.log(p.followup_hazard_ratio) * is_followed
        relapse = now.relapse_hazard[who] * (phase < 3)
        acute = (self.acute[year, who] + relapse) * np.exp(log_effect)
        planned = self.planned[year, who] * np.exp(p.long_stay_admission * in_long_stay)
        kad = self.kad[year, who] * ~in_long_stay
        soon, later = p.death_after_discharge
        after = np.array([soon, soon, later, 0, 0])[phase] + p.death_long_stay * in_long_stay
        death = self.death[year, who] * np.exp(after)
        return np.stack([acute, planned, kad, death]).astype(np.float64)

    def _next_change(self, who: Ints, at: Floats, year: Ints) -> Floats:
        """The next second at which one of the hazards of `_hazards` changes."""
        now = self.now
        change = self.calendar.edges[year + 1]
        discharged_at = now.discharged_at[who]
        phase = np.searchsorted(_PHASES, at - discharged_at, side="right")
        ends = np.append(_PHASES, np.inf)[phase]
        change = np.minimum(change, discharged_at + ends)
        for moment in (now.protected_at, now.sheltered_until, now.long_stay_at):
            later = moment[who]
            change = np.minimum(change, np.where(later > at, later, np.inf))
        return change

    def _meet(self, who: Ints, hazards: Floats) -> None:
        """Let each of `who` have the event whose kind falls out in proportion to its hazard."""
        now = self.now
        edges = np.cumsum(hazards, axis=0)
        lot = self.draws.uniform(who, now.turn[who], Purpose.KIND) * edges[-1]
        kind = (lot >= edges[:-1]).sum(axis=0)
        dies = who[kind == 3]
        now.died[dies] = now.at[dies].astype(np.int64)
        goes_to_kad = kind == 2
        if goes_to_kad.any():
            self._kad_stay(who[goes_to_kad])
        is_admitted = kind < 2
        if is_admitted.any():
            admitted = who[is_admitted]
            came_from = np.full(len(admitted), FROM_HOME, dtype=np.int8)
            self._admit(admitted, kind[is_admitted] == 1, came_from)

    def _kad_stay(self, who: Ints) -> None:
        """One to four days; some go on to hospital the same hour."""
        now = self.now
        start, turn = now.at[who], now.turn[who]
        days = 0.7 + self.draws.exponential(who, turn, Purpose.LENGTH)
        end = start + np.floor(np.minimum(days, 5) * DAY)
        self.kad_stays.append(KadStays(who.astype(np.int32), start, end))
        now.at[who] = end
        now.free_at[who] = end
        now.turn[who] += 1
        now.left[who] = self.draws.exponential(who, now.turn[who], Purpose.WAIT)
        worse = self.draws.uniform(who, turn, Purpose.AFTER_KAD) < self.parameters.kad_to_hospital
        if worse.any():
            sent = who[worse]
            came_from = np.full(len(sent), FROM_KAD, dtype=np.int8)
            self._admit(sent, np.zeros(len(sent), dtype=bool), came_from)

    def _admit(self, who: Ints, is_planned: Bools, came_from: NDArray[np.int8]) -> None:
        """A whole hospital stay; afterwards the person stands at its end."""
        now, draws = self.now, self.draws
        year = self.calendar.year_of(now.at[who])
        turn = now.turn[who]
        state = self._state(who, year)
        rates = self.admissions.hazards(self.health, who, state)
        cause = self._cause(who, rates, is_planned)
        start = self._arrival(who, now.at[who], is_planned)
        in_long_stay = start >= now.long_stay_at[who]
        has_home_nursing = self.needs.home_nursing[year, who] & ~in_long_stay
        patients = Patients(
            who=who,
            turn=turn,
            start=start,
            cause=cause,
            is_planned=is_planned,
            state=state,
            in_long_stay=in_long_stay,
            has_home_nursing=has_home_nursing,
            long_stay_need=self.needs.long_stay[year, who],
        )
        outcome = end_of_stay(draws, self.health, patients)
        # Nobody dies in the burn-in year; a stay that reaches into the window may end so.
        outcome = replace(outcome, is_fatal=outcome.is_fatal & (outcome.end >= 0))
        own = rates[cause, np.arange(len(who))].astype(np.float64)
        self._leave(patients, outcome, own)
        lives = ~outcome.is_fatal
        self._acquire(who[lives], year[lives], cause[lives])
        self._record(patients, outcome, year, came_from)

    def _leave(self, patients: Patients, outcome: Outcome, own_hazard: Floats) -> None:
        """Where the persons stand after a stay; own_hazard: of the cause they were treated for."""
        now, p, who, end = self.now, self.parameters, patients.who, outcome.end
        now.recent[who, 1:] = now.recent[who, :-1]
        now.recent[who, 0] = patients.start
        admissions = (now.recent[who] > (end - _MEMORY)[:, None]).sum(axis=1)
        now.prior[who] = p.prior_use * admissions
        now.surge[who] = self._surge(patients, outcome)
        now.relapse_cause[who] = np.where(patients.is_planned, -1, patients.cause)
        now.relapse_hazard[who] = (p.relapse - 1) * own_hazard * ~patients.is_planned

        is_early = outcome.follow_at < (np.floor(end / DAY) + EARLY_DAYS + 1) * DAY
        now.protected_at[who] = np.where(is_early, outcome.follow_at, np.inf)
        short = outcome.short_stay_days
        now.sheltered_until[who] = np.where(short > 0, end + short * DAY, _NEVER_BEFORE)
        now.is_nursed[who] = patients.has_home_nursing | (outcome.nursing_days > 0)
        moves_in = outcome.enters_long_stay
        earlier = np.minimum(now.long_stay_at[who[moves_in]], end[moves_in])
        now.long_stay_at[who[moves_in]] = earlier

        now.discharged_at[who] = now.free_at[who] = now.at[who] = end
        dead = outcome.is_fatal
        now.died[who[dead]] = end[dead].astype(np.int64)
        now.turn[who] += 1
        now.left[who] = self.draws.exponential(who, now.turn[who], Purpose.WAIT)

    def _surge(self, patients: Patients, outcome: Outcome) -> Floats:
        """Log of the factor on the acute hazards in the first week after discharge."""
        p, causes, state = self.parameters, self.parameters.causes, patients.state
        surge = np.array([cause.surge for cause in causes])[patients.cause]
        by_decade = np.array([cause.surge_age for cause in causes])[patients.cause]
        place = np.array(p.practice_surge)[sector(self.health.residents.bydel[patients.who])]
        waited = np.floor(outcome.end / DAY) > np.floor(outcome.ready_at / DAY)
        surge = surge + by_decade * (state.age - 75) / 10 + p.surge_frailty * state.frailty + place
        surge += p.surge_ready * outcome.is_ready + p.surge_overstay * waited
        return p.surge_is_on * surge

    def _record(
        self, patients: Patients, outcome: Outcome, year: Ints, came_from: NDArray[np.int8]
    ) -> None:
        now, p, who = self.now, self.parameters, patients.who
        hospital, second, leaves, arrives = self._hospitals(patients, outcome.end)
        in_long_stay = outcome.end >= now.long_stay_at[who]
        log_effect = now.prior[who] + p.home_nursing_hazard * now.is_nursed[who]
        log_effect += p.long_stay_admission * in_long_stay
        from_nursing_home = patients.in_long_stay & (came_from == FROM_HOME)
        self.episodes.append(
            Episodes(
                person=who.astype(np.int32),
                cause=patients.cause.astype(np.int8),
                is_planned=patients.is_planned,
                start=patients.start,
                end=outcome.end,
                hospital=hospital,
                second_hospital=second,
                leaves=leaves,
                arrives=arrives,
                is_fatal=outcome.is_fatal,
                ready_at=outcome.ready_at,
                came_from=np.where(from_nursing_home, NURSING_HOME, came_from).astype(np.int8),
                went_to=outcome.went_to,
                short_stay_days=outcome.short_stay_days,
                nursing_days=outcome.nursing_days,
                follow_at=outcome.follow_at,
                code_draw=self.draws.uniform(who, patients.turn, Purpose.CODE),
                conditions=patients.state.conditions,
                frailty=patients.state.frailty,
                age=patients.state.age,
                acute_hazard=(self.acute[year, who] + now.relapse_hazard[who]) * np.exp(log_effect),
                surge=now.surge[who],
                death_hazard=self.death[year, who] * np.exp(p.death_after_discharge[0]),
                follow_log_odds=outcome.follow_log_odds,
            )
        )

    def _state(self, who: Ints, year: Ints) -> State:
        middle = (self.calendar.edges[year] + self.calendar.edges[year + 1]) / 2
        return self.health.state(who, middle, self.now.acquired[who])

    def _cause(self, who: Ints, rates: NDArray[np.float32], is_planned: Bools) -> Ints:
        """The cause in proportion to its hazard, among the acute or the planned ones."""
        now = self.now
        weights = np.where(self.admissions.acute[:, None] != is_planned, rates, 0).astype(float)
        again = now.relapse_cause[who]
        is_near = (again >= 0) & (now.at[who] - now.discharged_at[who] < _PHASES[2]) & ~is_planned
        near = np.flatnonzero(is_near)
        weights[again[near], near] += now.relapse_hazard[who[near]]
        edges = np.cumsum(weights, axis=0)
        lot = self.draws.uniform(who, now.turn[who], Purpose.CAUSE) * edges[-1]
        return (lot >= edges[:-1]).sum(axis=0)

    def _arrival(self, who: Ints, at: Floats, is_planned: Bools) -> Floats:
        """Planned patients come the next morning, acute ones mostly by day and evening."""
        lot = self.draws.uniform(who, self.now.turn[who], Purpose.ARRIVAL)
        midnight = np.floor(at / DAY) * DAY
        morning = midnight + DAY + np.floor((7 + 2.5 * lot) * 3600)
        share = (at - midnight) / DAY
        hours = np.interp(share, (0, 0.12, 0.40, 0.70, 0.90, 1), (0, 7, 12, 17, 21, 24))
        by_day = midnight + np.minimum(np.floor(hours * 3600), DAY - 1)
        # Not before the person has left the last place.
        acute = np.maximum(by_day, np.minimum(at, self.now.free_at[who] + 600))
        return np.where(is_planned, morning, acute)

    def _acquire(self, who: Ints, year: Ints, cause: Ints) -> None:
        """Conditions that a stay leaves change all later hazards of the person."""
        now = self.now
        bits = np.array(
            [
                1 << CONDITIONS.index(c.acquires) if c.acquires else 0
                for c in self.parameters.causes
            ],
            dtype=np.uint32,
        )
        new = bits[cause] & ~now.acquired[who]
        gains = np.flatnonzero(new)
        if not len(gains):
            return
        now.acquired[who[gains]] |= new[gains]
        early = gains[year[gains] == 0]
        now.acquired_before[who[early]] |= new[early]
        for later in range(int(year[gains].min()), self.calendar.years):
            affected = who[gains[year[gains] <= later]]
            state = self._state(affected, np.full(len(affected), later))
            self._set_hazards(later, affected, state)
            if later == 0:
                self.death[0, affected] = 0

    def _hospitals(
        self, patients: Patients, end: Floats
    ) -> tuple[NDArray[np.int8], NDArray[np.int8], Floats, Floats]:
        """Where the stay begins, and where a transfer takes it (-1, with nan, without one)."""
        p, draws, count = self.parameters, self.draws, self.hospitals
        who, turn, start, cause = patients.who, patients.turn, patients.start, patients.cause
        bydel = self.health.residents.bydel[who]
        home = self.homes.at(bydel, start)
        regional = np.array([c.regional for c in p.causes])[cause]
        regional = regional * np.where((home == AHUS) & (count == TRUSTS), _MOVED_LATER, 1)
        away = logistic(p.elsewhere + p.elsewhere_distance * np.array(p.distance)[bydel])
        away = np.where(patients.is_planned, away / 2, away)
        lot = draws.uniform(who, turn, Purpose.HOSPITAL)
        hospital = np.where((lot < regional) & (home != OUS), OUS, home)
        # The upper end of the same number, spread over the other hospitals.
        goes_away = (1 - lot < away) & (count > 1)
        step = 1 + np.floor((1 - lot) / away * (count - 1)).astype(np.int64)
        hospital = np.where(goes_away, (home + step) % count, hospital)

        transfer = np.array([c.transfer for c in p.causes])[cause]
        lot = draws.uniform(who, turn, Purpose.TRANSFER)
        is_moved = (lot < transfer) & (count > 1) & (end - start > 20 * 3600)
        second = np.where(hospital != OUS, OUS, np.where(home != OUS, home, count - 1))
        place = draws.uniform(who, turn, Purpose.TRANSFER_TIME)
        leaves = start + np.floor((end - start) * (0.1 + 0.5 * place))
        arrives = leaves + 1200 + np.floor(place * 100 % 1 * 9600)
        return (
            hospital.astype(np.int8),
            np.where(is_moved, second, -1).astype(np.int8),
            np.where(is_moved, leaves, np.nan),
            np.where(is_moved, arrives, np.nan),
        )


def simulate_course(
    health: Health,
    needs: Needs,
    states: list[State],
    calendar: Calendar,
    *,
    first_day: np.datetime64,
    hospitals: int,
    draws: Draws,
) -> Course:
    """Every inpatient episode, KAD stay, nursing-home admission and death until the window's end.

    states: of everybody, one a year of the model, without what events leave behind. Episodes of
    the burn-in year are there too, and one that lasts on when the window ends has its true end.
    """
    simulation = _Simulation(
        health, needs, states, calendar, first_day=first_day, hospitals=hospitals, draws=draws
    )
    return simulation.run()
