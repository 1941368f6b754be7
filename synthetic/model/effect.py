"""The known effect of a scenario: what an analysis of the registers ought to find.

`true_effect` needs no simulated readmission: it takes the discharges as they came and works out
from the hazards how much less likely an acute admission within 30 days is when follow-up within
7 days is as likely as the scenario makes it. `measured` counts what happened instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.events import DAY
from synthetic.model.discharge import EARLY_DAYS, FOLLOWED_DAYS, VISIT_HOUR, logistic
from synthetic.model.hospital import Course, Episodes
from synthetic.model.parameters import Parameters, parameters_for
from synthetic.model.shard import Shard, live

_WINDOW: Final = FOLLOWED_DAYS * DAY
_FROM_AGE: Final = 75.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """difference: scenario less baseline, of the share readmitted; with its standard error."""

    baseline: float
    scenario: float
    difference: float
    standard_error: float


def true_effect(shard: Shard, scenario: str, from_age: float = _FROM_AGE) -> float:
    """Change of the 30-day readmission risk, mean over the shard's discharges; negative is better.

    The discharges: of each person of `from_age` and over the first one alive in the window, 30 days
    or more before its end. A scenario begins with the window, so they are the same persons in the
    same state in both worlds. Later discharges are not: who is readmitted less is discharged less,
    and those are the frail, so that the crude rate of all stays falls somewhat more than this.
    Not taken into account: a planned admission or 1 January in the 30 days.
    Raises ValueError for an unknown scenario.
    """
    boost = parameters_for(scenario).followup_7_boost - shard.parameters.followup_7_boost
    course = live(shard).course
    index = _index(course.episodes, shard, from_age)
    return float(_change(course.episodes.take(index), shard.parameters, boost).mean())


def measured(shards: Sequence[Shard], scenario: str, from_age: float = _FROM_AGE) -> Measured:
    """The same change, counted in simulations of both worlds from the same random numbers.

    Raises ValueError for an unknown scenario.
    """
    after = parameters_for(scenario).followup_7_boost
    stays, readmitted = [], []
    for shard in shards:
        other = replace(shard.parameters, followup_7_boost=after)
        worlds = [shard, replace(shard, parameters=other)]
        counts = [_counts(live(world).course, world, from_age) for world in worlds]
        stays.append(np.stack([x for x, _ in counts]))
        readmitted.append(np.stack([y for _, y in counts]))
    x, y = np.concatenate(stays, axis=1), np.concatenate(readmitted, axis=1)
    share = y.sum(axis=1) / x.sum(axis=1)
    # Ratio estimator, linearised; a person's stays in both worlds go together.
    residual = (y - share[:, None] * x) / x.sum(axis=1)[:, None]
    spread = residual[1] - residual[0]
    error = float(np.sqrt((spread**2).sum()))
    return Measured(float(share[0]), float(share[1]), float(share[1] - share[0]), error)


def _index(episodes: Episodes, shard: Shard, from_age: float) -> NDArray[np.bool_]:
    e = episodes
    in_time = (e.end >= 0) & (e.end < shard.window.seconds - _WINDOW)
    index = in_time & ~e.is_fatal & (e.age >= from_age)
    chosen = np.flatnonzero(index)
    order = chosen[np.lexsort((e.end[chosen], e.person[chosen]))]
    _, first = np.unique(e.person[order], return_index=True)
    index[:] = False
    index[order[first]] = True
    return index


def _counts(course: Course, shard: Shard, from_age: float) -> tuple[Floats, Floats]:
    """Index stays, and those followed by an acute admission within 30 days, of each person."""
    e = course.episodes.take(np.lexsort((course.episodes.start, course.episodes.person)))
    acute = np.flatnonzero(~e.is_planned)
    place = np.searchsorted(acute, np.arange(len(e)), side="right")
    has_later = place < len(acute)
    later = acute[np.minimum(place, len(acute) - 1)] if len(acute) else place
    is_readmitted = has_later & (e.person[later] == e.person) & (e.start[later] - e.end < _WINDOW)
    index = _index(e, shard, from_age)
    stays = np.bincount(e.person[index], minlength=shard.persons)
    readmitted = np.bincount(e.person[index & is_readmitted], minlength=shard.persons)
    return stays.astype(np.float64), readmitted.astype(np.float64)


def _change(episodes: Episodes, p: Parameters, boost: float) -> Floats:
    """Of each discharge: more follow-ups times what one follow-up takes off the risk."""
    e = episodes
    due = ~np.isnan(e.follow_log_odds)
    log_odds = np.where(due, e.follow_log_odds, 0.0)
    more = np.where(due, logistic(log_odds + boost) - logistic(log_odds), 0.0)
    never = _risk(e, p, np.full(len(e), np.inf))
    midnight = np.floor(e.end / DAY) * DAY
    days = range(1, EARLY_DAYS + 1)
    visits = [_risk(e, p, midnight + day * DAY + VISIT_HOUR * 3600 - e.end) for day in days]
    return more * (np.mean(visits, axis=0) - never)


def _risk(e: Episodes, p: Parameters, visit: Floats) -> Floats:
    """Chance of an acute admission before death within 30 days; visit: seconds after discharge."""
    week = EARLY_DAYS * float(DAY)
    edges = np.sort(
        np.stack([np.zeros(len(e)), np.minimum(visit, _WINDOW), np.full(len(e), week)]), axis=0
    )
    edges = np.concatenate([edges, np.full((1, len(e)), float(_WINDOW))])
    survives, risk = np.ones(len(e)), np.zeros(len(e))
    for start, end in pairwise(edges):
        fade = np.where(start < week, p.surge_fade[0], p.surge_fade[1])
        acute = e.acute_hazard * np.exp(e.surge * fade)
        acute = acute * np.where(start >= visit, p.followup_hazard_ratio, 1.0)
        total = acute + e.death_hazard
        leaves = 1 - np.exp(-total * (end - start))
        risk += survives * leaves * acute / total
        survives *= 1 - leaves
    return risk
