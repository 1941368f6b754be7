"""Every target beside what the register files show."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from synthetic.calibration.areas import NAMES
from synthetic.calibration.measure import FrailtyCutOffs, Measured, ServiceCodes, measure
from synthetic.calibration.targets import ASSUMED, Target, targets

STANDARD_ERRORS: Final = 3.7
"""One figure is further out by luck alone once in 4 600 runs: one of all 219 once in twenty."""

PATTERNS: Final = ("bup_referrals", "bup_rejected", "adhd_0_17", "adhd_18_25")
"""Groups with a figure for each bydel, whose pattern is compared as a whole."""

PATTERN_TOLERANCE: Final = 0.25


@dataclass(frozen=True)
class Result:
    """A target and what was produced.

    target: carried to the year produced. standard_error: of the produced figure, in its unit, if
    it were the target. sampling_error: one relative standard error of the difference, of the
    produced figure and, where its count is known, of the published one.
    detectable: the smallest relative error that would have failed. within: |relative_error| is at
    most `detectable`. n: the produced numerator.
    """

    name: str
    group: str
    source: str
    year: str
    unit: str
    denominator: str
    standing: str
    note: str
    published: float
    target: float
    produced: float | None
    relative_error: float | None
    standard_error: float | None
    sampling_error: float | None
    detectable: float | None
    within: bool
    n: float | None


@dataclass(frozen=True)
class Calibration:
    """persons: on 1 January of `year`, the year measured."""

    year: int
    persons: int
    scenario: str
    targets: tuple[Result, ...]

    @property
    def missed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.targets if not result.within)

    @property
    def sharp(self) -> tuple[Result, ...]:
        """Those that would have failed at a relative error of little more than a tenth."""
        return tuple(r for r in self.targets if r.detectable is not None and r.detectable <= 0.11)

    @property
    def is_within(self) -> bool:
        return not self.missed

    def to_json(self) -> dict[str, Any]:
        """The published interface: `targets` with name, source, target, produced, ..., within."""
        return {
            "year": self.year,
            "persons": self.persons,
            "scenario": self.scenario,
            "within": len(self.targets) - len(self.missed),
            "missed": len(self.missed),
            "sharp": len(self.sharp),
            "targets": [asdict(result) for result in self.targets],
        }


def calibrate(
    deliveries: Path,
    *,
    cut_offs: FrailtyCutOffs | None = None,
    codes: ServiceCodes | None = None,
) -> Calibration:
    """Measure the last whole year of `deliveries` and set it beside every target.

    Reads `<deliveries>/<site>/<format>/*` and `<deliveries>/truth`. Growth has results only where
    two years were written. Raises ValueError where a file is missing.
    """
    truth = _truth(deliveries)
    years = range(truth["years"][0], truth["years"][-1] + 1)
    found = measure(deliveries, years, cut_offs, codes)
    wanted = [t for t in targets(years[-1]) if len(years) > 1 or t.group != "growth"]
    results = [compare(target, found.get(target.name), years[-1]) for target in wanted]
    return Calibration(
        year=years[-1],
        persons=_persons(found),
        scenario=truth.get("scenario", ""),
        targets=(*results, *_patterns(results)),
    )


def compare(target: Target, measured: Measured | None, year: int) -> Result:
    """One target beside its measured figure; without one it is missed."""
    wanted = target.carried(year)
    common = {
        "name": target.name, "group": target.group, "source": target.source, "year": target.year,
        "unit": target.unit, "denominator": target.denominator, "standing": target.standing,
        "note": target.note, "published": target.value, "target": wanted,
    }  # fmt: skip
    if measured is None:
        return Result(**common, produced=None, relative_error=None, standard_error=None,
                      sampling_error=None,
                      detectable=None, within=False, n=None)  # fmt: skip
    relative = measured.value / wanted - 1
    spread = _spread(measured, wanted)
    error = math.hypot(spread, target.relative_sampling_error)
    detectable = max(target.tolerance, STANDARD_ERRORS * error)
    expected = wanted * measured.units / measured.scale
    if 0 < expected < _FEW and relative > 0:
        detectable = max(detectable, _most_by_chance(expected) / expected - 1)
    return Result(**common, produced=measured.value, relative_error=relative,
                  standard_error=spread * wanted, sampling_error=error,
                  detectable=detectable, within=abs(relative) <= detectable,
                  n=measured.n)  # fmt: skip


_NONE_BY_CHANCE: Final = 8.4
"""Where so many events are expected, none comes as rarely as `STANDARD_ERRORS`: exp(-8.4)."""

_FEW: Final = 20
"""Below so many expected events the Poisson law is too skew for standard errors."""


def _spread(measured: Measured, wanted: float) -> float:
    """Relative standard error of the produced figure, if it were `wanted`.

    The variance goes with the mean, as that of a count does: a figure far too high or low would
    else bring an error of its own making. Where no event came, that of the Poisson law.
    """
    if measured.n == 0:
        expected = wanted * measured.units / measured.scale
        return math.sqrt(_NONE_BY_CHANCE / expected) / STANDARD_ERRORS
    return measured.standard_error / wanted * math.sqrt(wanted / measured.value)


def _most_by_chance(expected: float) -> int:
    """The largest Poisson count that is not rarer than `STANDARD_ERRORS` say."""
    term = total = math.exp(-expected)
    count = 0
    while 1 - total > math.exp(-_NONE_BY_CHANCE):
        count += 1
        term *= expected / count
        total += term
    return count


def _patterns(results: Iterable[Result]) -> list[Result]:
    """For each table by bydel: how much of the published pattern the produced one shows.

    The slope of produced on published deviations from their means, weighed by precision: 1 where
    the pattern is the published one, 0 where there is none. Fifteen weak cells are one sharp
    figure. The error is that of the produced figures alone: the published ones are what was to be
    reproduced.
    """
    rows = list(results)
    found: list[Result] = []
    for group in PATTERNS:
        own = [r for r in rows if r.group == group and r.name.split("/")[1] in NAMES]
        own = [r for r in own if r.produced is not None and r.standard_error]
        if len(own) < 3:
            continue
        found.append(pattern_slope(group, own))
    return found


def pattern_slope(group: str, own: list[Result]) -> Result:
    """The slope of one table by bydel; `own` are its results, all measured."""
    weight = [(r.target / (r.standard_error or r.target)) ** 2 for r in own]
    wanted, produced = _deviations(own, weight, "target"), _deviations(own, weight, "produced")
    spread = sum(w * t * t for w, t in zip(weight, wanted, strict=True))
    slope = sum(w * t * p for w, t, p in zip(weight, wanted, produced, strict=True)) / spread
    error = 1 / math.sqrt(spread)
    detectable = max(PATTERN_TOLERANCE, STANDARD_ERRORS * error)
    return Result(
        name=f"pattern/{group}", group="patterns", source=own[0].source, year=own[0].year,
        unit="slope", denominator="15 bydeler", standing=ASSUMED,
        note="slope of the produced on the published deviations from the mean", published=1.0,
        target=1.0, produced=slope, relative_error=slope - 1, standard_error=error,
        sampling_error=error,
        detectable=detectable, within=abs(slope - 1) <= detectable, n=float(len(own)),
    )  # fmt: skip


def _deviations(own: list[Result], weight: list[float], field: str) -> list[float]:
    values = [getattr(r, field) for r in own]
    mean = sum(w * v for w, v in zip(weight, values, strict=True)) / sum(weight)
    return [v / mean - 1 for v in values]


def _persons(found: Mapping[str, Measured]) -> int:
    return round(sum(m.n for name, m in found.items() if name.count("/") == 2))


def _truth(deliveries: Path) -> dict[str, Any]:
    path = deliveries / "truth" / "truth.json"
    if not path.is_file():
        raise ValueError(f"truth/truth.json is missing in {deliveries}")
    try:
        truth = json.loads(path.read_text())
    except ValueError:
        truth = None
    if not isinstance(truth, dict) or not truth.get("years"):
        raise ValueError(f"truth/truth.json in {deliveries} is not the generator's")
    return truth
