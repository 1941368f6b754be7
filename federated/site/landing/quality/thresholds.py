"""From where on a finding is a warning or an error. One place, dated.

Standing: **ours**. No register or authority has published such limits; they were set so that a
sound delivery is quiet and a column gone missing is not. A finding below its limit is still
reported, as information.
"""

from dataclasses import dataclass
from datetime import date
from math import sqrt

AS_OF = date(2026, 11, 22)
STANDING_NB = "Våre egne grenser, ikke fra noe register eller noen myndighet."
STANDING_EN = "Our own limits, not those of any register or authority."

MIN_ROWS = 20
"""A share of fewer rows than this is information, however large."""

CHANCE = 3.0
"""Standard deviations that a change must exceed, so that small months do not cry wolf."""


@dataclass(frozen=True)
class Limit:
    """Shares (0 to 1) from which on a finding is a warning, an error. None: it never is."""

    warning: float | None
    error: float | None = None


LIMITS: dict[str, Limit] = {
    "field_missing": Limit(0.05),
    "missing_time": Limit(0.10),
    "share_filled_changed": Limit(0.05, 0.50),
    "quarantined": Limit(0.01, 0.50),
    "reasons_changed": Limit(0.01),
    "code_not_in_list": Limit(0.02),
    "code_outside_validity": Limit(0.02),
    "komnr_unknown": Limit(0.05),
    "bydel_invalid": Limit(0.05),
    "birth_year_unknown": Limit(0.02),
    "codes_changed": Limit(0.10),
    "fewer_rows_than_before": Limit(0.10, 0.50),
    "more_rows_than_before": Limit(0.25),
    "ready_before_admission": Limit(0.05),
    "sex_differs": Limit(0.005, 0.10),
    "birth_year_differs": Limit(0.005, 0.10),
    "two_pseudonyms": Limit(0.005, 0.10),
    "death_before_contact": Limit(0.005, 0.10),
    "implausible_age": Limit(0.005, 0.10),
    "implausible_length_of_stay": Limit(0.005),
    "implausible_hours": Limit(0.01),
    "link_quality_poor": Limit(0.05),
}
"""Share of what the rule looks at; of a change: its size. An error holds back what builds on it."""

THIN_MONTH = 0.5
"""Rows of a month as a share of what its neighbours lead to expect, below which it is thin."""

OLDEST = 110
"""Years. The oldest Norwegians reach 111 to 114: a handful, none of them a share of a delivery."""

LONGEST_STAY = 365
"""Days in hospital."""

MOST_HOURS = 112
"""Hours of service a week: 16 a day. The contract itself allows 168."""

LATE_AFTER = {"npr": 45, "npr-ide": 45, "npr-henvisning": 45, "person-key": 45, "kuhr": 120}
"""Days from the period's end to the extract, by format. NPR comes monthly, KUHR each tertial."""
LATE_AFTER_DEFAULT = 60


def beyond_chance(now: float, of_now: int, before: float, of_before: int) -> bool:
    """Whether two shares (`of_now`, `of_before` > 0 rows) differ by more than chance would."""
    pooled = (now * of_now + before * of_before) / (of_now + of_before)
    spread = sqrt(pooled * (1 - pooled) * (1 / of_now + 1 / of_before))
    return abs(now - before) > CHANCE * spread


def too_few(rows: float, expected: float) -> bool:
    """Whether `rows` lie further below a count that was expected than chance would bring them."""
    return rows < expected - CHANCE * sqrt(expected)
