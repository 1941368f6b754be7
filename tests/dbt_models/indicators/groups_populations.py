"""Persons on the edges of the patient groups' definitions, drawn from a random source.

`hypothesis` shrinks the draws; a seeded source makes some hundred persons for one comparison.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]

MOMENTS = (
    datetime(2021, 12, 31, 23, 50),
    datetime(2022, 2, 28, 12, 0),
    datetime(2022, 12, 31, 12, 0),
    datetime(2023, 1, 1, 0, 0),
    datetime(2023, 6, 30, 23, 59, 59),
    datetime(2023, 12, 30, 8, 0),
    datetime(2024, 1, 1, 0, 0),
    datetime(2024, 2, 29, 9, 0),
    datetime(2024, 3, 31, 2, 30),
    datetime(2024, 10, 27, 2, 30),
    datetime(2024, 12, 31, 22, 0),
)
GAPS = (0, 1, 8, 9, 24, 5 * 24, 29 * 24, 30 * 24, 31 * 24, 89 * 24, 91 * 24, 364 * 24, 365 * 24,
        366 * 24, 729 * 24, 730 * 24, 731 * 24, -1, -24, -12 * 24)  # fmt: skip
LENGTHS = (0, 0, 0, 1, 6, 24, 5 * 24, 40 * 24, -2, -24)
PLACES = (("0301", "030101"), ("301", "30112"), ("0301", "030155"), ("0301", None), ("-1", None),
          ("4601", "460101"), ("3024", None), (None, "030103"), (None, None),
          ("9999", None))  # fmt: skip
BIRTH_YEARS = (2016, 2010, 2006, 2005, 1999, 1998, 1997, 1984, 1957, 1949, 1948, 1947, 1939, 1930,
               None, 9999, 1850, 2040)  # fmt: skip
CODES = ("F900", "F908", "F89", "F91", "F20", "F209", "F29", "F311", "F320", "F322", "F323", "F324",
         "F332", "F10", "F172", "F199", "F410", "F432", "F500", "R458", "Z004", "F00", "F009",
         "G309", "G819", "N390", "F059", "W19", "I500", "E119", "J449", "N183", "C509", "I48",
         "S720", "X", None)  # fmt: skip


# Whose contacts these are: most of a kind have its ages and codes.
KINDS = (
    ((2016, 2010, 2006, 2005, 1999, 1998),
     ("F900", "F200", "F410", "F432", "F500", "F320", "R458", "F84", None)),
    ((1949, 1948, 1947, 1939, 1930),
     ("F009", "G309", "G819", "N390", "F059", "W19", "I500", "C509")),
    (BIRTH_YEARS, CODES),
    (BIRTH_YEARS, ("F20", "F311", "F322", "F10", "F199")),
)  # fmt: skip


def place(draw: Random) -> Row:
    municipality_no, bydel = draw.choice(PLACES)
    return {"municipality_no": municipality_no, "bydel": bydel}


def hospital_contacts(draw: Random, persons: int) -> list[Row]:
    rows: list[Row] = []
    for person in range(persons):
        moment = draw.choice(MOMENTS)
        birth_years, codes = draw.choice(KINDS)
        birth_year, home = draw.choice(birth_years), place(draw)
        favourites = [draw.choice(codes) for _ in range(draw.choice((2, 4, 6)))]
        is_acute_stay = draw.choice((True, False, False))
        # In and out all the time, within one year.
        is_frequent = draw.choice((True, False, False, False, False))
        for number in range(12 if is_frequent else draw.choice((1, 2, 3, 4, 6, 9))):
            gaps, lengths = ((9, 5 * 24), (0, 1, 24)) if is_frequent else (GAPS, LENGTHS)
            starts = moment + timedelta(hours=draw.choice(gaps))
            moment = starts + timedelta(hours=draw.choice(lengths))
            # A year of birth or a home that one contact has otherwise than the rest.
            slips = draw.choice((False, False, False, False, False, True))
            row: Row = {
                "episode_id": f"{number}",
                "person_id": f"p{person}",
                "care_level": 1 if is_acute_stay else draw.choice((1, 1, 2, 3, 3, 8)),
                "sector": draw.choice(("3", "3", "2", "1", "4", "4", "SOM", "PHV", None)),
                "specialty": draw.choice(("310", "320", "360", "010", None)),
                "contact_specialty": draw.choice((None, None, None, "310", "150")),
                "admission_date": starts.date(),
                "admission_time": draw.choice((starts.time(), starts.time(), None)),
                "discharge_date": moment.date(),
                "discharge_time": draw.choice((moment.time(), moment.time(), None)),
                "urgency": draw.choice((1, 1, 2, 3, 4, 5, None)),
                "state_at_discharge": draw.choice((1, 1, 1, 1, 1, None, 2)),
                "main_diagnosis": draw.choice(favourites),
                "main_diagnosis_2": draw.choice((None, None, *favourites)),
                "other_diagnosis_1": draw.choice((None, *favourites)),
                "other_diagnosis_2": draw.choice(favourites),
                "other_diagnosis_19": draw.choice((None, None, *favourites)),
                "birth_year": draw.choice(BIRTH_YEARS) if slips else birth_year,
                "link_quality": draw.choice((1, 1, 1, 1, 1, 1, 2, 4, None)),
                "death_date": draw.choice((None, None, None, None, moment.date())),
            }
            rows.append(row | (place(draw) if slips else home))
    return rows


def bup_referrals(draw: Random, persons: int) -> list[Row]:
    rows: list[Row] = []
    for person in range(persons):
        received = draw.choice(MOMENTS).date()
        birth_year, home = draw.choice(draw.choice((KINDS[0][0], BIRTH_YEARS))), place(draw)
        for number in range(draw.choice((1, 1, 2, 3, 5))):
            days = draw.choice((None, None, -1, 0, 1, 30, 31, 60, 61, 90, 91, 400))
            row: Row = {
                "referral_id": f"{number}",
                "person_id": f"p{person}",
                "specialty": draw.choice(("310", "310", "310", "320", None)),
                "received_on": received,
                "assessed_on": draw.choice((None, received + timedelta(days=7))),
                "outcome": draw.choice((1, 1, 1, 2, 2, 3, None)),
                "wait_ended_on": None if days is None else received + timedelta(days=days),
                "birth_year": birth_year,
            }
            rows.append(row | home)
            received += timedelta(days=draw.choice((0, 0, 5, 40, 95)))
    return rows


def care_services(draw: Random, persons: int) -> list[Row]:
    """Services of 2022-2024, each reported for the years it touches, mostly."""
    rows: list[Row] = []
    for person in range(persons):
        birth_year, home = draw.choice(draw.choice((KINDS[1][0], BIRTH_YEARS))), place(draw)
        began = draw.choice(MOMENTS).date()
        died = draw.choice((None, None, None, None, began + timedelta(days=200)))
        # All services one after the other, before a long-term stay.
        has_all = draw.choice((True, False, False, False, False, False))
        for number in range(10 if has_all else draw.choice((1, 2, 3, 5, 8))):
            code = draw.choice((21, 21, 21, 15, 15, 1, 6, 7, 8, 12, 18, 19, 22, 29, 99))
            if has_all:
                code = (21, 15, 1, 6, 7, 8, 12, 18, 22, 99)[number]
            starts = began + timedelta(
                days=draw.choice((0, 1, 30, 200, 364, 365, 366, 367, -1, -200, -365, -366, -400))
            )
            if has_all and number:
                starts = began - timedelta(days=20)
            days = draw.choice((None, None, 0, 1, 30, 200, 365, -1))
            ended = None if days is None else starts + timedelta(days=days)
            years = [y for y in (2022, 2023, 2024) if starts.year <= y <= (ended or date.max).year]
            if draw.choice((False, False, False, False, True)):
                years = [draw.choice((2022, 2023, 2024))]  # outside its days, or not every year
            for year in years:
                slips = draw.choice((False, False, False, False, False, True))
                row: Row = {
                    "service_id": f"{number}",
                    "person_id": f"p{person}",
                    "data_year": year,
                    "service_code": code,
                    "started_on": starts,
                    "ended_on": ended,
                    "death_date": died,
                    "birth_year": draw.choice(BIRTH_YEARS) if slips else birth_year,
                }
                rows.append(row | (place(draw) if slips else home))
    return rows


def assessments(draw: Random, persons: int) -> list[Row]:
    rows: list[Row] = []
    for person in range(persons):
        for number in range(draw.choice((0, 1, 2, 4, 6))):
            on = draw.choice(MOMENTS).date()
            needs = draw.choice((0, 1, 4, 5, 6, 10, 14, 15, 16, 20))
            scores: list[int | None] = [draw.choice((3, 4, 5)) for _ in range(needs)]
            scores += [draw.choice((1, 2)) for _ in range(20 - needs)]
            if draw.choice((True, False, False)):
                blank = draw.choice((3, 8, 19, 20))
                scores[:blank] = [draw.choice((9, None)) for _ in range(blank)]
            draw.shuffle(scores)
            row: Row = {
                "assessment_id": f"{number}",
                "person_id": f"p{person}",
                "data_year": on.year,
                "assessed_on": on,
            }
            rows.append(row | {f"function_{n:02}": s for n, s in enumerate(scores, 1)})
    return rows
