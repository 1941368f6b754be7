"""Linked indicators: what two organisations' tokens say together.

Expected is one line an index day and what was found for it: person, day, bucket, and class; or -
where nothing was.
"""

from collections.abc import Sequence
from datetime import date

from tests.dbt_models.indicators.cases.case import Case, Landing, Row, care, claim, stay, tariff

KAD, HOME_NURSING, PRACTICAL_HELP, ALARM, LONG_TERM, SHORT_TERM = 22, 15, 1, 6, 21, 18


INDEX = stay("a", "2024-02-01 08:00", "2024-02-10 12:00")
"""Discharged home on 10 February 2024; day 30 after is 11 March."""


def _case(indicator: str, name: str, here: Landing, there: Landing, *expected: str) -> Case:
    return Case(indicator, name, here, expected, there)


def _elsewhere(name: str, here: list[Row], there: list[Row], *expected: str) -> Case:
    lines = tuple(line.replace("*", "sector_diakonhjemmet") for line in expected)
    return _case(
        "readmission_30d_any_hospital", name, {"npr_stay": here}, {"npr_stay": there}, *lines
    )


def _there(day: str, **more: object) -> Row:
    return stay("x", f"{day} 12:00", f"{day} 20:00", **more)


ELSEWHERE = (
    _elsewhere(
        "admitted elsewhere on 11 March: day 30 counts",
        [INDEX],
        [_there("2024-03-11")],
        "p 2024-02-10 * days_1_30",
    ),
    _elsewhere("on 12 March: day 31 does not", [INDEX], [_there("2024-03-12")], "p 2024-02-10 * -"),
    _elsewhere(
        "on the same day: day 0 does not", [INDEX], [_there("2024-02-10")], "p 2024-02-10 * -"
    ),
    _elsewhere(
        "planned elsewhere: does not",
        [INDEX],
        [_there("2024-02-20", urgency=4)],
        "p 2024-02-10 * -",
    ),
    _elsewhere(
        "back here on day 5 and elsewhere on day 8: asked about after the second discharge only",
        [INDEX, stay("b", "2024-02-15 08:00", "2024-02-16 08:00")],
        [_there("2024-02-18")],
        "p 2024-02-16 * days_1_30",
    ),
    _elsewhere(
        "moved on to another hospital: that is no discharge",
        [INDEX | {"discharged_to": 3}],
        [_there("2024-02-11")],
    ),
)


def _gp(name: str, on: Sequence[str], found: str, *, code: str = "2ad", kind: int = 1) -> Case:
    there = {
        "kuhr_claim": [claim(day, day, kind) for day in on],
        "kuhr_tariff": [tariff(day, code) for day in on],
    }
    line = f"p 2024-02-10 030105 {found}"
    return _case("gp_followup_after_discharge", name, {"npr_stay": [INDEX]}, there, line)


GP = (
    _gp("seen on 17 February: day 7", ["2024-02-17"], "days_1_7"),
    _gp("seen on 18 February: day 8", ["2024-02-18"], "days_8_14"),
    _gp("visited at home on 24 February: day 14", ["2024-02-24"], "days_8_14", code="11ak"),
    _gp("seen on 11 March: day 30", ["2024-03-11"], "days_15_30"),
    _gp("seen on 12 March: day 31", ["2024-03-12"], "-"),
    _gp("seen on the day of discharge and not after", ["2024-02-10"], "-"),
    _gp("seen on days 3 and 9: the first says it", ["2024-02-19", "2024-02-13"], "days_1_7"),
    _gp("spoken to on the telephone", ["2024-02-12"], "-", code="1bd"),
    _gp("seen at legevakt", ["2024-02-12"], "-", kind=2),
    _case(
        "gp_followup_after_discharge",
        "to a nursing home, and seen there: not discharged home",
        {"npr_stay": [INDEX | {"discharged_to": 11}]},
        {"kuhr_claim": [claim("k", "2024-02-12")], "kuhr_tariff": [tariff("k", "2ad")]},
    ),
)


def _home(name: str, services: list[Row], found: str) -> Case:
    line = f"p 2024-02-10 030105 {found}"
    here, there = {"npr_stay": [INDEX]}, {"kpr_care": services}
    return _case("home_care_after_discharge", name, here, there, line)


HOME = (
    _home(
        "nursing begins on the day of discharge",
        [care("s", HOME_NURSING, "2024-02-10", None)],
        "days_0_3",
    ),
    _home(
        "practical help begins on day 3",
        [care("s", PRACTICAL_HELP, "2024-02-13", None)],
        "days_0_3",
    ),
    _home("begins on day 4", [care("s", HOME_NURSING, "2024-02-14", None)], "days_4_7"),
    _home("begins on day 8", [care("s", HOME_NURSING, "2024-02-18", None)], "-"),
    _home(
        "goes on from a grant that ended the day before",
        [
            care("s", HOME_NURSING, "2024-01-01", "2024-02-11"),
            care("t", HOME_NURSING, "2024-02-12", None),
        ],
        "-",
    ),
    _home(
        "nursing is had already, practical help is new",
        [
            care("s", HOME_NURSING, "2024-01-01", None),
            care("t", PRACTICAL_HELP, "2024-02-12", None),
        ],
        "days_0_3",
    ),
    _home("a safety alarm is neither", [care("s", ALARM, "2024-02-12", None)], "-"),
)


def _short(name: str, index: Row, services: list[Row], found: str) -> Case:
    line = f"p 2024-02-10 030105 {found}"
    here, there = {"npr_stay": [index]}, {"kpr_care": services}
    return _case("short_term_stay_after_discharge", name, here, there, line)


TO_NURSING_HOME = INDEX | {"discharged_to": 11}
SHORT = (
    _short(
        "to a stay that begins the same day",
        TO_NURSING_HOME,
        [care("s", SHORT_TERM, "2024-02-10", None)],
        "days_0_1",
    ),
    _short(
        "home for a night, to a stay the day after",
        INDEX,
        [care("s", 19, "2024-02-11", "2024-02-20")],
        "days_0_1",
    ),
    _short("two days after is not at once", INDEX, [care("s", 20, "2024-02-12", None)], "-"),
    _short(
        "to a long-term stay",
        TO_NURSING_HOME,
        [care("s", LONG_TERM, "2024-02-10", None)],
        "-",
    ),
    _short(
        "back to a stay that was kept for them begins nothing",
        TO_NURSING_HOME,
        [
            care("s", SHORT_TERM, "2024-01-20", "2024-02-09"),
            care("t", SHORT_TERM, "2024-02-10", None),
        ],
        "-",
    ),
)

ADMITTED = stay("a", "2024-06-10 08:00", "2024-06-12 08:00")
"""An acute admission on 10 June 2024; 12 March is 90 days before it."""


def _used(name: str, there: Landing, *found: str, index: Row = ADMITTED) -> Case:
    lines = tuple(f"p 2024-06-10 75-84/sector_diakonhjemmet {line}" for line in found)
    here = {"npr_stay": [index]}
    return _case("service_use_before_acute_admission", name, here, there, *lines)


USED = (
    _used(
        "the GP 7 days before",
        {"kuhr_claim": [claim("k", "2024-06-03")]},
        "last gp 1-7",
        "days gp 1-2",
    ),
    _used(
        "the GP 8 and 30 days before: the last counts, and both days",
        {"kuhr_claim": [claim("k", "2024-06-02"), claim("l", "2024-05-11")]},
        "last gp 8-30",
        "days gp 1-2",
    ),
    _used(
        "legevakt 90 days before is in, 91 days before is not",
        {"kuhr_claim": [claim("k", "2024-03-12", 2), claim("l", "2024-03-11", 2)]},
        "last legevakt 31-90",
        "days legevakt 1-2",
    ),
    _used("the GP on the day of admission only", {"kuhr_claim": [claim("k", "2024-06-10")]}, "-"),
    _used(
        "nursing on every day from 1 to 20 May, and an alarm, which is none of the services",
        {
            "kpr_care": [
                care("s", HOME_NURSING, "2024-05-01", "2024-05-20"),
                care("t", ALARM, "2024-05-01", None),
            ]
        },
        "last home_nursing 8-30",
        "days home_nursing 8-30",
    ),
    _used(
        "a planned admission is not asked about",
        {"kuhr_claim": [claim("k", "2024-06-03")]},
        index=ADMITTED | {"urgency": 4},
    ),
)


def _onward(name: str, kad: list[Row], stays: list[Row], *found: str) -> Case:
    lines = tuple(f"p 2024-02-03 75-84/sector_diakonhjemmet {line}" for line in found)
    here, there = {"kpr_care": kad}, {"npr_stay": stays}
    return _case("kad_onward_admission", name, here, there, *lines)


BED = care("s", KAD, "2024-02-01", "2024-02-03")
ONWARD = (
    _onward("admitted the same day", [BED], [_there("2024-02-03")], "0"),
    _onward("admitted on day 3", [BED], [_there("2024-02-06")], "1-3"),
    _onward("admitted on day 4", [BED], [_there("2024-02-07")], "-"),
    _onward("planned on the day after", [BED], [_there("2024-02-04", urgency=4)], "-"),
    _onward(
        "died in the bed: did not leave it",
        [BED | {"death_date": date(2024, 2, 3)}],
        [_there("2024-02-03")],
    ),
    _onward(
        "admitted on days 0 and 2: the next one says it",
        [BED],
        [_there("2024-02-05"), stay("y", "2024-02-03 20:00", "2024-02-04 01:00")],
        "0",
    ),
)


def _paid(name: str, there: list[Row], *found: str, index: Row = ADMITTED) -> Case:
    lines = tuple(f"p 2024-06-10 sector_diakonhjemmet/75-84 {line}" for line in found)
    here = {"npr_stay": [index]}
    return _case("pathway_cost", name, here, {"kpr_care": there}, *lines)


# A day in a nursing home is NOK 3 850: 12 days are 46 200, 13 are 50 050, 39 are 150 150.
PAID = (
    _paid(
        "12 days in May",
        [care("s", SHORT_TERM, "2024-05-01", "2024-05-12")],
        "before 1-49999",
    ),
    _paid(
        "13 days in May, and 39 from the day after admission on",
        [
            care("s", SHORT_TERM, "2024-05-01", "2024-05-13"),
            care("t", LONG_TERM, "2024-06-11", "2024-07-19"),
        ],
        "before 50000-149999",
        "after 150000+",
    ),
    _paid(
        "the day of admission is in neither window",
        [care("s", SHORT_TERM, "2024-06-10", "2024-06-10")],
        "-",
    ),
    _paid(
        "90 days before is in, 91 days before is not",
        [
            care("s", SHORT_TERM, "2024-03-11", "2024-03-11"),
            care("t", SHORT_TERM, "2024-03-12", "2024-03-12"),
        ],
        "before 1-49999",
    ),
    _paid(
        "two stays on the same 12 days are one bed, and of home nursing no price is known",
        [
            care("s", SHORT_TERM, "2024-05-01", "2024-05-12"),
            care("t", LONG_TERM, "2024-05-01", "2024-05-12"),
            care("u", HOME_NURSING, "2024-05-01", None),
        ],
        "before 1-49999",
    ),
)


def _across(name: str, there: Landing, *found: str, index: Row = ADMITTED) -> Case:
    lines = tuple(f"p 2024-01-01 75-84/sector_diakonhjemmet {line}" for line in found)
    return _case("use_across_levels", name, {"npr_stay": [index]}, there, *lines)


ACROSS = (
    _across(
        "the GP in January, the hospital in June: of one year",
        {"kuhr_claim": [claim("k", "2024-01-02")]},
        "primary user",
    ),
    _across(
        "the GP on New Year's Eve of the year before: of another",
        {"kuhr_claim": [claim("k", "2023-12-31")]},
        "-",
    ),
    _across(
        "home nursing from the year before on: a day of it in the year",
        {"kpr_care": [care("s", HOME_NURSING, "2023-05-01", "2024-01-01")]},
        "care user",
    ),
    _across(
        "both levels, each by itself",
        {
            "kuhr_claim": [claim("k", "2024-01-02", 2)],
            "kpr_care": [care("s", LONG_TERM, "2024-12-31", None)],
        },
        "primary user",
        "care user",
    ),
    _across(
        "a visit to the hospital without national identity is nobody's",
        {"kuhr_claim": [claim("k", "2024-01-02")]},
        index=ADMITTED | {"link_quality": 4},
    ),
)


def _before(name: str, index: list[Row], stays: list[Row], *found: str) -> Case:
    lines = tuple(f"p 2024-06-01 75-84 {line}" for line in found)
    here, there = {"kpr_care": index}, {"npr_stay": stays}
    return _case("admissions_before_long_term_stay", name, here, there, *lines)


MOVES_IN = care("s", LONG_TERM, "2024-06-01", None)


def _left(day: str, **more: object) -> Row:
    return stay("a", f"{day} 08:00", f"{day} 12:00", **more)


BEFORE = (
    _before(
        "from hospital on the day of discharge: 0 days",
        [MOVES_IN],
        [stay("a", "2024-05-20 08:00", "2024-06-01 10:00")],
        "days_0_30",
    ),
    _before("left hospital on 2 May: 30 days", [MOVES_IN], [_left("2024-05-02")], "days_0_30"),
    _before("left on 1 May: 31 days", [MOVES_IN], [_left("2024-05-01")], "days_31_90"),
    _before(
        "left on 2 June 2023: 365 days, for 2024 has a leap day",
        [MOVES_IN],
        [_left("2023-06-02")],
        "days_91_365",
    ),
    _before("left on 1 June 2023: 366 days", [MOVES_IN], [_left("2023-06-01")], "-"),
    _before("admitted on the day of moving in", [MOVES_IN], [_left("2024-06-01")], "-"),
    _before(
        "74 years old: not asked about",
        [MOVES_IN | {"birth_year": 1950}],
        [_left("2024-05-02", birth_year=1950)],
    ),
)

CASES = (*ELSEWHERE, *GP, *HOME, *SHORT, *USED, *ONWARD, *PAID, *ACROSS, *BEFORE)
