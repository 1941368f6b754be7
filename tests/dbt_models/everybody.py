"""One population for every indicator: the same persons in hospital, with the GP and in care.

The populations of single indicators lie nearer the edges of one definition each. Here every
register says something of every person, as it does where the registers are linked.
"""

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.dbt_models.indicators import groups_populations as drawn
from tests.dbt_models.municipal_populations import claim_rows

Row = dict[str, Any]
FIRST, LAST = date(2022, 1, 1), date(2024, 12, 31)
DIAGNOSES = ("I500", "J441", "J181", "J189", "S720", "I639", "N300", "E860", "A099", "E119", "K922")
TARIFFS = ("2ad", "2AE", "11ad", "1bd", "1be", "1g", "14", "l1")
ACTIVITIES = ("mote", "team", "plan", "skjema", "annet")
BEDS = [
    {"institution_id": "i", "data_year": year, "month": month, "care_level": level, "beds": 8.0}
    for year in (2023, 2024)
    for month, level in ((1, 1), (2, 2), (3, 1), (12, 1))
]


def _stays(draw: Random, persons: int) -> list[Row]:
    rows = drawn.hospital_contacts(draw, persons)
    for row in rows:
        last = max(row["admission_date"], row["discharge_date"])
        ready = draw.choice((None, None, 0, 0, -1, -3, -40, 1))
        row |= {
            "data_year": row["discharge_date"].year,
            "sex": draw.choice((1, 1, 2, 2, 2, 0, 9, None)),
            "contact_type": draw.choice((1, 2, 3, 5, 6, 7, 99, None)),
            "discharged_to": draw.choice((1, 1, 1, 1, 3, 7, 11, None)),
            "drg_weight": draw.choice((None, 0.0, 0.512, 1.37, 12.5, 190.0)),
            "discharge_ready_date": None if ready is None else last + timedelta(days=ready),
        }
        if draw.random() < 0.4:
            row["main_diagnosis"] = draw.choice(DIAGNOSES)
        row["death_date"] = draw.choice((None,) * 6 + tuple(last + timedelta(n) for n in (0, 20)))
    return rows


def _letters(draw: Random, stays: list[Row]) -> list[Row]:
    return [
        {
            "episode_id": row["episode_id"],
            "person_id": row["person_id"],
            "sent_on": min(
                row["discharge_date"] + timedelta(days=draw.choice((-1, 0, 1, 2))), LAST
            ),
        }
        for row in stays
        for _ in range(draw.choice((0, 1)))
    ]


def _claims(draw: Random, persons: int) -> tuple[list[Row], list[Row]]:
    claims: list[Row] = []
    tariffs: list[Row] = []
    for person in range(persons):
        of_person, lines = claim_rows(draw.choice, f"p{person}", draw.choice((0, 1, 3, 6)), TARIFFS)
        claims += of_person
        tariffs += lines
    return claims, tariffs


def _diagnoses(draw: Random, claims: list[Row]) -> list[Row]:
    """One or two a claim, and sums paid on it, in quarters of a krone."""
    for claim in claims:
        claim["refund"] = draw.choice((None, 0.0, 123.25, 499.5))
        claim["patient_share"] = draw.choice((None, 0.0, 170.0))
    return [
        {
            "claim_id": claim["claim_id"],
            "diagnosis": draw.choice(("T90", "K86", "R95", "P72", "A04", "R74", "K77.01")),
            "code_system": draw.choice((1, 1, 2, 3)),
            "code_number": number,
            "is_main": int(number == 1),
        }
        for claim in claims
        for number in range(1, draw.choice((2, 3)))
    ]


def _care(draw: Random, persons: int) -> list[Row]:
    rows = drawn.care_services(draw, persons)
    for row in rows:
        row["hours_per_week"] = draw.choice((None, 0.5, 7.0, 35.5))
    return rows


def everybody(draw: Random, persons: int) -> dict[str, list[Row]]:
    """Landing rows of so many persons, p0, p1, …, in every register there is a contract for."""
    stays = _stays(draw, persons)
    claims, tariffs = _claims(draw, persons)
    return {
        "npr_stay": stays,
        "npr_referral": drawn.bup_referrals(draw, persons),
        "kuhr_claim": claims,
        "kuhr_tariff": tariffs,
        "kuhr_diagnosis": _diagnoses(draw, claims),
        "kpr_care": _care(draw, persons),
        "kpr_function": drawn.assessments(draw, persons),
        "discharge_letter": _letters(draw, stays),
        "collaboration_activity": [
            {
                "person_id": f"p{draw.randrange(persons)}",
                "activity_code": draw.choice(ACTIVITIES),
                "activity_on": FIRST + timedelta(days=draw.randrange(1096)),
                "organisation_id": "o",
            }
            for _ in range(5 * persons)
        ],
        "bed_capacity": BEDS,
    }
