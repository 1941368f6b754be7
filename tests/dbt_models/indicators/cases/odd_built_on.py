"""What is odd for indicators built on another, where they look at more than the other does: at the
year before (comorbidity, patient groups), or at the sector on a day.

Bands of risk are fitted anew and have tests of their own: here it is who counts, and as what.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.dbt_models.indicators.cases.case import Case, Row, stay, visit
from tests.dbt_models.indicators.cases.target_groups import DEATH, FHI, OUTCOME, SKDE

ADULT: dict[str, Any] = {"birth_year": 1984}
ILL = {"other_diagnosis_1": "E119"} | ADULT
"""Heart failure and diabetes: two chronic conditions, in somebody too young to be frail."""
BROKEN = {"main_diagnosis": "S525"} | ADULT
"""None of the conditions; nor is it ambulatory care sensitive."""
GROUP = ("unit_id", "period", "target_group", "sector", "atom")
IN_2024 = "multiple_chronic 2024 multiple_chronic sector_diakonhjemmet"
CHRONIC = "multiple_chronic sector_diakonhjemmet"
LONG = date(2024, 1, 1), date(2026, 3, 31)
"""From the first day of a leap year; Alna moves from the sector of Ahus to that of OUS in it."""
ALNA = {"bydel": "030112"}


def _discharged(odd: str, stays: list[Row], *expected: str, **more: Any) -> Case:
    indicator = "target_group_readmission"
    return Case(indicator, odd, {"npr_stay": stays}, expected, columns=GROUP, odd=odd, **more)


def _admitted(odd: str, stays: list[Row], *expected: str, **more: Any) -> Case:
    indicator = "target_group_acsc"
    return Case(indicator, odd, {"npr_stay": stays}, expected, columns=GROUP, odd=odd, **more)


# At discharge p belongs to the group by the part of the episode that says so. q has no such part.
OVERLAPPING = [
    stay("a", "2024-02-01 08:00", "2024-02-10 12:00", **ILL),
    stay("b", "2024-02-08 08:00", "2024-02-14 12:00", **BROKEN),
    stay("b", "2024-02-08 08:00", "2024-02-14 12:00", person_id="q", **BROKEN),
]
NESTED = [
    stay("a", "2024-02-01 08:00", "2024-02-14 12:00", **BROKEN),
    stay("b", "2024-02-05 08:00", "2024-02-06 12:00", **ILL),
    stay("a", "2024-02-01 08:00", "2024-02-14 12:00", person_id="q", **BROKEN),
]
TRANSFER = [
    stay("a", "2024-02-01 08:00", "2024-02-10 12:00", discharged_to=7, **ILL),
    stay("b", "2024-02-10 12:00", "2024-02-14 12:00", **BROKEN),
    stay("b", "2024-02-10 12:00", "2024-02-14 12:00", person_id="q", **BROKEN),
]
# On the day before the episode nothing of it is known: r was ill in January, p and q were not.
KNOWN = visit("v", "2024-01-10 10:00", person_id="r", **ILL)


def _as_r(stays: list[Row]) -> list[Row]:
    return [KNOWN, *(row | {"person_id": "r"} for row in stays if row["person_id"] == "p")]


IN_ONE_EPISODE = (
    _discharged("overlapping_stays", OVERLAPPING, f"p/b/{IN_2024} not_readmitted"),
    _discharged("nested_stay", NESTED, f"p/a/{IN_2024} not_readmitted"),
    _discharged("same_minute_transfer", TRANSFER, f"p/b/{IN_2024} not_readmitted"),
    # The first stay is for heart failure, which is on the list, or for a fracture.
    _admitted("overlapping_stays", [*OVERLAPPING, *_as_r(OVERLAPPING)], f"r/b/{IN_2024} acsc"),
    _admitted("nested_stay", [*NESTED, *_as_r(NESTED)], f"r/a/{IN_2024} other"),
    _admitted("same_minute_transfer", [*TRANSFER, *_as_r(TRANSFER)], f"r/b/{IN_2024} acsc"),
)

# Over New Year of 2026, and home on the day before it: the sector is that of the day of discharge,
# of an admission that of its own day.
MOVED = [
    stay("a", "2025-12-20 08:00", "2026-01-05 12:00", **ALNA),
    stay("a", "2025-12-20 08:00", "2025-12-31 12:00", person_id="q", **ALNA),
]
MOVED_ADULTS = [row | ILL for row in MOVED]
EARLIER = [visit("v", "2025-11-03 10:00", person_id=person, **ILL, **ALNA) for person in ("p", "q")]

# The year before lies in two deliveries: of comorbidity it must all be there, and of q, who was
# home a month too early, it is not. A group is known from what the earlier one says.
BOUNDARY = date(2023, 7, 1)
HALVES = [
    stay("a", "2024-02-01 08:00", "2024-02-10 12:00"),
    stay("a", "2022-12-01 08:00", "2022-12-10 12:00", person_id="q"),
]
KNOWN_BEFORE = [
    visit("v", "2023-06-30 10:00", **ILL),
    stay("a", "2023-07-02 08:00", "2023-07-05 12:00", **BROKEN),
]

# 365 days before 31 December of a leap year is its 1 January, the first day delivered; of p's day,
# the 30th, one is missing.
LOOKED_BACK = [
    stay("a", "2024-12-20 08:00", "2024-12-30 12:00"),
    stay("a", "2024-12-20 08:00", "2024-12-31 12:00", person_id="q"),
]
# 365 days before 28 February 2025 is 29 February 2024; q was ill on the 28th, and too early.
LEAP_VISITS = [
    visit("v", "2024-02-29 10:00", **ILL),
    visit("v", "2024-02-28 10:00", person_id="q", **ILL),
]


def _broken(admitted: str, discharged: str) -> list[Row]:
    return [stay("a", admitted, discharged, person_id=person, **BROKEN) for person in ("p", "q")]


ADJUSTED: dict[str, tuple[list[Row], tuple[str, ...], dict[str, Any]]] = {
    "crosses_year": (MOVED, ("p/a 2026 sector_ous", "q/a 2025 sector_ahus"), {"period": LONG}),
    "crosses_delivery": (HALVES, ("p/a 2024 sector_diakonhjemmet",), {"boundary": BOUNDARY}),
    "leap_day": (LOOKED_BACK, ("q/a 2024 sector_diakonhjemmet",), {"period": LONG}),
}
"""Odd thing -> stays, who counts, and how they were delivered; nobody is back, or dies."""


def _adjusted() -> Iterator[Case]:
    for indicator, atom in ((FHI, "not_readmitted"), (SKDE, "not_readmitted"), (DEATH, "survived")):
        for odd, (stays, who, how) in ADJUSTED.items():
            expected = tuple(f"{line} {atom}" for line in who)
            here = {"npr_stay": stays}
            yield Case(indicator, odd, here, expected, columns=OUTCOME, odd=odd, **how)


BEFORE_AND_AFTER = (
    _discharged(
        "crosses_year",
        MOVED_ADULTS,
        "p/a/multiple_chronic 2026 multiple_chronic sector_ous not_readmitted",
        "q/a/multiple_chronic 2025 multiple_chronic sector_ahus not_readmitted",
        period=LONG,
    ),
    _admitted(
        "crosses_year",
        [*EARLIER, *MOVED_ADULTS],
        "p/a/multiple_chronic 2025 multiple_chronic sector_ahus acsc",
        "q/a/multiple_chronic 2025 multiple_chronic sector_ahus acsc",
        period=LONG,
    ),
    _discharged(
        "crosses_delivery",
        KNOWN_BEFORE,
        f"p/a/multiple_chronic 2023 {CHRONIC} not_readmitted",
        boundary=BOUNDARY,
    ),
    _admitted(
        "crosses_delivery",
        KNOWN_BEFORE,
        f"p/a/multiple_chronic 2023 {CHRONIC} other",
        boundary=BOUNDARY,
    ),
    _discharged(
        "leap_day",
        [*LEAP_VISITS, *_broken("2025-02-27 08:00", "2025-02-28 12:00")],
        f"p/a/multiple_chronic 2025 {CHRONIC} not_readmitted",
        period=LONG,
    ),
    _admitted(
        "leap_day",
        [*LEAP_VISITS, *_broken("2025-03-01 08:00", "2025-03-02 12:00")],
        f"p/a/multiple_chronic 2025 {CHRONIC} other",
        period=LONG,
    ),
)

CASES = (*IN_ONE_EPISODE, *BEFORE_AND_AFTER, *_adjusted())
