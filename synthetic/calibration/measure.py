"""What the register files show, measure by measure, in the terms of `targets`.

A measure is a file of `sql/measures`: a query that gives rows of `key`, `y`, `x` and `units`, each
for so many persons that add y to the numerator and x to the denominator. The figure is
scale * sum(y) / sum(x). Its standard error takes persons, not events, as independent:
sqrt(sum((y - r x)^2)) / sum(x) with r = sum(y) / sum(x). Several admissions, readmissions or
contacts of one person are thus not taken for independent draws.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from synthetic.calibration.registers import open_registers
from synthetic.calibration.targets import FRAIL_SERVICES

_MEASURES: Final = Path(__file__).with_name("sql") / "measures"
_SCALE: Final = re.compile(r"^-- scale: (\d+)$", re.MULTILINE)
GROWTH: Final = ("bup_growth", "adhd_growth")
"""Measures that need two years."""


@dataclass(frozen=True)
class FrailtyCutOffs:
    """Lower ends of the mean function score (1-5, 9 left out) of reduced and of poor function.

    Helsedirektoratet's own cut-offs are not public [U]: these are ours, chosen so that the shares
    of the old that fall below them can be those of the Oslo table.
    """

    reduced: float = 2.0
    poor: float = 2.4


@dataclass(frozen=True)
class ServiceCodes:
    """Tjenestekoder whose numbers were not found in a public source [U]: provisional."""

    kad: int = 22
    coercion: int = 23
    dispenser: int = 25
    supervision: int = 26

    def of(self, key: str) -> int:
        """The tjenestekode of a key of `targets.FRAIL_SERVICES`."""
        return int(key) if key.isdigit() else getattr(self, key)


@dataclass(frozen=True)
class Measured:
    """A figure and its standard error. n, units: numerator, denominator; value: scale n / units."""

    value: float
    standard_error: float
    n: float
    units: float
    scale: float = 1.0


def measure(
    deliveries: Path,
    years: range,
    cut_offs: FrailtyCutOffs | None = None,
    codes: ServiceCodes | None = None,
) -> dict[str, Measured]:
    """All figures of the last of `years` by target name; growth where there are two years.

    A figure whose denominator is empty is left out. Raises ValueError where a file is missing.
    """
    cuts, codes = cut_offs or FrailtyCutOffs(), codes or ServiceCodes()
    settings = {"year": years[-1], "reduced": cuts.reduced, "poor": cuts.poor}
    services = {key: codes.of(key) for key in (*FRAIL_SERVICES, "kad")}
    found: dict[str, Measured] = {}
    with open_registers(deliveries, settings, services) as db:
        for path in sorted(_MEASURES.glob("*.sql")):
            if len(years) > 1 or path.stem not in GROWTH:
                found |= _run(db, path)
    return found


def _run(db: duckdb.DuckDBPyConnection, path: Path) -> dict[str, Measured]:
    text = path.read_text()
    match = _SCALE.search(text)
    if match is None:
        raise ValueError(f"{path.name} does not say its scale")
    scale = float(match[1])
    sums = db.query(text).aggregate(
        "key, sum(units * y)::double as y, sum(units * x)::double as x,"
        " sum(units * y * y)::double as yy, sum(units * x * y)::double as xy,"
        " sum(units * x * x)::double as xx",
        "key",
    )
    return {
        f"{path.stem}/{key}": ratio(*moments, scale=scale)
        for key, *moments in sums.order("key").fetchall()
        if key is not None and moments[1] > 0
    }


def ratio(y: float, x: float, yy: float, xy: float, xx: float, *, scale: float) -> Measured:
    """The ratio estimator of sums over persons, and its linearised standard error."""
    rate = y / x
    squares = max(0.0, yy - 2 * rate * xy + rate * rate * xx)
    return Measured(scale * rate, scale * math.sqrt(squares) / x, y, x, scale)
