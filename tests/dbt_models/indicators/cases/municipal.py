"""Municipal acute beds, what municipal services cost, and who uses care services."""

from datetime import date

from tests.dbt_models.indicators.cases.case import Case, Row, care

KAD, HOME_NURSING, PRACTICAL_HELP, ALARM, LONG_TERM, SHORT_TERM = 22, 15, 1, 6, 21, 18
# Beds of care level 1 (day and night) in January and March 2024; February's are for the day only.
BEDS: list[Row] = [
    {"institution_id": "i", "data_year": 2024, "month": month, "care_level": level, "beds": 8.0}
    for month, level in ((1, 1), (2, 2), (3, 1))
]


def _use(name: str, services: list[Row], *expected: str) -> Case:
    return Case("kad_use", name, {"kpr_care": services}, expected)


def _days(name: str, services: list[Row], *expected: str) -> Case:
    return Case("kad_days", name, {"kpr_care": services}, expected)


def _occupancy(name: str, services: list[Row], *expected: str) -> Case:
    landing = {"kpr_care": services, "bed_capacity": BEDS}
    return Case("kad_occupancy", name, landing, expected)


def _cost(name: str, services: list[Row], *expected: str) -> Case:
    return Case("municipal_cost", name, {"kpr_care": services}, expected)


def _users(name: str, services: list[Row], *expected: str) -> Case:
    return Case("use_by_level_care", name, {"kpr_care": services}, expected)


USE = (
    _use(
        "in on 1 February, out on the 3rd: one stay, of the quarter it began in",
        [care("a", KAD, "2024-02-01", "2024-02-03")],
        "p/a 2024 030105 75-84 2024Q1 stay",
    ),
    _use(
        "a service that begins on the day another ends goes on, one of the day after is a new stay",
        [
            care("a", KAD, "2024-02-01", "2024-02-03"),
            care("b", KAD, "2024-02-03", "2024-02-05"),
            care("c", KAD, "2024-02-06", "2024-02-07"),
        ],
        "p/a 2024 030105 75-84 2024Q1 stay",
        "p/c 2024 030105 75-84 2024Q1 stay",
    ),
    _use(
        "begun the day before the first that is delivered: left out",
        [care("a", KAD, "2021-12-31", "2022-01-02", data_year=2022)],
    ),
    _use("unknown age", [care("a", KAD, "2024-02-01", "2024-02-03", birth_year=9999)]),
    _use(
        "a short-term stay is no municipal acute bed", [care("a", SHORT_TERM, "2024-02-01", None)]
    ),
    _use(
        "goes on into the next quarter, where the patient has moved: as it began",
        [
            care("a", KAD, "2024-03-30", "2024-04-01"),
            care("b", KAD, "2024-04-01", "2024-04-02", bydel="030112"),
        ],
        "p/a 2024 030105 75-84 2024Q1 stay",
    ),
)

DAYS = (
    _days(
        "from 28 February to 1 March 2024: the nights of the 28th and the 29th",
        [care("a", KAD, "2024-02-28", "2024-03-01")],
        "p/a 2024 030105 75-84 2024Q1 stay 2",
    ),
    _days(
        "in and out on one day is one day",
        [care("a", KAD, "2024-02-01", "2024-02-01")],
        "p/a 2024 030105 75-84 2024Q1 stay 1",
    ),
    _days(
        "from 30 March to 2 April: two days of the first quarter and one of the second",
        [care("a", KAD, "2024-03-30", "2024-04-02")],
        "p/a 2024 030105 75-84 2024Q1 stay 2",
        "p/a 2024 030105 75-84 2024Q2 stay 1",
    ),
    _days(
        "dies on the 4th day of a service that nobody ended: three days",
        [care("a", KAD, "2024-02-01", None, death_date=date(2024, 2, 4))],
        "p/a 2024 030105 75-84 2024Q1 stay 3",
    ),
    _days(
        "two services that overlap, 1 to 3 and 2 to 5 February: four days of one stay",
        [care("a", KAD, "2024-02-01", "2024-02-03"), care("b", KAD, "2024-02-02", "2024-02-05")],
        "p/a 2024 030105 75-84 2024Q1 stay 4",
    ),
    _days(
        "begun on 30 December and still there: both days that are delivered",
        [care("a", KAD, "2024-12-30", None)],
        "p/a 2024 030105 75-84 2024Q4 stay 2",
    ),
)

OCCUPANCY = (
    _occupancy(
        "from 1 to 4 March: three days",
        [care("a", KAD, "2024-03-01", "2024-03-04")],
        "p/a 2024 2024-03 stay 3",
    ),
    _occupancy(
        "from 28 February to 3 March: of February no beds are known, of March two days",
        [care("a", KAD, "2024-02-28", "2024-03-03")],
        "p/a 2024 2024-03 stay 2",
    ),
    _occupancy(
        "beds that are for the day only are none",
        [care("a", KAD, "2024-02-05", "2024-02-07")],
    ),
    _occupancy(
        "nobody asks how old who lies there is",
        [care("a", KAD, "2024-03-01", "2024-03-02", birth_year=9999)],
        "p/a 2024 2024-03 stay 1",
    ),
    _occupancy(
        "dies on the third day",
        [care("a", KAD, "2024-01-10", "2024-01-20", death_date=date(2024, 1, 12))],
        "p/a 2024 2024-01 stay 2",
    ),
    _occupancy(
        "from 31 December to 2 January: one day of a month with beds",
        [care("a", KAD, "2023-12-31", "2024-01-02")],
        "p/a 2024 2024-01 stay 1",
    ),
)

# A day in a nursing home was NOK 3 850 in 2024, by our own estimate; of 2023 no price is known.
COST = (
    _cost(
        "from 28 February to 1 March in a nursing home: three days, the 29th among them",
        [care("a", LONG_TERM, "2024-02-28", "2024-03-01")],
        "p/a 2024 long_term_stay 030105 75-84 service 11550",
    ),
    _cost(
        "two grants of one service that overlap for a day: the day is paid once",
        [
            care("a", LONG_TERM, "2024-02-01", "2024-02-03"),
            care("b", LONG_TERM, "2024-02-03", "2024-02-04"),
        ],
        "p/a 2024 long_term_stay 030105 75-84 service 11550",
        "p/b 2024 long_term_stay 030105 75-84 service 3850",
    ),
    _cost(
        "of home nursing no price is known",
        [care("a", HOME_NURSING, "2024-02-01", "2024-02-10", hours_per_week=7.0)],
    ),
    _cost(
        "dies on the second day of a stay that nobody ended: two days",
        [care("a", SHORT_TERM, "2024-02-01", None, death_date=date(2024, 2, 2))],
        "p/a 2024 short_term_stay 030105 75-84 service 7700",
    ),
    _cost(
        "over New Year: the days of 2024 alone have a price",
        [care("a", SHORT_TERM, "2023-12-30", "2024-01-02")],
        "p/a 2024 short_term_stay 030105 75-84 service 7700",
    ),
    _cost("unknown age", [care("a", LONG_TERM, "2024-02-01", "2024-02-03", birth_year=None)]),
)

CARE_USERS = (
    _users(
        "two grants of home nursing in a year are one user",
        [
            care("a", HOME_NURSING, "2024-02-01", "2024-02-03"),
            care("b", HOME_NURSING, "2024-06-01", None),
        ],
        "p/home_nursing 2024 home_nursing 030105 75-84 user",
    ),
    _users(
        "from 31 December to 1 January is a day in each year: 83 years in one and 84 in the other",
        [care("a", HOME_NURSING, "2023-12-31", "2024-01-01")],
        "p/home_nursing 2023 home_nursing 030105 75-84 user",
        "p/home_nursing 2024 home_nursing 030105 75-84 user",
    ),
    _users(
        "moves between two grants: lives where the year's first one says",
        [
            care("a", PRACTICAL_HELP, "2024-02-01", "2024-02-03", bydel="030112"),
            care("b", PRACTICAL_HELP, "2024-06-01", None),
        ],
        "p/practical_help 2024 practical_help 030112 75-84 user",
    ),
    _users(
        "nursing and practical help are two kinds, a safety alarm is none of them",
        [
            care("a", HOME_NURSING, "2024-02-01", None),
            care("b", PRACTICAL_HELP, "2024-02-01", None),
            care("c", ALARM, "2024-02-01", None),
        ],
        "p/home_nursing 2024 home_nursing 030105 75-84 user",
        "p/practical_help 2024 practical_help 030105 75-84 user",
    ),
    _users(
        "dead before New Year: no user in the year after, though nobody ended the service",
        [care("a", LONG_TERM, "2023-06-01", None, death_date=date(2023, 12, 31))],
        "p/long_term_stay 2023 long_term_stay 030105 75-84 user",
    ),
    _users(
        "a child of 12 and one of 13",
        [
            care("a", HOME_NURSING, "2024-02-01", "2024-02-01", birth_year=2012),
            care("a", HOME_NURSING, "2024-02-01", "2024-02-01", birth_year=2011, person_id="q"),
        ],
        "p/home_nursing 2024 home_nursing 030105 6-12 user",
        "q/home_nursing 2024 home_nursing 030105 13-17 user",
    ),
)

CASES = (*USE, *DAYS, *OCCUPANCY, *COST, *CARE_USERS)
