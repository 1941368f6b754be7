"""The course of every person through hospital and death: competing, piecewise constant hazards.

All persons of a shard move together. A round takes each one to its next event, over all points
where a hazard changes on the way; who has none before the end of the window leaves the round. The
time to an event is drawn once, as an exponential, and used up by the hazards on the way: that
inverts the piecewise constant hazard exactly, and a lower hazard always means a later event.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

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
from synthetic.model.health import BURN_IN_DAYS, Hazards, State, passed
from synthetic.model.persons import Persons

FROM_HOME, FROM_KAD = 1, 21
ACUTE, PLANNED = 1, 4
_ACUTE, _PLANNED, _KAD, _DEATH = range(4)  # the hazards of a person
_PHASES: Final = np.array([7, 30, 90, 365], dtype=np.float64) * DAY
_RELAPSE_PHASES: Final = 3
_RELAPSED: Final = _PHASES[_RELAPSE_PHASES - 1]
_NEVER_BEFORE: Final = -1e15
_REMEMBERED: Final = 3
_MEMORY: Final = 365 * DAY
_EVERY: Final = 4
"""Rounds between two draws of persons anew: few of many each, which is quicker."""
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


@dataclass(frozen=True)
class _Event(Columns):
    """The next event of some persons; hazards: of the four kinds then, shape (m, 4)."""

    who: Ints
    at: Floats
    hazards: NDArray[np.floating]


@dataclass(frozen=True)
class _Stays(Columns):
    """What is known of an episode when it ends: fields as in Episodes; turn: of its lots."""

    person: NDArray[np.int32]
    turn: NDArray[np.uint32]
    cause: NDArray[np.int8]
    is_planned: Bools
    start: Floats
    end: Floats
    is_fatal: Bools
    ready_at: Floats
    came_from: NDArray[np.int8]
    went_to: NDArray[np.int8]
    short_stay_days: Floats
    nursing_days: Floats
    follow_at: Floats
    conditions: NDArray[np.uint32]
    frailty: NDArray[np.float32]
    age: NDArray[np.float32]
    acute_hazard: Floats
    surge: Floats
    death_hazard: Floats
    follow_log_odds: Floats


@dataclass(frozen=True)
class _Journey(Columns):
    """Where each person of the shard is now; arrays of shape (n,), changed step by step."""

    at: Floats
    turn: NDArray[np.uint32]
    left: Floats
    discharged_at: Floats
    free_at: Floats
    surge: Floats
    prior: Floats
    relapse_cause: NDArray[np.int8]
    relapse_hazard: Floats
    protected_at: Floats
    sheltered_until: Floats
    is_nursed: Bools
    long_stay_at: Floats
    acquired: NDArray[np.uint32]
    acquired_before: NDArray[np.uint32]
    recent: Floats
    died: Ints

    @classmethod
    def of(cls, persons: Persons, draws: Draws, who: Ints, turn: NDArray[np.uint32]) -> "_Journey":
        """The beginning: a year before each of `who` lives here in the window, or at birth."""
        count, health = len(who), persons.health
        begins = np.maximum(health.here_from[who] - BURN_IN_DAYS * DAY, health.born_at[who])
        return cls(
            at=begins.astype(np.float64),
            turn=turn,
            left=draws.at(who, turn).exponential(Purpose.WAIT),
            discharged_at=np.full(count, _NEVER_BEFORE),
            free_at=np.full(count, _NEVER_BEFORE),
            surge=np.zeros(count),
            prior=np.zeros(count),
            relapse_cause=np.full(count, -1, dtype=np.int8),
            relapse_hazard=np.zeros(count),
            protected_at=np.full(count, np.inf),
            sheltered_until=np.full(count, _NEVER_BEFORE),
            is_nursed=np.zeros(count, dtype=bool),
            long_stay_at=persons.needs.long_stay_at[who],
            acquired=np.zeros(count, dtype=np.uint32),
            acquired_before=np.zeros(count, dtype=np.uint32),
            recent=np.full((count, _REMEMBERED), _NEVER_BEFORE),
            died=np.full(count, NEVER),
        )

    def put(self, who: Ints, other: "_Journey") -> None:
        for name, values in vars(other).items():
            getattr(self, name)[who] = values


class _Simulation:
    def __init__(
        self, persons: Persons, *, hospitals: int, draws: Draws, survivors: np.random.Generator
    ) -> None:
        self.persons, self.calendar, self.draws = persons, persons.calendar, draws
        self.health, self.needs, self.states = persons.health, persons.needs, persons.states
        self.parameters, self.hospitals = persons.health.parameters, hospitals
        self.survivors = survivors
        self.homes = Homes(hospitals, persons.window.first_day)
        self.hazards = Hazards(self.parameters)
        everyone = np.arange(len(self.health))
        self.now = _Journey.of(persons, draws, everyone, np.zeros(len(everyone), np.uint32))
        # (year, 4, person): acute admission, planned admission, KAD, death; events a second.
        years = self.states.by_year
        self.standing = np.stack([self.hazards.totals(self.health, everyone, s) for s in years])
        self.stays: list[_Stays] = []
        self.kad_stays: list[KadStays] = []
        # How many entries of the two lists are of a life that did not last until it was needed.
        self.void = np.zeros((2, len(everyone)), dtype=np.int64)

    def run(self) -> Course:
        now, end = self.now, self.calendar.edges[-1]
        # An event of nobody: without events the columns still have their types.
        nobody = np.empty(0, dtype=np.int64)
        self._kad_stay(nobody)
        self._admit(nobody, nobody < 0, nobody.astype(np.int8))
        moves = np.isfinite(now.long_stay_at)
        first, movers = self._first_events(~moves), self._next_events(np.flatnonzero(moves))
        event, lost, step = _Event.join([first, movers]), [nobody], 0
        while len(event) or len(lost) > 1:
            now.at[event.who] = event.at
            self._meet(event)
            goes_on = (now.at[event.who] < end) & (now.died[event.who] == NEVER)
            follow = event.who[goes_on]
            # Whoever is to live here has lived until then. Who has not, in both worlds of a
            # scenario alike since it begins later, makes room for another.
            dead = event.who[now.died[event.who] < self.health.here_from[event.who]]
            lost += [dead] if len(dead) else []
            step += 1
            if len(lost) > 1 and step % _EVERY == 0:
                who = np.sort(np.concatenate(lost))
                self._begin_anew(who)
                follow, lost = np.concatenate([follow, who]), [nobody]
            event = self._next_events(follow)
        return Course(
            episodes=self._episodes(_Stays.join(_lasting(self.stays, self.void[0]))),
            kad=KadStays.join(_lasting(self.kad_stays, self.void[1])),
            died=now.died,
            long_stay_at=now.long_stay_at,
            acquired_before=now.acquired_before,
        )

    def _begin_anew(self, who: Ints) -> None:
        """Another person in the place of each of `who`, from the beginning."""
        self.persons.draw_anew(self.survivors, who)
        turn = self.now.turn[who] + np.uint32(1)
        self.now.put(who, _Journey.of(self.persons, self.draws, who, turn))
        self.void[:, who] = [[len(self.stays)], [len(self.kad_stays)]]
        for year in range(self.calendar.years):
            totals = self.hazards.totals(
                self.health, who, self._state(who, np.full(len(who), year))
            )
            self.standing[year][:, who] = totals

    def _first_events(self, asked: Bools) -> "_Event":
        """The first event of the persons `asked`, for whom no hazard changes but with the year."""
        now, edges = self.now, self.calendar.edges
        left, at, year_of = now.left.copy(), now.at.copy(), np.full(len(asked), -1, dtype=np.int8)
        for year, (begin, end) in enumerate(pairwise(edges)):
            start = np.maximum(now.at, begin)
            total = self.standing[year].sum(axis=0, dtype=np.float64)
            moment = start + np.floor(left / total) + 1
            happens = (moment < end) & (year_of < 0)
            at[happens] = moment[happens]
            year_of[happens] = year
            left -= total * np.maximum(end - start, 0)
        who = np.flatnonzero(asked & (year_of >= 0) & (now.at < edges[-1]))
        hazards = self.standing[year_of[who], :, who].T
        return _Event(who, at[who], np.ascontiguousarray(hazards, dtype=np.float64).T)

    def _next_events(self, who: Ints) -> "_Event":
        """The next event of each of `who`, without those who have none before the end."""
        begins = self._changes(who)
        ends = np.concatenate([begins[1:], np.full((1, len(who)), self.calendar.edges[-1])])
        hazards = self._ahead(who, begins)
        total = hazards.sum(axis=0)
        spent = total * (ends - begins)
        left = self.now.left[who] - np.cumsum(spent, axis=0) + spent
        event = begins + np.floor(left / total) + 1
        happens = event < ends
        chosen = np.flatnonzero(happens.any(axis=0))
        place = np.argmax(happens[:, chosen], axis=0)
        return _Event(who[chosen], event[place, chosen], hazards[:, place, chosen].T)

    def _changes(self, who: Ints) -> Floats:
        """Now and the seconds at which a hazard may change until the end; (changes, m), in order.

        A year begins, an effect of the last discharge begins or ends, a nursing home takes one in.
        """
        now, edges = self.now, self.calendar.edges
        at = now.at[who]
        changes = np.concatenate(
            [
                at[None],
                np.broadcast_to(edges[1:-1, None], (len(edges) - 2, len(who))),
                now.discharged_at[who] + _PHASES[:, None],
                [now.long_stay_at[who], now.protected_at[who], now.sheltered_until[who]],
            ]
        )
        np.clip(changes, at, edges[-1], out=changes)
        changes.sort(axis=0)
        return changes

    def _ahead(self, who: Ints, at: Floats) -> NDArray[np.floating]:
        """The four hazards of each person at its moments `at`; (4, changes, m), events a second.

        What a discharge and a nursing home do to them, on top of the year's.
        """
        p, now = self.parameters, self.now
        year = passed(self.calendar.edges[1:-1], at)
        place, standing = year * (4 * len(who)) + np.arange(len(who)), self.standing[:, :, who]
        acute, planned, kad, death = (standing.take(place + kind * len(who)) for kind in range(4))
        since = at - now.discharged_at[who]
        phase = passed(_PHASES, since)
        is_recent = since < FOLLOWED_DAYS * DAY
        in_long_stay = at >= now.long_stay_at[who]
        is_followed = (at >= now.protected_at[who]) & is_recent
        log_effect = now.surge[who] * np.array([*p.surge_fade, 0, 0])[phase]
        log_effect += now.prior[who] * (phase < len(_PHASES))
        log_effect += p.short_stay_hazard * (at < now.sheltered_until[who])
        log_effect += p.home_nursing_hazard * (now.is_nursed[who] & is_recent)
        log_effect += p.long_stay_admission * in_long_stay
        log_effect += np.log(p.followup_hazard_ratio) * is_followed
        relapse = now.relapse_hazard[who] * (phase < _RELAPSE_PHASES)
        soon, later = p.death_after_discharge
        after = np.exp([soon, soon, later, 0, 0])[phase]
        return np.stack(
            [
                (acute + relapse) * np.exp(log_effect),
                planned * np.where(in_long_stay, np.exp(p.long_stay_admission), 1),
                kad * ~in_long_stay,
                death * after * np.where(in_long_stay, np.exp(p.death_long_stay), 1),
            ]
        )

    def _meet(self, event: "_Event") -> None:
        """Let each person have the event whose kind falls out in proportion to its hazard."""
        now, who = self.now, event.who
        kind = _pick(event.hazards, self.draws.at(who, now.turn[who]).uniform(Purpose.KIND))
        dies = who[kind == _DEATH]
        now.died[dies] = now.at[dies].astype(np.int64)
        sent = self._kad_stay(who[kind == _KAD])
        is_admitted = kind < _KAD
        admitted = np.concatenate([who[is_admitted], sent])
        if len(admitted):
            came_from = np.full(len(admitted), FROM_HOME, dtype=np.int8)
            came_from[len(admitted) - len(sent) :] = FROM_KAD
            is_planned = np.concatenate([kind[is_admitted] == _PLANNED, np.zeros(len(sent), bool)])
            self._admit(admitted, is_planned, came_from)

    def _kad_stay(self, who: Ints) -> Ints:
        """One to four days; returned are those who go on to hospital the same hour."""
        now = self.now
        start, lots = now.at[who], self.draws.at(who, now.turn[who])
        days = 0.7 + lots.exponential(Purpose.LENGTH)
        end = start + np.floor(np.minimum(days, 5) * DAY)
        self.kad_stays.append(KadStays(who.astype(np.int32), start, end))
        now.at[who] = end
        now.free_at[who] = end
        now.turn[who] += 1
        now.left[who] = self.draws.at(who, now.turn[who]).exponential(Purpose.WAIT)
        return who[lots.uniform(Purpose.AFTER_KAD) < self.parameters.kad_to_hospital]

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
        p, of_cause, state = self.parameters, self.health.of_cause, patients.state
        surge = of_cause["surge"][patients.cause]
        by_decade = of_cause["surge_age"][patients.cause]
        place = np.array(p.practice_surge)[sector(self.health.residents.bydel[patients.who])]
        waited = np.floor(outcome.end / DAY) > np.floor(outcome.ready_at / DAY)
        surge = surge + by_decade * (state.age - 75) / 10 + p.surge_frailty * state.frailty + place
        surge += p.surge_ready * outcome.is_ready + p.surge_overstay * waited
        return p.surge_is_on * surge

    def _record(
        self, patients: Patients, outcome: Outcome, year: Ints, came_from: NDArray[np.int8]
    ) -> None:
        now, p, who = self.now, self.parameters, patients.who
        in_long_stay = outcome.end >= now.long_stay_at[who]
        log_effect = now.prior[who] + p.home_nursing_hazard * now.is_nursed[who]
        log_effect += p.long_stay_admission * in_long_stay
        from_nursing_home = patients.in_long_stay & (came_from == FROM_HOME)
        standing = self.standing[year, :, who]
        self.stays.append(
            _Stays(
                person=who.astype(np.int32),
                turn=now.turn[who] - np.uint32(1),
                cause=patients.cause.astype(np.int8),
                is_planned=patients.is_planned,
                start=patients.start,
                end=outcome.end,
                is_fatal=outcome.is_fatal,
                ready_at=outcome.ready_at,
                came_from=np.where(from_nursing_home, NURSING_HOME, came_from).astype(np.int8),
                went_to=outcome.went_to,
                short_stay_days=outcome.short_stay_days,
                nursing_days=outcome.nursing_days,
                follow_at=outcome.follow_at,
                conditions=patients.state.conditions,
                frailty=patients.state.frailty,
                age=patients.state.age,
                acute_hazard=(standing[:, _ACUTE] + now.relapse_hazard[who]) * np.exp(log_effect),
                surge=now.surge[who],
                death_hazard=standing[:, _DEATH] * np.exp(p.death_after_discharge[0]),
                follow_log_odds=outcome.follow_log_odds,
            )
        )

    def _episodes(self, stays: "_Stays") -> Episodes:
        """What nothing later hangs on is drawn here, for all stays together."""
        columns = vars(stays).copy()
        lots = self.draws.at(stays.person, columns.pop("turn"))
        hospital, second, leaves, arrives = self._hospitals(stays, lots)
        return Episodes(
            **columns,
            hospital=hospital,
            second_hospital=second,
            leaves=leaves,
            arrives=arrives,
            code_draw=lots.uniform(Purpose.CODE),
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
        new = self.health.of_cause["acquires"][cause] & ~now.acquired[who]
        gains = np.flatnonzero(new)
        if not len(gains):
            return
        now.acquired[who[gains]] |= new[gains]
        early = gains[year[gains] == 0]
        now.acquired_before[who[early]] |= new[early]
        # Each of them in this year and every later one.
        later = np.arange(self.calendar.years) >= year[gains, None]
        gain, year = np.nonzero(later)
        who = who[gains[gain]]
        totals = self.hazards.totals(self.health, who, self._state(who, year))
        self.standing[year, :, who] = totals.T

    def _hospitals(
        self, stays: "_Stays", lots: Lots
    ) -> tuple[NDArray[np.int8], NDArray[np.int8], Floats, Floats]:
        """Where the stay begins, and where a transfer takes it (-1, with nan, without one)."""
        p, count, of_cause = self.parameters, self.hospitals, self.health.of_cause
        start, end = stays.start, stays.end
        bydel = self.health.residents.bydel[stays.person]
        home = self.homes.at(bydel, start)
        regional = of_cause["regional"][stays.cause]
        regional = regional * np.where((home == AHUS) & (count == TRUSTS), _MOVED_LATER, 1)
        away = logistic(p.elsewhere + p.elsewhere_distance * np.array(p.distance)[bydel])
        away = np.where(stays.is_planned, away / 2, away)
        lot = lots.uniform(Purpose.HOSPITAL)
        hospital = np.where((lot < regional) & (home != OUS), OUS, home)
        # The upper end of the same number, spread over the other hospitals.
        goes_away = (1 - lot < away) & (count > 1)
        step = 1 + np.floor((1 - lot) / away * (count - 1)).astype(np.int64)
        hospital = np.where(goes_away, (home + step) % count, hospital)

        transfer = of_cause["transfer"][stays.cause]
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


_Record = TypeVar("_Record", _Stays, KadStays)


def _lasting(parts: list[_Record], void: Ints) -> list[_Record]:
    """The parts without the rows of lives given up: of each person, those of the first `void`."""
    last = int(void.max(initial=0))
    kept = [part.take(number >= void[part.person]) for number, part in enumerate(parts[:last])]
    return kept + parts[last:]


def simulate_course(
    persons: Persons, *, hospitals: int, draws: Draws, survivors: np.random.Generator
) -> Course:
    """Every inpatient episode, KAD stay, nursing-home admission and death until the window's end.

    Episodes of the burn-in year are there too, and one that lasts on when the window ends has its
    true end. Who dies before the window begins, or before moving in, is drawn anew in `persons`,
    from `survivors`, until somebody lives.
    """
    return _Simulation(persons, hospitals=hospitals, draws=draws, survivors=survivors).run()
