"""Rates come out of the equations: published ones with them, none without, and a known effect."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from synthetic.events import DAY
from synthetic.model import Parameters, parameters_for, true_effect, without_effects
from synthetic.model.effect import measured
from synthetic.model.shard import Lives, live
from tests.synthetic.model.shards import shard

# Four shards of their own seeds: about 11 000 persons of 75 and over.
SEEDS = range(4)
PERSONS = 45_000
OLD_BEFORE = np.datetime64("1949-01-01")  # 75 in 2023, as a register tells it
YEAR = 365 * DAY


@dataclass(frozen=True)
class Found:
    """Counts over the shards of one world, of those aged 75 and over, in 2023."""

    persons: int
    acute: int
    admissions: int
    days: float
    deaths: int
    stays: dict[str, int]
    readmitted: dict[str, int]
    elsewhere: int

    def share(self, cause: str) -> float:
        return self.readmitted[cause] / self.stays[cause]

    def error(self, cause: str) -> float:
        """One standard error of `share`; persons return, so wider than binomial."""
        share = self.share(cause)
        return 1.3 * float(np.sqrt(share * (1 - share) / self.stays[cause]))


def _find(parameters: Parameters) -> Found:
    worlds = [live(shard(PERSONS, seed=seed, parameters=parameters)) for seed in SEEDS]
    return _count(worlds, parameters)


def _count(worlds: list[Lives], parameters: Parameters) -> Found:
    names = [cause.name for cause in parameters.causes]
    total = dict.fromkeys(("persons", "acute", "admissions", "days", "deaths", "elsewhere"), 0)
    stays, readmitted = dict.fromkeys([*names, "all"], 0), dict.fromkeys([*names, "all"], 0)
    for world in worlds:
        old = world.health.residents.born < OLD_BEFORE
        episodes = world.course.episodes
        e = episodes.take(np.lexsort((episodes.start, episodes.person)))
        mine = old[e.person] & (e.end >= 0) & (e.end < YEAR)
        total["persons"] += int(old.sum())
        total["acute"] += int((mine & ~e.is_planned).sum())
        total["admissions"] += int(mine.sum())
        total["days"] += int((e.end // DAY - e.start // DAY)[mine].sum())
        total["deaths"] += int((old & (world.course.died < YEAR)).sum())
        # The next acute stay of the same person, by a plain loop.
        following = np.full(len(e), -1)
        later = -1
        for place in range(len(e) - 1, -1, -1):
            if later >= 0 and e.person[later] == e.person[place]:
                following[place] = later
            if not e.is_planned[place]:
                later = place
        gap = np.where(following >= 0, e.start[following] // DAY - e.end // DAY, 0)
        is_back = (gap > 0) & (gap < 30)
        dies = world.course.died[e.person] < e.end + 30 * DAY
        index = mine & ~e.is_fatal & (is_back | ~dies)
        last = np.where(e.second_hospital >= 0, e.second_hospital, e.hospital)
        total["elsewhere"] += int((index & is_back & (e.hospital[following] != last)).sum())
        for number, name in enumerate(names):
            stays[name] += int((index & (e.cause == number)).sum())
            readmitted[name] += int((index & is_back & (e.cause == number)).sum())
        stays["all"] += int(index.sum())
        readmitted["all"] += int((index & is_back).sum())
    return Found(**total, stays=stays, readmitted=readmitted)


@pytest.fixture(scope="module")
def found() -> Found:
    return _find(Parameters())


@pytest.fixture(scope="module")
def without() -> Found:
    return _find(without_effects(Parameters()))


def _near(value: float, target: float, error: float) -> bool:
    """Within 10 %, or within what a small population can show."""
    return abs(value - target) <= 0.1 * target + 2 * error


READMISSION = {
    "all": 0.1745,
    "heart_failure": 0.256,
    "copd": 0.291,
    "pneumonia": 0.219,
    "stroke": 0.127,
    "hip_fracture": 0.154,
}


def test_admissions_days_and_deaths_come_out_as_published(found: Found):
    acute, admissions = found.acute / found.persons, found.admissions / found.persons
    assert _near(acute, 0.370, np.sqrt(2 * acute / found.persons))
    assert _near(admissions, 0.497, np.sqrt(2 * admissions / found.persons))
    assert _near(found.days / found.admissions, 4.7, 0.06)
    assert _near(found.deaths / found.persons, 0.055, np.sqrt(0.055 / found.persons))


@pytest.mark.parametrize(("cause", "target"), READMISSION.items())
def test_readmission_comes_out_as_published(found: Found, cause: str, target: float):
    assert _near(found.share(cause), target, found.error(cause))


def test_readmission_is_ordered_by_diagnosis(found: Found):
    assert found.share("copd") > found.share("pneumonia") > found.share("stroke")
    assert found.share("heart_failure") > found.share("hip_fracture")


def test_a_realistic_share_comes_back_to_another_hospital(found: Found):
    assert 0.13 < found.elsewhere / found.readmitted["all"] < 0.22


def test_without_effects_nothing_of_it_is_left(found: Found, without: Found):
    assert without.persons == found.persons
    assert without.acute < 0.5 * found.acute
    assert without.deaths < 0.5 * found.deaths
    for cause in ("all", "heart_failure", "copd", "pneumonia"):
        expected = 0.3 * READMISSION[cause] * without.stays[cause]
        assert without.readmitted[cause] < expected + 2 * np.sqrt(expected)  # of COPD some 25 stays


def test_without_effects_keeps_the_intercepts():
    before, after = Parameters(), without_effects(Parameters())
    assert [cause.rate for cause in after.causes] == [cause.rate for cause in before.causes]
    assert after.gp == before.gp
    assert after.death == before.death
    assert without_effects(after) == after


@pytest.mark.parametrize(
    ("name", "value"),
    [("surge_is_on", 0.0), ("prior_use", 0.0), ("relapse", 1.0), ("condition_frailty", 0.0)],
)
def test_each_effect_carries_part_of_the_readmissions(found: Found, name: str, value: float):
    less = _find(replace(Parameters(), **{name: value}))
    # The worlds share their luck: they differ by less chance than two errors of one of them.
    assert less.share("all") < found.share("all") - 2 * found.error("all")


def test_earlier_followup_has_the_effect_it_is_known_to_have():
    shards = [shard(60_000, seed=seed, years=range(2021, 2024)) for seed in range(20, 23)]
    truth = float(np.mean([true_effect(one, "earlier_followup") for one in shards]))
    seen = measured(shards, "earlier_followup")
    assert -0.02 < truth < -0.002
    assert seen.difference < -3 * seen.standard_error
    assert abs(seen.difference - truth) < 3 * seen.standard_error


def test_a_followup_without_power_has_no_effect():
    powerless = replace(Parameters(), followup_hazard_ratio=1.0)
    one = shard(20_000, parameters=powerless)
    assert true_effect(one, "earlier_followup") == pytest.approx(0, abs=1e-12)
    assert measured([one], "earlier_followup").difference == 0


def test_baseline_is_no_intervention():
    assert true_effect(shard(5_000), "baseline") == 0
    assert parameters_for("baseline") == Parameters()


def test_a_scenario_differs_in_one_coefficient():
    earlier = parameters_for("earlier_followup")
    assert earlier != Parameters()
    assert replace(earlier, followup_7_boost=0.0) == Parameters()
    with pytest.raises(ValueError, match="no scenario 'later'"):
        parameters_for("later")
