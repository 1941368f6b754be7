"""Risk-adjusted outcomes, the four patient groups, and who pays.

Which band of risk a stay falls in follows from coefficients that are fitted anew; the bands have
tests of their own. Here it is who counts, and as what.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.dbt_models.indicators.cases.case import Case, Row, claim, stay, tariff, visit

INDEX = stay("a", "2024-02-01 08:00", "2024-02-10 12:00")
"""Discharged on 10 February 2024; day 30 after is 11 March."""
OUTCOME = ("unit_id", "period", "sector", "atom")


def _adjusted(indicator: str, name: str, stays: list[Row], *expected: str) -> Case:
    lines = tuple(line.replace("*", "2024 sector_diakonhjemmet") for line in expected)
    return Case(indicator, name, {"npr_stay": stays}, lines, columns=OUTCOME)


def _back(at: str, **more: Any) -> Row:
    """A short stay with a diagnosis in no group."""
    usual = {"main_diagnosis": "Z509"} | more
    return stay("b", f"{at}", f"{at[:10]} 23:59", **usual)


# The 365 days before 1 January 2023 are delivered, those before 31 December 2022 lack a day.
EARLY = [
    stay("e", "2022-12-30 08:00", "2022-12-31 08:00"),
    stay("e", "2022-12-30 08:00", "2023-01-01 08:00", person_id="q"),
]
EARLY_LINE = "q/e 2023 sector_diakonhjemmet"

FHI, SKDE, DEATH = (
    "readmission_30d_fhi_adjusted",
    "readmission_30d_skde_adjusted",
    "death_after_discharge_adjusted",
)
ADJUSTED = (
    _adjusted(
        FHI, "back after 30 x 24 hours", [INDEX, _back("2024-03-11 12:00")], "p/a * readmitted"
    ),
    _adjusted(
        FHI, "back a minute later", [INDEX, _back("2024-03-11 12:01")], "p/a * not_readmitted"
    ),
    _adjusted(FHI, "66 in the year of discharge", [INDEX | {"birth_year": 1958}]),
    _adjusted(FHI, "a diagnosis in none of the 11 groups", [INDEX | {"main_diagnosis": "I424"}]),
    _adjusted(FHI, "the year before must be delivered", EARLY, f"{EARLY_LINE} not_readmitted"),
    _adjusted(
        FHI,
        "who lives in Alna is of the sector of Ahus in 2024",
        [INDEX | {"bydel": "030112"}],
        "p/a 2024 sector_ahus not_readmitted",
    ),
    _adjusted(
        SKDE,
        "back on day 29",
        [INDEX, _back("2024-03-10 08:00")],
        "p/a * readmitted",
        "p/b * not_readmitted",
    ),
    _adjusted(
        SKDE,
        "back on day 30",
        [INDEX, _back("2024-03-11 08:00")],
        "p/a * not_readmitted",
        "p/b * not_readmitted",
    ),
    _adjusted(SKDE, "74 in the year of discharge", [INDEX | {"birth_year": 1950}]),
    _adjusted(
        SKDE, "dies on day 30, and was not back", [INDEX | {"death_date": date(2024, 3, 11)}]
    ),
    _adjusted(SKDE, "the year before must be delivered", EARLY, f"{EARLY_LINE} not_readmitted"),
    _adjusted(DEATH, "dies on day 30", [INDEX | {"death_date": date(2024, 3, 11)}], "p/a * died"),
    _adjusted(
        DEATH, "dies on day 31", [INDEX | {"death_date": date(2024, 3, 12)}], "p/a * survived"
    ),
    _adjusted(DEATH, "of unknown sex", [INDEX | {"sex": 9}]),
    _adjusted(DEATH, "planned", [INDEX | {"urgency": 4}]),
    _adjusted(DEATH, "the year before must be delivered", EARLY, f"{EARLY_LINE} survived"),
)


def _group(name: str, stays: list[Row], *expected: str) -> Case:
    columns = ("unit_id", "target_group", "atom")
    return Case("target_group_readmission", name, {"npr_stay": stays}, expected, columns=columns)


def _acsc(name: str, stays: list[Row], *expected: str) -> Case:
    columns = ("target_group", "sector", "atom")
    return Case("target_group_acsc", name, {"npr_stay": stays}, expected, columns=columns)


CHILD: dict[str, Any] = {"birth_year": 2014, "main_diagnosis": "J459"}
ADULT: dict[str, Any] = {"birth_year": 1984}
MAY = ("2024-05-01 08:00", "2024-05-02 10:00")
READMITTED = (
    _group(
        "a child of 10, back on day 3",
        [stay("a", *MAY, **CHILD), stay("b", "2024-05-05 08:00", "2024-05-06 08:00", **CHILD)],
        "p/a/children_young children_young readmitted",
        "p/b/children_young children_young not_readmitted",
    ),
    _group(
        "the stay itself says psychosis",
        [stay("a", *MAY, main_diagnosis="F209", **ADULT)],
        "p/a/severe_mental_substance severe_mental_substance not_readmitted",
    ),
    _group(
        "84, heart failure and dementia on the stay: frail, and two chronic conditions",
        [stay("a", *MAY, other_diagnosis_1="F009")],
        "p/a/frail_elderly frail_elderly not_readmitted",
        "p/a/multiple_chronic multiple_chronic not_readmitted",
    ),
    _group("dead at discharge", [stay("a", *MAY, state_at_discharge=2, **CHILD)]),
    _group(
        "an adult with a fracture is of no group", [stay("a", *MAY, main_diagnosis="S525", **ADULT)]
    ),
    _group(
        "not followed for 30 x 24 hours",
        [stay("a", "2024-12-20 08:00", "2024-12-21 08:00", **CHILD)],
    ),
)
SECTOR = "sector_diakonhjemmet"
COPD = stay("a", *MAY, main_diagnosis="J440", **ADULT)
AVOIDABLE = (
    _acsc("a child with asthma", [stay("a", *MAY, **CHILD)], f"children_young {SECTOR} acsc"),
    _acsc(
        "a child with a fracture",
        [stay("a", *MAY, birth_year=2014, main_diagnosis="S525")],
        f"children_young {SECTOR} other",
    ),
    _acsc(
        "psychosis on the day before admission",
        [visit("v", "2024-04-30 10:00", main_diagnosis="F209", sector="2", **ADULT), COPD],
        f"severe_mental_substance {SECTOR} acsc",
    ),
    _acsc(
        "psychosis on the day of admission was not known the day before",
        [visit("v", "2024-05-01 07:00", main_diagnosis="F209", sector="2", **ADULT), COPD],
    ),
    _acsc(
        "psychosis 365 days before 30 April is in, 366 is not",
        [
            visit("v", "2023-05-01 10:00", main_diagnosis="F209", sector="2", **ADULT),
            COPD,
            visit("w", "2023-04-30 10:00", main_diagnosis="F209", person_id="q", **ADULT),
            COPD | {"person_id": "q"},
        ],
        f"severe_mental_substance {SECTOR} acsc",
    ),
    _acsc("an adult in none of the groups", [COPD]),
)  # fmt: skip

# Who pays for a pathway: of two points in 2024 the state 41 798.40 and the trust 62 697.60.
JULY = stay("i", "2024-07-01 08:00", "2024-07-03 12:00", drg_weight=2.0)


def _pays(name: str, stays: list[Row], *expected: str) -> Case:
    lines = tuple(f"2024 sector_diakonhjemmet/75-84 {line}" for line in expected)
    columns = ("period", "bucket", "atom", "amount")
    return Case("pathway_payer_cost", name, {"npr_stay": stays}, lines, columns=columns)


def _planned(number: str, day: str) -> Row:
    return stay(number, f"{day} 08:00", f"{day} 12:00", urgency=4, drg_weight=1.0)


PAYERS = (
    _pays("two points", [JULY], "state 41798", "trust 62698"),
    _pays(
        "a planned point 90 days before: three points",
        [JULY, _planned("b", "2024-04-02")],
        "state 62698",
        "trust 94046",
    ),
    _pays("91 days before", [JULY, _planned("b", "2024-04-01")], "state 41798", "trust 62698"),
    _pays(
        "two days of waiting at 5 745",
        [JULY | {"discharge_ready_date": date(2024, 7, 1)}],
        "municipality 11490",
        "state 41798",
        "trust 62698",
    ),
    _pays("planned alone", [_planned("b", "2024-04-02")]),
)


def _paid(name: str, claims: list[Row], *expected: str) -> Case:
    return Case("primary_care_cost", name, {"kuhr_claim": claims}, expected)


PRICE: dict[str, Any] = {"refund": 200.0, "patient_share": 170.0}
PAID = (
    _paid(
        "one claim of the GP",
        [claim("k", "2024-02-29", **PRICE)],
        "2024/gp/patient 2024 gp 75-84 patient 170",
        "2024/gp/state 2024 gp 75-84 state 200",
    ),
    _paid(
        "two claims of a year add up",
        [claim("k", "2024-02-29", **PRICE), claim("l", "2024-12-31", **PRICE)],
        "2024/gp/patient 2024 gp 75-84 patient 340",
        "2024/gp/state 2024 gp 75-84 state 400",
    ),
    _paid(
        "legevakt by itself, exempt from payment",
        [claim("k", "2024-02-29", 2, refund=500.0, patient_share=0.0)],
        "2024/legevakt/state 2024 legevakt 75-84 state 500",
    ),
    _paid(
        "New Year's Eve and New Year's Day are of two years",
        [
            claim("k", "2023-12-31", refund=100.0),
            claim("l", "2024-01-01", refund=300.0),
        ],
        "2023/gp/state 2023 gp 75-84 state 100",
        "2024/gp/state 2024 gp 75-84 state 300",
    ),
    _paid("unknown age", [claim("k", "2024-02-29", birth_year=9999, **PRICE)]),
    _paid("a dentist", [claim("k", "2024-02-29", 6, **PRICE)]),
)

# ICPC-2: T90 diabetes, R95 COPD, K77 heart failure; A04 is none of the conditions.


def _claims(*claims: tuple[Row, Sequence[str], Sequence[str]]) -> dict[str, list[Row]]:
    """Claims, each with its diagnoses and its tariffs."""
    return {
        "kuhr_claim": [row for row, _, _ in claims],
        "kuhr_diagnosis": [
            {
                "claim_id": row["claim_id"],
                "diagnosis": code,
                "code_system": 1,
                "code_number": number,
                "is_main": number == 1,
            }
            for row, codes, _ in claims
            for number, code in enumerate(codes, 1)
        ],
        "kuhr_tariff": [
            tariff(row["claim_id"], name) for row, _, names in claims for name in names
        ],
    }


def _ill(
    name: str, *claims: tuple[Row, Sequence[str], Sequence[str]], lines: Sequence[str]
) -> Case:
    indicator = "multiple_chronic_conditions_primary"
    return Case(indicator, name, _claims(*claims), tuple(lines))


def _days(
    name: str, *claims: tuple[Row, Sequence[str], Sequence[str]], lines: Sequence[str]
) -> Case:
    return Case("multiple_chronic_contacts", name, _claims(*claims), tuple(lines))


MET = ["2ad"]
JAN, FEB = claim("k", "2024-01-02"), claim("l", "2024-02-29")
ILL = (
    _ill(
        "diabetes in January, COPD in February: two",
        (JAN, ["T90"], MET),
        (FEB, ["R95"], MET),
        lines=["2024 2024 75-84 030105 two"],
    ),
    _ill(
        "diabetes twice is one",
        (JAN, ["T90"], MET),
        (FEB, ["T90"], MET),
        lines=["2024 2024 75-84 030105 one"],
    ),
    _ill(
        "three on one claim of legevakt",
        (claim("k", "2024-01-02", 2), ["T90", "R95", "K77"], MET),
        lines=["2024 2024 75-84 030105 three_or_more"],
    ),
    _ill(
        "moves: lives where the last claim with a condition says",
        (FEB | {"bydel": "030112"}, ["T90"], MET),
        (JAN, ["R95"], MET),
        (claim("m", "2024-06-01", bydel="030101"), ["A04"], MET),
        lines=["2024 2024 75-84 030112 two"],
    ),
    _ill("tired, and nothing more", (JAN, ["A04"], MET), lines=[]),
    _ill("a physiotherapist's diagnosis", (claim("k", "2024-01-02", 3), ["T90"], MET), lines=[]),
)
BOTH = ["T90", "R95"]
NO_LEGEVAKT = "2024/legevakt 2024 legevakt 75-84 none"
DAYS = (
    _days(
        "one consultation",
        (JAN, BOTH, MET),
        lines=["2024/gp 2024 gp 75-84 one_to_two", NO_LEGEVAKT],
    ),
    _days(
        "two consultations on one day are one day, with two other days three",
        (JAN, BOTH, MET),
        (claim("l", "2024-01-02"), ["A04"], MET),
        (claim("m", "2024-02-29"), ["A04"], MET),
        (claim("n", "2024-12-31"), ["A04"], MET),
        lines=["2024/gp 2024 gp 75-84 three_to_five", NO_LEGEVAKT],
    ),
    _days(
        "a simple contact is no day with the GP",
        (JAN, BOTH, ["1bd"]),
        lines=["2024/gp 2024 gp 75-84 none", NO_LEGEVAKT],
    ),
    _days(
        "legevakt counts whatever the tariff",
        (claim("k", "2024-01-02", 2), BOTH, ["1bd"]),
        lines=["2024/gp 2024 gp 75-84 none", "2024/legevakt 2024 legevakt 75-84 one_to_two"],
    ),
    _days("one condition is not two", (JAN, ["T90"], MET), lines=[]),
)


def _across(name: str, index: list[Row], there: dict[str, list[Row]], *lines: str) -> Case:
    indicator = "contacts_across_levels_by_group"
    return Case(indicator, name, {"npr_stay": index}, lines, there)


TWO_CONDITIONS = stay("a", *MAY, other_diagnosis_1="E119")
PSYCHOSIS = stay("a", *MAY, main_diagnosis="F209", sector="2")
ACROSS = (
    _across(
        "heart failure and diabetes, one consultation in the year",
        [TWO_CONDITIONS],
        _claims((JAN, [], MET)),
        "p 2024-01-01 multiple_chronic/75-84 gp 1-2",
    ),
    _across(
        "psychosis, three days at legevakt",
        [PSYCHOSIS],
        _claims(*((claim(f"k{n}", f"2024-0{n}-01", 2), [], MET) for n in (1, 2, 3))),
        "p 2024-01-01 severe_mental_substance/75-84 legevakt 3-5",
    ),
    _across(
        "both, and no contact with the GP: one group of its own",
        [TWO_CONDITIONS, visit("v", "2024-06-01 10:00", main_diagnosis="F209", sector="2")],
        _claims((claim("k", "2023-12-31"), [], MET)),
        "p 2024-01-01 both/75-84 -",
    ),
    _across("one condition", [stay("a", *MAY)], _claims((JAN, [], MET))),
    _across(
        "without national identity",
        [TWO_CONDITIONS | {"link_quality": 4}],
        _claims((JAN, [], MET)),
    ),
)

CASES = (*ADJUSTED, *READMITTED, *AVOIDABLE, *PAYERS, *PAID, *ILL, *DAYS, *ACROSS)
