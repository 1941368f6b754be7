"""Landing rows on the edges of the municipal definitions, drawn one field at a time.

The same rows are drawn by hypothesis, which shrinks them, and by a seeded generator.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Pick = Callable[[Sequence[T]], T]
Rows = list[dict[str, Any]]

FIRST, LAST = date(2024, 1, 1), date(2024, 6, 30)
"""The delivered period; a leap day lies inside."""
DAY = timedelta(days=1)

BIRTH_YEARS = (1920, 1940, 1949, 1950, 1957, 1958, 1980, 2006, 2014, 2020, None, 9999, 1850, 2040)
HOMES = (
    ("0301", "030105"), ("301", "30103"), ("0301", "030112"), ("0301", None), ("0301", "030188"),
    ("-1", None), (None, "030110"), (None, None), ("3201", None), ("4601", None), ("9999", None),
)  # fmt: skip
STARTS = (
    FIRST - 400 * DAY, FIRST - 91 * DAY, FIRST - 90 * DAY, FIRST - 3 * DAY, FIRST - DAY, FIRST,
    FIRST + DAY, date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31),
    date(2024, 4, 1), date(2024, 4, 8), date(2024, 6, 1), LAST - 2 * DAY, LAST,
)  # fmt: skip
LENGTHS = (0, 0, 1, 2, 3, 6, 7, 8, 29, 30, 60, 89, 90, 91, 200, None, -1)
"""Days from start to end of a care service; None while it lasts, -1: the dates are reversed."""
CARE_CODES = (22, 22, 22, 15, 15, 15, 1, 18, 20, 21, 21, 4, 17, 12, 6, 99)
CLAIM_TYPES = (1, 1, 1, 2, 3, 4, 6, 14)


def seeded(seed: int) -> Pick[Any]:
    return random.Random(seed).choice


def picks() -> st.SearchStrategy[Pick[Any]]:
    """A `pick` whose choices hypothesis makes."""
    return st.builds(lambda data: lambda values: data.draw(st.sampled_from(values)), st.data())


def care_rows(pick: Pick[Any], person: str, count: int, codes: Sequence[int] = CARE_CODES) -> Rows:
    rows: Rows = []
    start = pick(STARTS)
    for number in range(count):
        start = pick((start, start + DAY, start + 2 * DAY, start + 8 * DAY, *STARTS))
        length = pick(LENGTHS)
        municipality, bydel = pick(HOMES)
        died = pick((None, None, None, None, start - DAY, start, start + 2 * DAY, LAST))
        row = {
            "service_id": f"c{number}", "person_id": person, "data_year": 2024,
            "service_code": pick(codes), "started_on": start,
            "ended_on": None if length is None else start + length * DAY,
            "hours_per_week": pick((None, 0.0, 0.5, 7.0, 35.5, 168.0)),
            "municipality_no": municipality, "bydel": bydel, "birth_year": pick(BIRTH_YEARS),
            "sex": pick((0, 1, 2, 9)), "death_date": died,
        }  # fmt: skip
        rows.append(row)
        if pick((False, False, False, True)):  # the year before said something else of it
            rows.append(
                row | {"data_year": 2023, "ended_on": None, "birth_year": 1999, "bydel": None}
            )
    return rows


def claim_rows(
    pick: Pick[Any], person: str, count: int, tariffs: Sequence[str] = ()
) -> tuple[Rows, Rows]:
    """Claims, and tariff lines of them."""
    claims: Rows = []
    lines: Rows = []
    day = pick(STARTS[5:])
    for number in range(count):
        day = min(day + pick((0, 1, 6, 7, 8, 29, 30, 31, 89, 90, 91)) * DAY, LAST)
        municipality, bydel = pick(HOMES)
        claim = f"{person}-k{number}"
        claims.append(
            {
                "claim_id": claim, "person_id": person, "data_year": 2024, "claim_date": day,
                "service_type": pick(CLAIM_TYPES), "municipality_no": municipality, "bydel": bydel,
                "resident_municipality_no": pick((None, None, "0301", "4601")),
                "birth_year": pick(BIRTH_YEARS), "sex": pick((0, 1, 2, 9)),
            }
        )  # fmt: skip
        if tariffs:
            lines += [
                {"claim_id": claim, "tariff": pick(tariffs), "quantity": 1}
                for _ in range(pick((0, 1, 1, 2, 3)))
            ]
    return claims, lines


def stay_rows(pick: Pick[Any], person: str, count: int) -> Rows:
    """Hospital contacts, some overlapping or within hours of each other."""
    rows: Rows = []
    start = pick(STARTS[4:])
    for number in range(count):
        start = pick((start, start, start + DAY, start + 3 * DAY, *STARTS[4:]))
        municipality, bydel = pick(HOMES)
        end = start + pick((0, 0, 1, 1, 3, 30, -1)) * DAY
        rows.append(
            {
                "episode_id": f"e{number}", "person_id": person, "data_year": 2024,
                "care_level": pick((1, 1, 1, 1, 2, 3, 3, 3, 8)),
                "admission_date": start,
                "admission_time": pick((None, time(2, 30), time(8), time(12), time(23, 59))),
                "discharge_date": end,
                "discharge_time": pick((None, time(2, 30), time(8), time(12), time(23, 59))),
                "urgency": pick((1, 1, 2, 3, 4, 5, None)),
                "state_at_discharge": pick((1, 1, 1, None, 2, 3)),
                "contact_type": pick((1, 2, 3, 5, 6, 6, 7, 12, 13, 14, 99, None)),
                "municipality_no": municipality, "bydel": bydel, "birth_year": pick(BIRTH_YEARS),
                "sex": pick((0, 1, 2, 9)), "link_quality": pick((1, 1, 1, 1, 2, 4, 5, None)),
                "death_date": pick((None, None, None, start, end, end + 2 * DAY)),
            }
        )  # fmt: skip
    return rows
