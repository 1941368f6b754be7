"""Years of records: persons as in `everybody`, over six data-years, in hospital for years on end.

What is asked of them is which data-years a figure rests on, so each row is of one that the landing
would let through.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.dbt_models.everybody import LAST, Row, everybody
from tests.dbt_models.workbench import Landing

FIRST = date(2019, 1, 1)
YEARS = tuple(range(FIRST.year, LAST.year + 1))
_DATES = (
    "admission_date", "discharge_date", "discharge_ready_date", "death_date", "received_on",
    "assessed_on", "wait_ended_on", "started_on", "ended_on", "sent_on", "activity_on",
    "claim_date",
)  # fmt: skip
_DAY_OF_YEAR = (
    "discharge_date", "received_on", "claim_date", "sent_on", "activity_on", "assessed_on",
)  # fmt: skip
"""The dates that say of which data-year a row is, where it is not what was reported for a year."""
_BACK = (0, 0, 1, 2, 3)
"""Whole years, so that a row stays of the same day in the year it is then reported for."""


def histories(seed: int, persons: int) -> Landing:
    draw = Random(seed)
    landing = everybody(draw, persons)
    moved = {
        table: [row if table == "bed_capacity" else _earlier(draw, row) for row in rows]
        for table, rows in landing.items()
    }
    _on_end(draw, moved["npr_stay"])
    # The landing turns away a stay that ends before it begins (`discharge_before_admission`).
    moved["npr_stay"] = [r for r in moved["npr_stay"] if not _is_reversed(r)]
    moved["kpr_care"] = [row for row in moved["kpr_care"] if _touches_its_year(row)]
    return moved


def since(landing: Landing, year: int) -> Landing:
    """The rows of data-years from `year` on; what is said of a claim is of the claim's year."""
    of_claim = {row["claim_id"]: data_year(row) for row in landing["kuhr_claim"]}

    def is_kept(row: Mapping[str, Any]) -> bool:
        claimed = of_claim.get(row.get("claim_id"))
        return (data_year(row) if claimed is None else claimed) >= year

    return {
        table: [row for row in rows if table == "bed_capacity" or is_kept(row)]
        for table, rows in landing.items()
    }


def data_year(row: Mapping[str, Any]) -> int:
    """Of the event; else of the report, as with services, which last."""
    events = [row[name].year for name in _DAY_OF_YEAR if row.get(name) is not None]
    return events[0] if events else row["data_year"]


def _earlier(draw: Random, row: Row) -> Row:
    years = draw.choice(_BACK)
    moved = {n: _years_before(row[n], years) for n in _DATES if row.get(n) is not None}
    year = {"data_year": row["data_year"] - years} if "data_year" in row else {}
    return row | moved | year


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _on_end(draw: Random, stays: list[Row]) -> None:
    """Each person's inpatient stays in a row, many a year long, most without a day between."""
    by_person: dict[str, list[Row]] = defaultdict(list)
    for row in stays:
        if row["care_level"] == 1:
            by_person[row["person_id"]].append(row)
    for own in by_person.values():
        day = FIRST - timedelta(days=draw.randrange(400))
        for row in own:
            admitted = min(day, LAST)
            day = min(admitted + timedelta(days=draw.choice((2, 5, 60, 200, 350, 500))), LAST)
            row |= {
                "data_year": day.year,
                "admission_date": admitted,
                "discharge_date": day,
                "admission_time": None,
                "discharge_time": None,
                "discharge_ready_date": draw.choice((None, day)),
                "death_date": None,
                "state_at_discharge": 1,
                "link_quality": 1,
            }
            day += timedelta(days=draw.choice((0, 0, 0, 0, 3, 40)))


def _is_reversed(row: Row) -> bool:
    return row["discharge_date"] is not None and row["discharge_date"] < row["admission_date"]


def _touches_its_year(row: Row) -> bool:
    ended_on = row["ended_on"] or date.max
    died = row["death_date"] or date.max
    year = row["data_year"]
    return row["started_on"].year <= year <= min(ended_on, died).year and (
        row["started_on"] <= ended_on
    )
