"""Scenes with something odd in them, and what each indicator that it touches makes of them.

A woman with heart failure and dementia is in hospital, is waiting for the municipality there, goes
home, has nursing and a short stay, sees the GP, and is back after 30 days to the minute; she was in
a municipal acute bed before, and moves into a nursing home in the end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.dbt_models.indicators.cases.case import Case, Landing, Row, stay
from tests.dbt_models.indicators.cases.matching import MATCHING

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """One odd thing, one set of rows, and the lines of every indicator that it touches.

    elsewhere: stays at another hospital. boundary: the first day of the second delivery.
    """

    odd: str
    here: Landing
    expected: Mapping[str, Lines]
    elsewhere: tuple[Row, ...] = ()
    boundary: date | None = None


VARIANTS: dict[str, Row] = {
    "adhd_patients": {"birth_year": 2010, "sector": "3", "main_diagnosis": "F900"},
    "bup_patients": {"birth_year": 2010, "sector": "3", "main_diagnosis": "F900"},
    "severe_mental_illness": {"sector": "2", "main_diagnosis": "F209"},
    "severe_mental_illness_readmission": {"sector": "2", "main_diagnosis": "F209"},
    "remote_contacts_hospital": {"care_level": 3, "contact_type": 6},
}
"""Indicator -> how the same stays must look for it to have something to count."""


def ill(number: str, admitted: str, discharged: str, ready: str | None = None, **more: Any) -> Row:
    """One point of DRG, and a code of frailty that makes her intermediate."""
    return stay(
        number,
        admitted,
        discharged,
        **{
            "discharge_ready_date": date.fromisoformat(ready) if ready else None,
            "other_diagnosis_1": "F009",
            "drg_weight": 1.0,
        }
        | more,
    )


def cases_of(scene: Scene) -> Iterator[Case]:
    for indicator, lines in scene.expected.items():
        variant = VARIANTS.get(indicator, {})
        here = dict(scene.here)
        here["npr_stay"] = [row | variant for row in here.get("npr_stay", ())]
        there: Landing = {}
        if indicator == "readmission_30d_any_hospital":
            there = {"npr_stay": scene.elsewhere}
        elif indicator in MATCHING:
            there = here
        yield Case(
            indicator=indicator,
            name=scene.odd,
            here=here,
            expected=lines,
            there=there,
            odd=scene.odd,
            boundary=scene.boundary,
        )
