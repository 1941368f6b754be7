"""Token tables in plain Python: who is kept, under which number, each day looked at by itself."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.atoms import Unit, counted
from tests.reference.municipal import LOOKBACK, Period, care_services, days

DAY = timedelta(days=1)
IN_HOURS = ("home_nursing", "practical_help")
HOUR_BANDS = (("0-25", 0, 26), ("26-89", 26, 90), ("90-269", 90, 270), ("270+", 270, None))
"""(name, fewest hours, fewer than); 0 stands for more than none."""

IndexDay = tuple[str, date, str]
"""(person, day, bucket)."""


def index_tokens(found: Iterable[IndexDay], kept: int) -> list[tuple[object, ...]]:
    """(person, day, period, bucket, is counted): at most `kept` of a person and year count."""
    found = list(found)
    units = [Unit(f"{day}", person, f"{day.year}", (), "") for person, day, _ in found]
    chosen = {(unit.person_id, unit.unit_id) for unit in counted(units, kept, kept)}
    rows = [
        (person, day, f"{day.year}", bucket, (person, f"{day}") in chosen)
        for person, day, bucket in found
    ]
    return sorted(rows, key=repr)


def service_hour_bands(care: Iterable[Mapping[str, Any]], period: Period) -> list[tuple]:
    """(person, day, service, band of the hours granted for the 90 days before the day).

    Each day of a service has a seventh of its hours a week; exact, in whole minutes a week.
    """
    granted: dict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for service in care_services(care):
        minutes = math.floor((service.hours_per_week or 0) * 60 + 0.5)
        if service.service in IN_HOURS and minutes > 0:
            for day in days(service.started_on, service.last_day(period)):
                granted[service.person_id, service.service][day] += minutes
    found: list[tuple] = []
    for (person, service), minutes_a_week in granted.items():
        for day in days(period.first, period.last):
            window = [day - back * DAY for back in range(1, LOOKBACK + 1)]
            hours = sum(Fraction(minutes_a_week.get(one, 0), 7 * 60) for one in window)
            for name, least, below in HOUR_BANDS:
                if hours > 0 and least <= hours and (below is None or hours < below):
                    found.append((person, day, service, name))
    return found


def common_numbers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """KPR's number -> NPR's, of the pairs (NPR's, KPR's) in which neither number has another."""
    pairs = set(pairs)
    npr, kpr = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    return {b: a for a, b in pairs if npr[a] == kpr[b] == 1}


def under_common_number(
    rows: Sequence[tuple[Any, ...]], numbers: Mapping[str, str]
) -> list[tuple[object, ...]]:
    """Rows that begin with a person, under the person's common number; others are left out."""
    found = [(numbers[row[0]], *row[1:]) for row in rows if row[0] in numbers]
    return sorted(found, key=repr)
