"""A hand-worked case of an indicator: rows delivered, and what its definition makes of them.

Rows are of persons who live in Frogner and were born in 1940, unless they say otherwise. What is
expected is written as lines, one a row of the indicator:

    p/a 2024 030105 75-84 2024-02 somatic          unit, period, keys, atom (and amount)
    p 2024-02-10 030105 days_1_7                   linked: person, day, bucket, class; - for none
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Row = dict[str, Any]
Landing = Mapping[str, Sequence[Row]]
FIRST, LAST = date(2022, 1, 1), date(2024, 12, 31)


@dataclass(frozen=True)
class Case:
    """One case. Its name says what is worked out, and why it comes out so.

    here: what the site of the index was delivered. there: what the other site was, where the
    indicator is linked. columns, unit: what of the rows is compared, where it is not all of them.
    boundary: the first day of a second delivery, where the days came in two.
    odd: what is odd about the rows, of cases that are there for its sake.
    """

    indicator: str
    name: str
    here: Landing
    expected: tuple[str, ...]
    there: Landing = field(default_factory=dict[str, Sequence[Row]])
    columns: tuple[str, ...] = ()
    unit: str | None = None
    period: tuple[date, date] = (FIRST, LAST)
    boundary: date | None = None
    odd: str | None = None

    @property
    def id(self) -> str:
        if self.odd:
            return f"{self.odd} x {self.indicator}"
        return f"{self.indicator}: {self.name}"


HOME: Row = {"municipality_no": "0301", "bydel": "030105", "birth_year": 1940}


def stay(number: str, admitted: str, discharged: str, **more: Any) -> Row:
    """An acute inpatient stay of a woman with heart failure, discharged alive, to her home."""
    start, end = datetime.fromisoformat(admitted), datetime.fromisoformat(discharged)
    return (
        HOME
        | {
            "episode_id": number,
            "person_id": "p",
            "data_year": end.year,
            "care_level": 1,
            "sector": "4",
            "admission_date": start.date(),
            "admission_time": start.time(),
            "discharge_date": end.date(),
            "discharge_time": end.time(),
            "urgency": 1,
            "state_at_discharge": 1,
            "discharged_to": 1,
            "sex": 2,
            "link_quality": 1,
            "main_diagnosis": "I500",
        }
        | more
    )


def visit(number: str, at: str, **more: Any) -> Row:
    """An outpatient contact of an hour, planned."""
    moment = datetime.fromisoformat(at)
    until = moment.replace(minute=59).isoformat(" ")
    return stay(number, at, until, **{"care_level": 3, "urgency": 4} | more)


def care(number: str, code: int, begins: str, ends: str | None, **more: Any) -> Row:
    """A care service, reported once, in the year in which it begins."""
    started = date.fromisoformat(begins)
    return (
        HOME
        | {
            "service_id": number,
            "person_id": "p",
            "data_year": started.year,
            "service_code": code,
            "started_on": started,
            "ended_on": date.fromisoformat(ends) if ends else None,
        }
        | more
    )


def claim(number: str, on: str, kind: int = 1, **more: Any) -> Row:
    """A claim of the GP; kind: another tjenestetype."""
    day = date.fromisoformat(on)
    return (
        HOME
        | {
            "claim_id": number,
            "person_id": "p",
            "data_year": day.year,
            "claim_date": day,
            "service_type": kind,
        }
        | more
    )


def tariff(of_claim: str, name: str) -> Row:
    return {"claim_id": of_claim, "tariff": name, "quantity": 1}


def letter(number: str, sent: str, person: str = "p") -> Row:
    return {"episode_id": number, "person_id": person, "sent_on": date.fromisoformat(sent)}


def activity(code: str, on: str, person: str = "p", organisation: str = "o") -> Row:
    return {
        "person_id": person,
        "activity_code": code,
        "activity_on": date.fromisoformat(on),
        "organisation_id": organisation,
    }
