"""The end of a hospital stay: when, where to, and what protects the person afterwards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.events import DAY
from synthetic.model.draws import Lots, Purpose
from synthetic.model.health import Health, State
from synthetic.model.parameters import Parameters

HOUR = 3_600
HOME, NURSING_HOME = 1, 11
EARLY_DAYS, FOLLOWED_DAYS = 7, 30
"""A follow-up by day 7 after discharge protects until day 30."""
VISIT_HOUR = 10

_SHORTEST_STAY = 3 * HOUR
_SHORT_STAY_FROM, _NURSING_FROM = 70, 67
_NEVER = np.inf

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]


def logistic(log_odds: NDArray[np.floating] | float) -> Floats:
    return 1 / (1 + np.exp(-np.asarray(log_odds, dtype=np.float64)))


@dataclass(frozen=True)
class Patients:
    """The persons who are in hospital in one step of the simulation; arrays of shape (m,).

    lots: the person's own random numbers of this turn; start: second of admission; in_long_stay:
    lives in a nursing home; has_home_nursing: before the stay; long_stay_need: above the threshold.
    """

    who: Ints
    lots: Lots
    start: Floats
    cause: Ints
    is_planned: NDArray[np.bool_]
    state: State
    in_long_stay: NDArray[np.bool_]
    has_home_nursing: NDArray[np.bool_]
    long_stay_need: NDArray[np.float32]


@dataclass(frozen=True)
class Outcome:
    """Arrays of shape (m,); seconds. ready_at: NaN if not reported; follow_at: inf if none.

    short_stay_days, nursing_days: of a short-term stay or home nursing that the discharge starts,
    0 if none. follow_log_odds: of follow-up within 7 days; NaN where none is due.
    """

    end: Floats
    is_fatal: NDArray[np.bool_]
    is_ready: NDArray[np.bool_]
    ready_at: Floats
    went_to: NDArray[np.int8]
    enters_long_stay: NDArray[np.bool_]
    short_stay_days: Floats
    nursing_days: Floats
    follow_at: Floats
    follow_log_odds: Floats


def end_of_stay(health: Health, patients: Patients) -> Outcome:
    """Length, death, readiness, waiting for the municipality, destination and follow-up."""
    p, of_cause = health.parameters, health.of_cause
    who, state = patients.who, patients.state
    chance, exponential = patients.lots.uniform, patients.lots.exponential
    decades = (state.age - 75) / 10
    mean = of_cause["days"][patients.cause] * p.days_scale * np.exp(p.days_frailty * state.frailty)
    mean *= np.where(state.age < 60, p.days_young, 1)
    scatter = patients.lots.normal((Purpose.LENGTH, Purpose.LENGTH_ANGLE))
    length = mean * DAY * np.exp(p.days_spread * scatter - p.days_spread**2 / 2)
    length = np.maximum(np.minimum(length, 120 * DAY), _SHORTEST_STAY)

    log_odds = of_cause["death"][patients.cause] + p.hospital_death_age * decades
    is_fatal = chance(Purpose.DEATH) < logistic(log_odds + p.hospital_death_frailty * state.frailty)

    lives_alone = health.residents.lives_alone[who]
    bydel = health.residents.bydel[who]
    log_odds = (
        p.ready
        + p.ready_age * decades
        + p.ready_frailty * state.frailty
        + p.ready_alone * lives_alone
        + p.ready_planned * patients.is_planned
        + of_cause["ready"][patients.cause]
    )
    is_ready = (chance(Purpose.READY) < logistic(log_odds)) & ~is_fatal
    log_odds = p.overstay + p.overstay_frailty * state.frailty
    log_odds = log_odds + np.array(p.overstay_bydel)[bydel]
    waits = is_ready & ~patients.in_long_stay
    waits &= chance(Purpose.OVERSTAY) < logistic(log_odds)
    # Whole days: the next whole number above an exponential has the mean asked for.
    scale = -1 / np.log1p(-1 / p.overstay_days)
    days_over = np.ceil(scale * exponential(Purpose.OVERSTAY_DAYS)) * waits

    ready_at, end = _clock(patients.start, length, days_over, chance(Purpose.HOUR), is_ready)
    end = np.where(is_fatal, np.floor(patients.start + length), end)

    goes_on = ~is_fatal & ~patients.in_long_stay
    bump = p.long_stay_discharge * is_ready
    enters = goes_on & is_ready & (patients.long_stay_need + bump > 0)
    log_odds = p.short_stay + p.short_stay_frailty * state.frailty + p.short_stay_ready * is_ready
    destination = chance(Purpose.DESTINATION)
    to_short_stay = goes_on & ~enters & (state.age >= _SHORT_STAY_FROM)
    to_short_stay &= destination < logistic(log_odds)
    # The upper end of the same number: nobody gets both.
    log_odds = p.new_home_nursing + p.new_home_nursing_frailty * state.frailty
    nursed = goes_on & ~enters & ~to_short_stay & (state.age >= _NURSING_FROM)
    nursed &= ~patients.has_home_nursing & (1 - destination < logistic(log_odds))
    weeks = exponential(Purpose.SHORT_STAY_DAYS)
    is_home = goes_on & ~enters & ~to_short_stay

    log_odds = (
        p.followup_7
        + p.followup_7_boost * (end >= health.here_from[who])  # a scenario begins here and now
        + p.followup_frailty * state.frailty
        + p.followup_alone * lives_alone
        + p.followup_home_nursing * (patients.has_home_nursing | nursed)
        + np.array(p.followup_bydel)[bydel]
    )
    in_nursing_home = ~is_fatal & ~is_home
    return Outcome(
        end=end,
        is_fatal=is_fatal,
        is_ready=is_ready,
        ready_at=np.where(is_ready, ready_at, np.nan),
        went_to=np.where(in_nursing_home, NURSING_HOME, HOME).astype(np.int8),
        enters_long_stay=enters,
        short_stay_days=np.where(to_short_stay, np.ceil(7 + 12 * weeks), 0),
        nursing_days=np.where(nursed, np.ceil(14 + 30 * weeks), 0),
        follow_at=np.where(is_home, _follow_up(p, patients.lots, end, log_odds), _NEVER),
        follow_log_odds=np.where(is_home, log_odds, np.nan),
    )


def _clock(
    start: Floats, length: Floats, days_over: Floats, hour: Floats, is_ready: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """The moment reported ready and the discharge, at decent hours of the day.

    Reported ready between 8 and 13, home between 10 and 17; a stay of hours ends at any hour.
    """
    medical_end = start + length
    midnight = np.floor(medical_end / DAY) * DAY
    is_short = ~is_ready & (length < 0.75 * DAY)
    ready_at = np.maximum(midnight + 8 * HOUR + np.floor(hour * 5 * HOUR), start + 2 * HOUR)
    home_at = np.maximum(midnight + 10 * HOUR + np.floor(hour * 7 * HOUR), start + _SHORTEST_STAY)
    end = np.where(is_short, np.floor(medical_end), home_at + days_over * DAY)
    return ready_at, np.where(is_ready, np.maximum(end, ready_at), end)


def _follow_up(p: Parameters, lots: Lots, end: Floats, log_odds: Floats) -> Floats:
    """Second of the GP's follow-up: in days 1-7, 8-14 or 15-30 after discharge, or never."""
    place = lots.uniform(Purpose.FOLLOW_UP_DAY)
    in_7 = lots.uniform(Purpose.FOLLOW_UP_7) < logistic(log_odds)
    in_14 = lots.uniform(Purpose.FOLLOW_UP_14) < logistic(p.followup_14)
    in_30 = lots.uniform(Purpose.FOLLOW_UP_30) < logistic(p.followup_30)
    day = np.where(in_30, 15 + np.floor(place * 16), _NEVER)
    week = np.floor(place * 7)
    day = np.where(in_7, 1 + week, np.where(in_14, 8 + week, day))
    return np.floor(end / DAY) * DAY + day * DAY + VISIT_HOUR * HOUR
