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
from synthetic.model.draws import Draws, Lots, Purpose
from synthetic.model.health import Calendar, Hazards, Health, State, passed
from synthetic.model.needs import Needs

FROM_HOME, FROM_KAD = 1, 21
ACUTE, PLANNED = 1, 4
_ACUTE, _PLANNED, _KAD, _DEATH = range(4)  # the hazards of a person
_PHASES: Final = np.array([7, 30, 90, 365], dtype=np.float64) * DAY
_RELAPSE_PHASES: Final = 3
_RELAPSED: Final = _PHASES[_RELAPSE_PHASES - 1]
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
        self.left = draws.at(everyone, self.turn).exponential(Purpose.WAIT)
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
        self.hazards = Hazards(self.parameters)
        self.now = _Journey(health, needs, calendar, draws)
        self.states = State.stack(states)
        # (year, person, 4): acute admission, planned admission, KAD, death; events a second.
        self.standing = np.empty((calendar.years, len(health), 4))
        everyone = np.arange(len(health))
        for year, state in enumerate(states):
            self.standing[year] = self.hazards.totals(health, everyone, state)
        # Whoever is in the population has lived until the window begins.
        self.standing[0, :, _DEATH] = 0
        self.episodes: list[Episodes] = []
        self.kad_stays: list[KadStays] = []

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
        hazards, change = self._ahead(who, at, year)
        total = hazards.sum(axis=1)
        with np.errstate(divide="ignore"):
            event = at + np.floor(now.left[who] / total) + 1
        happens = event < change
        reached = np.where(happens, event, change)
        now.left[who] -= total * (reached - at)
        now.at[who] = reached
        if happens.any():
            chosen = np.flatnonzero(happens)
            self._meet(who[chosen], hazards[chosen])
        return (now.at[who] < self.calendar.edges[-1]) & (now.died[who] == NEVER)

    def _ahead(self, who: Ints, at: Floats, year: Ints) -> tuple[Floats, Floats]:
        """The hazards, events a second, of shape (m, 4), and the second at which one changes."""
        now = self.now
        hazards = self.standing[year, who]
        move = now.long_stay_at[who]
        change = self.calendar.edges[year + 1]
        change = np.minimum(change, np.where(move > at, move, np.inf))
        since = at - now.discharged_at[who]
        # A year after the last discharge nothing of it is left.
        is_after = since < _PHASES[-1]
        special = np.flatnonzero(is_after | (at >= move))
        factors, relapse = self._factors(who[special], at[special], since[special])
        hazards[special, _ACUTE] += relapse
        hazards[special] *= factors
        after = np.flatnonzero(is_after)
        change[after] = np.minimum(
            change[after], self._next_phase(who[after], at[after], since[after])
        )
        return hazards, change

    def _factors(self, who: Ints, at: Floats, since: Floats) -> tuple[Floats, Floats]:
        """What a discharge and a nursing home do to the four hazards: factors, shape (m, 4), and
        what the relapse adds to the first one before. since: seconds after the discharge.
        """
        p, now = self.parameters, self.now
        phase = passed(_PHASES, since)
        is_recent = since < FOLLOWED_DAYS * DAY
        in_long_stay = at >= now.long_stay_at[who]
        log_effect = now.surge[who] * np.array([*p.surge_fade, 0, 0])[phase]
        log_effect += now.prior[who] * (phase < len(_PHASES))
        log_effect += p.short_stay_hazard * (at < now.sheltered_until[who])
        log_effect += p.home_nursing_hazard * (now.is_nursed[who] & is_recent)
        log_effect += p.long_stay_admission * in_long_stay
        is_followed = (at >= now.protected_at[who]) & is_recent
        log_effect += np.log(p.followup_hazard_ratio) * is_followed
        soon, later = p.death_after_discharge
        after = np.array([soon, soon, later, 0, 0])[phase] + p.death_long_stay * in_long_stay
        factors = np.empty((len(who), 4))
        factors[:, _ACUTE] = np.exp(log_effect)
        factors[:, _PLANNED] = np.where(in_long_stay, np.exp(p.long_stay_admission), 1)
        factors[:, _KAD] = ~in_long_stay
        factors[:, _DEATH] = np.exp(after)
        return factors, now.relapse_hazard[who] * (phase < _RELAPSE_PHASES)

    def _next_phase(self, who: Ints, at: Floats, since: Floats) -> Floats:
        """The next second at which an effect of the last discharge begins or ends."""
        now = self.now
        phase = passed(_PHASES, since)
        change = now.discharged_at[who] + np.append(_PHASES, np.inf)[phase]
        for moment in (now.protected_at, now.sheltered_until):
            later = moment[who]
            change = np.minimum(change, np.where(later > at, later, np.inf))
        return change

    def _meet(self, who: Ints, hazards: Floats) -> None:
        """Let each of `who` have the event whose kind falls out in proportion to its hazard."""
        now = self.now
        kind = _pick(hazards, self.draws.at(who, now.turn[who]).uniform(Purpose.KIND))
        dies = who[kind == _DEATH]
        now.died[dies] = now.at[dies].astype(np.int64)
        goes_to_kad = kind == _KAD
        if goes_to_kad.any():
            self._kad_stay(who[goes_to_kad])
        is_admitted = kind < _KAD
        if is_admitted.any():
            admitted = who[is_admitted]
            came_from = np.full(len(admitted), FROM_HOME, dtype=np.int8)
            self._admit(admitted, kind[is_admitted] == _PLANNED, came_from)

    def _kad_stay(self, who: Ints) -> None:
        """One to four days; some go on to hospital the same hour."""
        now = self.now
        start, lots = now.at[who], self.draws.at(who, now.turn[who])
        days = 0.7 + lots.exponential(Purpose.LENGTH)
        end = start + np.floor(np.minimum(days, 5) * DAY)
        self.kad_stays.append(KadStays(who.astype(np.int32), start, end))
        now.at[who] = end
        now.free_at[who] = end
        now.turn[who] += 1
        now.left[who] = self.draws.at(who, now.turn[who]).exponential(Purpose.WAIT)
        worse = lots.uniform(Purpose.AFTER_KAD) < self.parameters.kad_to_hospital
        if worse.any():
            sent = who[worse]
            came_from = np.full(len(sent), FROM_KAD, dtype=np.int8)
            self._admit(sent, np.zeros(len(sent), dtype=bool), came_from)

    def _admit(self, who: Ints, is_planned: Bools, came_from: NDArray[np.int8]) -> None:
        """A whole hospital stay; afterwards the person stands at its end."""
        now, draws = self.now, self.draws
        year = self.calendar.year_of(now.at[who])
        lots = draws.at(who, now.turn[who])
        state = self._state(who, year)
        rates = self.hazards.each(self.health, who, state)[:, : self.hazards.causes]
        cause = self._cause(who, lots, rates, is_planned)
        start = self._arrival(who, lots, is_planned)
        in_long_stay = start >= now.long_stay_at[who]
        has_home_nursing = self.needs.home_nursing[year, who] & ~in_long_stay
        patients = Patients(
            who=who,
            lots=lots,
            start=start,
            cause=cause,
            is_planned=is_planned,
            state=state,
            in_long_stay=in_long_stay,
            has_home_nursing=has_home_nursing,
            long_stay_need=self.needs.long_stay[year, who],
        )
        outcome = end_of_stay(self.health, patients)
        # Nobody dies in the burn-in year; a stay that reaches into the window may end so.
        outcome = replace(outcome, is_fatal=outcome.is_fatal & (outcome.end >= 0))
        own = rates[np.arange(len(who)), cause].astype(np.float64)
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
        now.left[who] = self.draws.at(who, now.turn[who]).exponential(Purpose.WAIT)

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
                code_draw=patients.lots.uniform(Purpose.CODE),
                conditions=patients.state.conditions,
                frailty=patients.state.frailty,
                age=patients.state.age,
                acute_hazard=(self.standing[year, who, _ACUTE] + now.relapse_hazard[who])
                * np.exp(log_effect),
                surge=now.surge[who],
                death_hazard=self.standing[year, who, _DEATH] * np.exp(p.death_after_discharge[0]),
                follow_log_odds=outcome.follow_log_odds,
            )
        )

    def _state(self, who: Ints, year: Ints) -> State:
        return self.health.with_acquired(self.states.take((year, who)), self.now.acquired[who])

    def _cause(self, who: Ints, lots: Lots, rates: NDArray[np.float32], is_planned: Bools) -> Ints:
        """The cause in proportion to its hazard, among the acute or the planned ones.

        rates: shape (m, causes).
        """
        now = self.now
        weights = rates * (self.hazards.acute != is_planned[:, None])
        again = now.relapse_cause[who]
        is_near = (again >= 0) & (now.at[who] - now.discharged_at[who] < _RELAPSED) & ~is_planned
        near = np.flatnonzero(is_near)
        weights[near, again[near]] += now.relapse_hazard[who[near]]
        return _pick(weights, lots.uniform(Purpose.CAUSE))

    def _arrival(self, who: Ints, lots: Lots, is_planned: Bools) -> Floats:
        """Planned patients come the next morning, acute ones mostly by day and evening."""
        at, lot = self.now.at[who], lots.uniform(Purpose.ARRIVAL)
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
            self.standing[later, affected] = self.hazards.totals(self.health, affected, state)
            if later == 0:
                self.standing[0, affected, _DEATH] = 0

    def _hospitals(
        self, patients: Patients, end: Floats
    ) -> tuple[NDArray[np.int8], NDArray[np.int8], Floats, Floats]:
        """Where the stay begins, and where a transfer takes it (-1, with nan, without one)."""
        p, lots, count = self.parameters, patients.lots, self.hospitals
        who, start, cause = patients.who, patients.start, patients.cause
        bydel = self.health.residents.bydel[who]
        home = self.homes.at(bydel, start)
        regional = np.array([c.regional for c in p.causes])[cause]
        regional = regional * np.where((home == AHUS) & (count == TRUSTS), _MOVED_LATER, 1)
        away = logistic(p.elsewhere + p.elsewhere_distance * np.array(p.distance)[bydel])
        away = np.where(patients.is_planned, away / 2, away)
        lot = lots.uniform(Purpose.HOSPITAL)
        hospital = np.where((lot < regional) & (home != OUS), OUS, home)
        # The upper end of the same number, spread over the other hospitals.
        goes_away = (1 - lot < away) & (count > 1)
        step = 1 + np.floor((1 - lot) / away * (count - 1)).astype(np.int64)
        hospital = np.where(goes_away, (home + step) % count, hospital)

        transfer = np.array([c.transfer for c in p.causes])[cause]
        lot = lots.uniform(Purpose.TRANSFER)
        is_moved = (lot < transfer) & (count > 1) & (end - start > 20 * 3600)
        second = np.where(hospital != OUS, OUS, np.where(home != OUS, home, count - 1))
        place = lots.uniform(Purpose.TRANSFER_TIME)
        leaves = start + np.floor((end - start) * (0.1 + 0.5 * place))
        arrives = leaves + 1200 + np.floor(place * 100 % 1 * 9600)
        return (
            hospital.astype(np.int8),
            np.where(is_moved, second, -1).astype(np.int8),
            np.where(is_moved, leaves, np.nan),
            np.where(is_moved, arrives, np.nan),
        )


def _pick(weights: NDArray[np.floating], lot: Floats) -> Ints:
    """The column of each row in which `lot` falls, uniform over (0, 1) and in due proportion."""
    edges = np.cumsum(weights, axis=1, dtype=np.float64)
    return (lot[:, None] * edges[:, -1:] >= edges[:, :-1]).sum(axis=1)


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
