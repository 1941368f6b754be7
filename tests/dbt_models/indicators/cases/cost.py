"""What stays cost, what ISF pays, what a tenth fewer would mean, and the hospital's pathway.

A point was paid with NOK 52 248 in 2024, of which ISF 40 %, and 45 808 in 2020, of which 50 %. Of
2021 to 2023 no unit price is known. A day of waiting cost the municipality 5 745 in 2024.
"""

from datetime import date

from tests.dbt_models.indicators.cases.case import Case, Row, stay

FEBRUARY = ("2024-02-01 08:00", "2024-02-10 12:00")
AFTERWARDS = ("2024-02-10 14:00", "2024-02-12 12:00")


def _cost(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("hospital_cost", name, {"npr_stay": stays}, expected)


def _acute(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("acute_stay_cost", name, {"npr_stay": stays}, expected)


def _isf(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("hospital_isf_income", name, {"npr_stay": stays}, expected)


def _tenth(name: str, stays: list[Row], *expected: str) -> Case:
    lines = tuple(f"p/{line}" for line in expected)
    return Case("acute_admissions_10_percent", name, {"npr_stay": stays}, lines)


def _pathway(name: str, stays: list[Row], *expected: str) -> Case:
    lines = tuple(
        f"p/{day}/{part} 2024 sector_diakonhjemmet/75-84 {part} {nok}"
        for day, part, nok in (line.split() for line in expected)
    )
    return Case("pathway_hospital_cost", name, {"npr_stay": stays}, lines)


COST = (
    _cost(
        "one point, acute",
        [stay("a", *FEBRUARY, drg_weight=1.0)],
        "p/a 2024 030105 75-84 acute 52248",
    ),
    _cost(
        "two points, planned",
        [stay("a", *FEBRUARY, drg_weight=2.0, urgency=4)],
        "p/a 2024 030105 75-84 planned 104496",
    ),
    _cost(
        "a planned stay two hours after an acute one is of the acute episode: two rows, both acute",
        [
            stay("a", *FEBRUARY, drg_weight=1.0),
            stay("b", *AFTERWARDS, drg_weight=0.5, urgency=4),
        ],
        "p/a 2024 030105 75-84 acute 52248",
        "p/b 2024 030105 75-84 acute 26124",
    ),
    _cost(
        "from December into January: the price of the year of discharge",
        [stay("a", "2023-12-30 08:00", "2024-01-02 08:00", drg_weight=1.0)],
        "p/a 2024 030105 75-84 acute 52248",
    ),
    _cost(
        "of 2023 no price is known",
        [stay("a", "2023-02-01 08:00", "2023-02-02 08:00", drg_weight=1.0)],
    ),
    _cost(
        "psychiatry is not paid by the point, and a stay without points has no cost",
        [
            stay("a", *FEBRUARY, drg_weight=1.0, sector="2"),
            stay("b", "2024-06-01 08:00", "2024-06-02 08:00"),
        ],
    ),
)

ACUTE = (
    _acute(
        "one point, acute, from Frogner: the sector of Diakonhjemmet",
        [stay("a", *FEBRUARY, drg_weight=1.0)],
        "p/a 2024 sector_diakonhjemmet 75-84 acute 52248",
    ),
    _acute(
        "the planned stay that an acute episode goes on with is part of it; another is not",
        [
            stay("a", *FEBRUARY, drg_weight=1.0),
            stay("b", *AFTERWARDS, drg_weight=0.5, urgency=4),
            stay("c", "2024-06-01 08:00", "2024-06-02 08:00", drg_weight=1.0, urgency=4),
        ],
        "p/a 2024 sector_diakonhjemmet 75-84 acute 52248",
        "p/b 2024 sector_diakonhjemmet 75-84 acute 26124",
    ),
    _acute(
        "from outside Oslo, and from an unknown bydel of it: outside the sectors",
        [
            stay("a", *FEBRUARY, drg_weight=1.0, municipality_no="3201", bydel=None),
            stay("a", *FEBRUARY, drg_weight=2.0, bydel="030199", person_id="q"),
        ],
        "p/a 2024 outside_sectors 75-84 acute 52248",
        "q/a 2024 outside_sectors 75-84 acute 104496",
    ),
    _acute(
        "a hundred points are 5 224 800, and count as five million",
        [stay("a", *FEBRUARY, drg_weight=100.0)],
        "p/a 2024 sector_diakonhjemmet 75-84 acute 5000000",
    ),
    _acute(
        "from December into January: the price, and the age, of the year of discharge",
        [stay("a", "2023-12-30 08:00", "2024-01-02 08:00", drg_weight=1.0, birth_year=1939)],
        "p/a 2024 sector_diakonhjemmet 85+ acute 52248",
    ),
    _acute(
        "psychiatry, no points, no identity, unknown age, and a year whose price is not known",
        [
            stay("a", *FEBRUARY, drg_weight=1.0, sector="2"),
            stay("b", "2024-06-01 08:00", "2024-06-02 08:00"),
            stay("a", *FEBRUARY, drg_weight=1.0, link_quality=4, person_id="q"),
            stay("a", *FEBRUARY, drg_weight=1.0, birth_year=9999, person_id="r"),
            stay("c", "2023-02-01 08:00", "2023-02-02 08:00", drg_weight=1.0),
        ],
    ),
)

ISF = (
    _isf(
        "one point: 40 % of 52 248 is 20 899.20",
        [stay("a", *FEBRUARY, drg_weight=1.0)],
        "p/a 2024 030105 75-84 acute 20899",
    ),
    _isf(
        "two points: 41 798.40",
        [stay("a", *FEBRUARY, drg_weight=2.0, urgency=4)],
        "p/a 2024 030105 75-84 planned 41798",
    ),
    _isf(
        "one point in 2020: 50 % of 45 808",
        [stay("a", "2020-02-01 08:00", "2020-02-02 08:00", drg_weight=1.0)],
        "p/a 2020 030105 75-84 acute 22904",
    ),
    _isf(
        "of 2023 the share is known and the price is not",
        [stay("a", "2023-02-01 08:00", "2023-02-02 08:00", drg_weight=1.0)],
    ),
    _isf("addiction care is not paid so", [stay("a", *FEBRUARY, drg_weight=1.0, sector="1")]),
    _isf(
        "without national identity, and of unknown age",
        [
            stay("a", *FEBRUARY, drg_weight=1.0, link_quality=4),
            stay("a", *FEBRUARY, drg_weight=1.0, birth_year=9999, person_id="q"),
        ],
    ),
)

# A tenth of one point in 2024: ISF 2 089.92, the trust 3 134.88. Of a day of waiting: 574.50.
READY = date(2024, 2, 8)
PLACE = "2024 030105 75-84"

TENTH = (
    _tenth(
        "one point and two days of waiting: three payers",
        [stay("a", *FEBRUARY, drg_weight=1.0, discharge_ready_date=READY)],
        f"a/isf {PLACE} isf 2090",
        f"a/municipality {PLACE} municipality 1149",
        f"a/trust {PLACE} trust 3135",
    ),
    _tenth("planned: nothing", [stay("a", *FEBRUARY, drg_weight=1.0, urgency=4)]),
    _tenth(
        "without points, after two days of waiting: the municipality alone",
        [stay("a", *FEBRUARY, discharge_ready_date=READY)],
        f"a/municipality {PLACE} municipality 1149",
    ),
    _tenth(
        "two points without waiting: ISF 4 179.84 and the trust 6 269.76",
        [stay("a", *FEBRUARY, drg_weight=2.0)],
        f"a/isf {PLACE} isf 4180",
        f"a/trust {PLACE} trust 6270",
    ),
    _tenth(
        "2023, a day of waiting at 5 508: a price of the day and none of the point",
        [
            stay("a", "2023-02-01 08:00", "2023-02-10 08:00", drg_weight=1.0,
                 discharge_ready_date=date(2023, 2, 9)),
        ],
        "a/municipality 2023 030105 75-84 municipality 551",
    ),
    _tenth(
        "the planned stay that an acute episode goes on with is part of it",
        [
            stay("a", *FEBRUARY, drg_weight=1.0),
            stay("b", *AFTERWARDS, drg_weight=1.0, urgency=4),
        ],
        f"a/isf {PLACE} isf 2090",
        f"a/trust {PLACE} trust 3135",
        f"b/isf {PLACE} isf 2090",
        f"b/trust {PLACE} trust 3135",
    ),
)  # fmt: skip

# The admission is on 1 July 2024; 2 April is 90 days before it and 29 September 90 days after.
INDEX = stay("i", "2024-07-01 08:00", "2024-07-03 12:00", drg_weight=2.0)


def _planned(number: str, day: str, points: float = 1.0) -> Row:
    return stay(number, f"{day} 08:00", f"{day} 12:00", urgency=4, drg_weight=points)


PATHWAY = (
    _pathway("two points on the day itself", [INDEX], "2024-07-01 admission 104496"),
    _pathway(
        "a planned stay 90 days before is in, 91 days before is out",
        [INDEX, _planned("b", "2024-04-02"), _planned("c", "2024-04-01", 4.0)],
        "2024-07-01 admission 104496",
        "2024-07-01 before 52248",
    ),
    _pathway(
        "a planned stay 90 days after is in, 91 days after is out",
        [INDEX, _planned("b", "2024-09-29"), _planned("c", "2024-09-30", 4.0)],
        "2024-07-01 admission 104496",
        "2024-07-01 after 52248",
    ),
    _pathway(
        "two admissions ten days apart are before and after each other",
        [
            stay("a", "2024-05-01 08:00", "2024-05-02 08:00", drg_weight=1.0),
            stay("b", "2024-05-11 08:00", "2024-05-12 08:00", drg_weight=2.0),
        ],
        "2024-05-01 admission 52248",
        "2024-05-01 after 104496",
        "2024-05-11 before 52248",
        "2024-05-11 admission 104496",
    ),
    _pathway(
        "the 90 days after 2 October are delivered, those after 3 October lack one",
        [
            stay("a", "2024-10-02 08:00", "2024-10-02 09:00", drg_weight=1.0),
            stay("a", "2024-10-03 08:00", "2024-10-03 09:00", drg_weight=1.0, person_id="q"),
        ],
        "2024-10-02 admission 52248",
    ),
    _pathway("a planned stay alone is no pathway", [_planned("a", "2024-04-02")]),
)

CASES = (*COST, *ACUTE, *ISF, *TENTH, *PATHWAY)
