"""Acute admissions, conditions that care outside hospital can keep away, waiting, death."""

from datetime import date

from tests.dbt_models.indicators.cases.case import Case, Row, stay

MAY = ("2024-05-01 08:00", "2024-05-02 10:00")


def _acute(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("acute_admissions", name, {"npr_stay": stays}, expected)


def _acsc(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("acsc_admissions", name, {"npr_stay": stays}, expected)


ACUTE = (
    _acute(
        "begun on 31 December at 23:59, left on 2 January: of the month and year in which it began",
        [stay("a", "2023-12-31 23:59", "2024-01-02 08:00")],
        "p/a 2023 030105 75-84 2023-12 somatic",
    ),
    _acute(
        "moved to psychiatry 8 hours later to the minute: one admission, somatic as it began",
        [stay("a", *MAY), stay("b", "2024-05-02 18:00", "2024-05-10 08:00", sector="2")],
        "p/b 2024 030105 75-84 2024-05 somatic",
    ),
    _acute(
        "into psychiatry 8 hours and a minute later: two admissions",
        [stay("a", *MAY), stay("b", "2024-05-02 18:01", "2024-05-10 08:00", sector="2")],
        "p/a 2024 030105 75-84 2024-05 somatic",
        "p/b 2024 030105 75-84 2024-05 mental_health_addiction",
    ),
    _acute(
        "planned on 31 March, an emergency from 1 April on: acute, and of March",
        [
            stay("a", "2024-03-31 08:00", "2024-04-01 10:00", urgency=4),
            stay("b", "2024-04-01 12:00", "2024-04-03 10:00"),
        ],
        "p/b 2024 030105 75-84 2024-03 somatic",
    ),
    _acute(
        "75 in the year of admission is 75-84, 74 is not",
        [stay("a", *MAY, birth_year=1949), stay("a", *MAY, birth_year=1950, person_id="q")],
        "p/a 2024 030105 75-84 2024-05 somatic",
        "q/a 2024 030105 67-74 2024-05 somatic",
    ),
    _acute(
        "who moves house between two admissions counts where they lived at each",
        [stay("a", *MAY), stay("b", "2024-08-01 08:00", "2024-08-02 08:00", bydel="030112")],
        "p/a 2024 030105 75-84 2024-05 somatic",
        "p/b 2024 030112 75-84 2024-08 somatic",
    ),
)

ACSC = (
    _acsc(
        "heart failure first, hip fracture in the stay that follows: heart failure",
        [stay("a", *MAY), stay("b", "2024-05-02 12:00", "2024-05-09 08:00", main_diagnosis="S720")],
        "p/b 2024 heart_failure 030105 75-84 admission",
    ),
    _acsc(
        "hip fracture first, heart failure in the stay that follows: none",
        [stay("a", *MAY, main_diagnosis="S720"), stay("b", "2024-05-02 12:00", "2024-05-09 08:00")],
    ),
    _acsc(
        "COPD as another diagnosis beside a fracture: none",
        [stay("a", *MAY, main_diagnosis="S720", other_diagnosis_1="J440")],
    ),
    _acsc(
        "planned for COPD: none",
        [stay("a", *MAY, main_diagnosis="J440", urgency=4)],
    ),
    _acsc(
        "pneumonia in May and again in June: two",
        [
            stay("a", *MAY, main_diagnosis="J181"),
            stay("b", "2024-06-01 08:00", "2024-06-02 08:00", main_diagnosis="J181"),
        ],
        "p/a 2024 pneumonia 030105 75-84 admission",
        "p/b 2024 pneumonia 030105 75-84 admission",
    ),
    _acsc(
        "diphtheria is on the list, with the conditions that have no group of their own",
        [stay("a", *MAY, main_diagnosis="A369")],
        "p/a 2024 other 030105 75-84 admission",
    ),
    _acsc("without a main diagnosis nobody knows", [stay("a", *MAY, main_diagnosis=None)]),
)

# In hospital from 1 to 10 February 2024. Day 30 after is 11 March: February has 29 days.


def waited(ready_on: str | None, number: str = "a", **more: object) -> Row:
    ready = date.fromisoformat(ready_on) if ready_on else None
    return stay(
        number, "2024-02-01 08:00", "2024-02-10 12:00", discharge_ready_date=ready, **more
    )  # fmt: skip


def _ready(name: str, stays: list[Row], *expected: str) -> Case:
    lines = tuple(f"p/a 2024 030105 75-84 {line}" for line in expected)
    return Case("discharge_ready", name, {"npr_stay": stays}, lines)


def _days(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("discharge_ready_days", name, {"npr_stay": stays}, expected)


def _cost(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("discharge_ready_cost", name, {"npr_stay": stays}, expected)


READY = (
    _ready(
        "ready on the 8th, left on the 10th, not back: 2 days over",
        [waited("2024-02-08")],
        "2024Q1 over_not_readmitted",
    ),
    _ready(
        "left on the day they were ready, back a minute past midnight: day 1 counts",
        [waited("2024-02-10"), stay("b", "2024-02-11 00:01", "2024-02-12 08:00")],
        "2024Q1 same_day_readmitted",
    ),
    _ready(
        "back on 11 March at 23:59: day 30 counts",
        [waited("2024-02-09"), stay("b", "2024-03-11 23:59", "2024-03-12 08:00")],
        "2024Q1 over_readmitted",
    ),
    _ready(
        "back on 12 March at midnight: day 31 does not",
        [waited("2024-02-09"), stay("b", "2024-03-12 00:00", "2024-03-12 08:00")],
        "2024Q1 over_not_readmitted",
    ),
    _ready("ready the day before admission is no report", [waited("2024-01-31")]),
    _ready(
        "dies in hospital after waiting: over, and nobody to follow",
        [waited("2024-02-08", state_at_discharge=2)],
        "2024Q1 over_not_followed",
    ),
    _ready(
        "left on 2 December: day 30 is 1 January, which is not delivered",
        [
            stay("a", "2024-12-01 08:00", "2024-12-02 08:00",
                 discharge_ready_date=date(2024, 12, 2)),
        ],
        "2024Q4 same_day_not_followed",
    ),
)  # fmt: skip

READY_DAYS = (
    _days(
        "ready on the 8th, left on the 10th: 2",
        [waited("2024-02-08")],
        "p/a 2024 030105 75-84 2024Q1 over 2",
    ),
    _days("left on the day they were ready: no days", [waited("2024-02-10")]),
    _days(
        "from 28 February to 1 March 2024: 2, one of them the 29th",
        [stay("a", "2024-02-01 08:00", "2024-03-01 08:00", discharge_ready_date=date(2024, 2, 28))],
        "p/a 2024 030105 75-84 2024Q1 over 2",
    ),
    _days(
        "from 30 December to 2 January: 3, all of the quarter of the discharge",
        [
            stay("a", "2023-12-01 08:00", "2024-01-02 08:00",
                 discharge_ready_date=date(2023, 12, 30)),
        ],
        "p/a 2024 030105 75-84 2024Q1 over 3",
    ),
    _days(
        "the days of one who dies after waiting were waited all the same",
        [waited("2024-02-08", state_at_discharge=2)],
        "p/a 2024 030105 75-84 2024Q1 over 2",
    ),
    _days("ready the day after discharge is no report", [waited("2024-02-11")]),
)  # fmt: skip

READY_COST = (
    _cost(
        "2 days in 2024 at 5 745",
        [waited("2024-02-08")],
        "p/a 2024 030105 75-84 2024Q1 over 11490",
    ),
    _cost("left on the day they were ready: nothing to pay", [waited("2024-02-10")]),
    _cost(
        "2 days of December 2023 and 1 of January: 3 at the price of the year of discharge",
        [
            stay("a", "2023-12-01 08:00", "2024-01-02 08:00",
                 discharge_ready_date=date(2023, 12, 30)),
        ],
        "p/a 2024 030105 75-84 2024Q1 over 17235",
    ),
    _cost(
        "1 day in 2023 at 5 508",
        [
            stay("a", "2023-06-01 08:00", "2023-06-10 08:00",
                 discharge_ready_date=date(2023, 6, 9)),
        ],
        "p/a 2023 030105 75-84 2023Q2 over 5508",
    ),
    _cost(
        "of 2019 no price is known",
        [
            stay("a", "2019-06-01 08:00", "2019-06-10 08:00",
                 discharge_ready_date=date(2019, 6, 8)),
        ],
    ),
    _cost("ready the day before admission is no report", [waited("2024-01-31")]),
)  # fmt: skip


def _death(name: str, stays: list[Row], *expected: str) -> Case:
    return Case("death_after_discharge", name, {"npr_stay": stays}, expected)


DEATH = (
    _death(
        "left on 10 February, dies on 11 March: day 30 counts",
        [waited(None, death_date=date(2024, 3, 11))],
        "p/a 2024 75-84 2024Q1 died",
    ),
    _death(
        "dies on 12 March: day 31 does not",
        [waited(None, death_date=date(2024, 3, 12))],
        "p/a 2024 75-84 2024Q1 survived",
    ),
    _death(
        "left alive and dies the same day: counts",
        [waited(None, death_date=date(2024, 2, 10))],
        "p/a 2024 75-84 2024Q1 died",
    ),
    _death(
        "dies on the day of discharge, and how they left is not said: dead at discharge",
        [waited(None, death_date=date(2024, 2, 10), state_at_discharge=None)],
    ),
    _death("a planned stay is no acute episode", [waited(None, urgency=4)]),
    _death(
        "moved on as planned within 8 hours: one acute episode, and the last stay knows the death",
        [
            waited(None),
            stay("b", "2024-02-10 14:00", "2024-02-20 12:00", urgency=4,
                 death_date=date(2024, 2, 25)),
        ],
        "p/b 2024 75-84 2024Q1 died",
    ),
    _death(
        "left on 2 December: day 30 is not delivered",
        [stay("a", "2024-12-01 08:00", "2024-12-02 08:00")],
    ),
)  # fmt: skip

CASES = (*ACUTE, *ACSC, *READY, *READY_DAYS, *READY_COST, *DEATH)
