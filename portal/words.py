"""How figures are said, in bokmål and in English.

The display threshold is for the page alone (the Parquet file keeps every number): a count below it
is shown as "<5", and its interval starts at 0.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.figures import CountFigure
from privacy.estimates.status import DISPLAY, Status

BELOW_THRESHOLD = f"<{DISPLAY.threshold}"
NOTHING = "–"
_NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_RANGE = re.compile(r"(\d{1,3})-(\d{1,3})")


class Interval(Protocol):
    """A value and the ends of its interval."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


class Name(Protocol):
    """What a value is called."""

    @property
    def nb(self) -> str: ...


@dataclass(frozen=True)
class Language:
    """One language's way with numbers and the few words that stand beside them."""

    code: str
    thousands: str
    decimal: str
    percent: str
    near: str
    statuses: dict[Status, str]
    quarter: str
    months: tuple[str, ...]
    date: str

    def count(self, figure: CountFigure) -> str:
        """A noisy figure as it is shown: `<5`, `1 204`, or a dash where there is none."""
        if figure.status is Status.SUPPRESSED and not figure.is_amount:
            return BELOW_THRESHOLD
        return NOTHING if figure.value is None else self.number(figure.value)

    def interval(self, figure: CountFigure, unit: str) -> str:
        """`±17 sykehusforløp`, or `0–21 sykehusforløp` where the interval is cut.

        Noise that has pushed even the upper end to zero has not made the count exactly zero.
        """
        if figure.low is None or figure.high is None:
            return ""
        if figure.high == 0:
            return f"{self.near} 0 {unit}"
        if figure.value is not None and figure.high - figure.value == figure.value - figure.low:
            return f"±{self.number(figure.high - figure.value)} {unit}"
        return f"{self.number(figure.low)}–{self.number(figure.high)} {unit}"

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.thousands)

    def decimals(self, value: float, digits: int = 3) -> str:
        """At least `digits` significant digits, never in scientific notation."""
        places = max(0, digits - 1 - math.floor(math.log10(value))) if value > 0 else 0
        return f"{value:,.{places}f}".translate(
            str.maketrans({",": self.thousands, ".": self.decimal})
        )

    def power_of_ten(self, value: float) -> str:
        """`1 · 10⁻⁶`."""
        exponent = math.floor(math.log10(value))
        mantissa = f"{value / 10**exponent:.3g}".replace(".", self.decimal)
        return f"{mantissa} · 10{str(exponent).translate(_SUPERSCRIPTS)}"

    def share(self, ratio: Interval) -> tuple[str, str]:
        """The share and its interval in per cent, the interval rounded outwards."""
        low, high = math.floor(ratio.low * 1000) / 10, math.ceil(ratio.high * 1000) / 10
        value = f"{ratio.value * 100:.1f}{self.percent}".replace(".", self.decimal)
        return value, f"{low:.1f}–{high:.1f}{self.percent}".replace(".", self.decimal)

    def time(self, value: str) -> str:
        """`2024Q1` as a quarter; anything else as a group."""
        if found := _QUARTER.fullmatch(value):
            return self.quarter.format(quarter=found[2], year=found[1])
        return group(value)

    def day(self, moment: datetime) -> str:
        return self.date.format(
            day=moment.day, month=self.months[moment.month - 1], year=moment.year
        )


def group(value: str, names: Mapping[str, Name] | None = None) -> str:
    """What `names` calls a value in bokmål; else itself, `0-17` with the dash of ranges."""
    if names and value in names:
        return names[value].nb
    found = _RANGE.fullmatch(value)
    return f"{found[1]}–{found[2]}" if found else value


def short_time(value: str) -> str:
    """The axis label of a point in time: the number of the quarter."""
    found = _QUARTER.fullmatch(value)
    return found[2] if found else value


BOKMAL = Language(
    code="nb",
    thousands=_NARROW_SPACE,
    decimal=",",
    percent="\N{NO-BREAK SPACE}%",
    near="nær",
    statuses={
        Status.OK: "brukbart",
        Status.UNCERTAIN: "usikkert",
        Status.SUPPRESSED: "under visningsgrensen",
        Status.NOT_APPLICABLE: "ikke aktuelt",
        Status.NOT_DELIVERED: "ikke levert",
    },
    quarter="{quarter}. kvartal {year}",
    months=("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september",
            "oktober", "november", "desember"),
    date="{day}. {month} {year}",
)  # fmt: skip
ENGLISH = Language(
    code="en",
    thousands=",",
    decimal=".",
    percent="%",
    near="close to",
    statuses={
        Status.OK: "usable",
        Status.UNCERTAIN: "uncertain",
        Status.SUPPRESSED: "below the display threshold",
        Status.NOT_APPLICABLE: "not applicable",
        Status.NOT_DELIVERED: "not delivered",
    },
    quarter="Q{quarter} {year}",
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December"),
    date="{day} {month} {year}",
)  # fmt: skip
