"""Odd stays: overlapping, one inside another, moved on within the minute, ready too early, and the
hour that summer time takes or gives."""

from datetime import date
from typing import Any

from tests.dbt_models.indicators.cases.case import Row, care, claim, letter, tariff
from tests.dbt_models.indicators.cases.odd_scenes import Lines, Scene, ill

KAD, HOME_NURSING, LONG_TERM, SHORT_TERM = 22, 15, 21, 18
BEDS: list[Row] = [
    {"institution_id": "i", "data_year": 2024, "month": month, "care_level": 1, "beds": 8.0}
    for month in (1, 2, 3, 12)
]
CELL, OLD = "2024 030105 75-84", "sector_diakonhjemmet/75-84"

BACK = ill("c", "2024-03-15 12:00", "2024-03-15 14:00")
"""30 x 24 hours after 14 February 2024 at 12."""
MUNICIPAL: dict[str, list[Row]] = {
    "kuhr_claim": [claim("g", "2024-02-15")],
    "kuhr_tariff": [tariff("g", "2ad")],
    "discharge_letter": [letter("a", "2024-02-15"), letter("b", "2024-02-15")],
    "bed_capacity": BEDS,
}
AFTERWARDS = [
    care("n", HOME_NURSING, "2024-02-16", None),
    care("s", SHORT_TERM, "2024-02-15", "2024-02-20"),
]


def payers(unit: str, **amounts: int) -> Lines:
    """Lines of one pathway of pathway_payer_cost: unit is person and day. amounts: NOK by payer.

    A point is 52 248: 20 899.20 of the state and 31 348.80 of the trust; a day over is 5 745.
    """
    year = unit.partition("/")[2][:4]
    bucket = "sector_diakonhjemmet/75-84"
    return tuple(
        f"{unit}/{payer} {year} {bucket} {payer} {amount}" for payer, amount in amounts.items()
    )


def _episode(last: str) -> dict[str, Lines]:
    """An episode from 1 to 14 February whose last stay is `last`, and what follows it."""
    return {
        "acsc_admissions": (
            f"p/{last} 2024 heart_failure 030105 75-84 admission",
            "p/c 2024 heart_failure 030105 75-84 admission",
        ),
        "acute_admissions": (f"p/{last} {CELL} 2024-02 somatic", f"p/c {CELL} 2024-03 somatic"),
        "death_after_discharge": (
            f"p/{last} 2024 75-84 2024Q1 survived",
            "p/c 2024 75-84 2024Q1 survived",
        ),
        "discharge_days": (
            f"p/{last} 2024 030105 home_readmitted_here",
            "p/c 2024 030105 home_not_readmitted_here",
        ),
        "readmission_30d_fhi": (
            f"p/{last} 2024 75-84 female heart_failure readmitted",
            "p/c 2024 75-84 female heart_failure not_readmitted",
        ),
        "readmission_30d_hdir": (f"p/{last} 2024 75-84 female 2024Q1 readmitted",),
        "readmission_30d_same_site": (
            f"p/{last} 2024 75-84 2024Q1 readmitted",
            "p/c 2024 75-84 2024Q1 not_readmitted",
        ),
        # Day 30 is a day too late for SKDE.
        "readmission_30d_skde": (
            f"p/{last} 2024 80-84 female 2024Q1 not_readmitted",
            "p/c 2024 80-84 female 2024Q1 not_readmitted",
        ),
        "readmission_30d_skde_diagnosis": (
            f"p/{last} 2024 heart_failure 80-84 female not_readmitted",
            "p/c 2024 heart_failure 80-84 female not_readmitted",
        ),
        "severe_mental_illness_readmission": (
            f"p/{last} 2024 psychosis 75-84 readmitted",
            "p/c 2024 psychosis 75-84 not_readmitted",
        ),
        "readmission_30d_any_hospital": ("p 2024-03-15 sector_diakonhjemmet days_1_30",),
        "gp_followup_after_discharge": (
            "p 2024-02-14 030105 days_1_7",
            "p 2024-03-15 030105 -",
        ),
        "home_care_after_discharge": (
            "p 2024-02-14 030105 days_0_3",
            "p 2024-03-15 030105 -",
        ),
        "short_term_stay_after_discharge": (
            "p 2024-02-14 030105 days_0_1",
            "p 2024-03-15 030105 -",
        ),
        # Between the short stay's last day and 15 March lie 24 days, nursing had 28 days by then.
        "service_use_before_acute_admission": (
            f"p 2024-02-01 {OLD} last municipal_acute_stay 1-7",
            f"p 2024-02-01 {OLD} days municipal_acute_stay 3-7",
            f"p 2024-03-15 {OLD} last gp 8-30",
            f"p 2024-03-15 {OLD} days gp 1-2",
            f"p 2024-03-15 {OLD} last home_nursing 1-7",
            f"p 2024-03-15 {OLD} days home_nursing 8-30",
            f"p 2024-03-15 {OLD} last short_term_stay 8-30",
            f"p 2024-03-15 {OLD} days short_term_stay 3-7",
            f"p 2024-03-15 {OLD} last municipal_acute_stay 31-90",
            f"p 2024-03-15 {OLD} days municipal_acute_stay 3-7",
        ),
        "kad_onward_admission": (f"p 2024-02-01 {OLD} days_0",),
        "use_across_levels": (
            f"p 2024-01-01 {OLD} primary_use user",
            f"p 2024-01-01 {OLD} care_use user",
        ),
        # 78 days from 15 March to 1 June.
        "admissions_before_long_term_stay": ("p 2024-06-01 75-84 days_31_90",),
        # Six days of a short stay are 23 100; 13 days in June of the 90 after 15 March are 50 050.
        "pathway_cost": (
            "p 2024-02-01 sector_diakonhjemmet/75-84 municipal_cost_after 1-49999",
            "p 2024-03-15 sector_diakonhjemmet/75-84 municipal_cost_before 1-49999",
            "p 2024-03-15 sector_diakonhjemmet/75-84 municipal_cost_after 50000-149999",
        ),
        "frailty_risk": ("2024 2024 030105 75-84 intermediate",),
    }


TWO_STAYS: dict[str, Lines] = {
    "acute_admissions_10_percent": (
        f"p/a/isf {CELL} isf 2090",
        f"p/a/municipality {CELL} municipality 1149",
        f"p/a/trust {CELL} trust 3135",
        f"p/b/isf {CELL} isf 2090",
        f"p/b/municipality {CELL} municipality 1149",
        f"p/b/trust {CELL} trust 3135",
        f"p/c/isf {CELL} isf 2090",
        f"p/c/trust {CELL} trust 3135",
    ),
    # The first stay ended on 10 February: 15 March is 34 days later.
    "discharge_ready": (
        f"p/a {CELL} 2024Q1 over_not_readmitted",
        f"p/b {CELL} 2024Q1 over_readmitted",
    ),
    "discharge_ready_days": (f"p/a {CELL} 2024Q1 over 2", f"p/b {CELL} 2024Q1 over 2"),
    "discharge_ready_cost": (f"p/a {CELL} 2024Q1 over 11490", f"p/b {CELL} 2024Q1 over 11490"),
    "discharge_letter_within_1_day": (
        "p/a 2024 75-84 2024Q1 not_within_1_day",
        "p/b 2024 75-84 2024Q1 within_1_day",
        "p/c 2024 75-84 2024Q1 not_within_1_day",
    ),
    "frail_specialist_care": (
        f"2024/acute_stay {CELL} acute_stay two",
        f"2024/planned_stay {CELL} planned_stay one",
    ),
    "hospital_cost": tuple(f"p/{number} {CELL} acute 52248" for number in "abc"),
    "hospital_isf_income": tuple(f"p/{number} {CELL} acute 20899" for number in "abc"),
    "pathway_hospital_cost": (
        "p/2024-02-01/admission 2024 sector_diakonhjemmet/75-84 admission 52248",
        "p/2024-02-01/after 2024 sector_diakonhjemmet/75-84 after 104496",
        "p/2024-03-15/before 2024 sector_diakonhjemmet/75-84 before 104496",
        "p/2024-03-15/admission 2024 sector_diakonhjemmet/75-84 admission 52248",
    ),
    # Three points and, of two stays, four days over, in the windows of both admissions.
    "pathway_payer_cost": (
        *payers("p/2024-02-01", state=62698, trust=94046, municipality=22980),
        *payers("p/2024-03-15", state=62698, trust=94046, municipality=22980),
    ),
}


def _services(**more: Any) -> dict[str, Lines]:
    """A municipal acute stay of four nights from 28 January, a short one, a nursing home."""
    return {
        "kad_use": (f"p/k {CELL} 2024Q1 stay",),
        "kad_days": (f"p/k {CELL} 2024Q1 stay 4",),
        "kad_occupancy": ("p/k 2024 2024-01 stay 4",),
        "before_long_term_stay": (
            "2024/long_term_stay 2024 long_term_stay 75-84 began_with_services",
            "2024/home_nursing 2024 home_nursing 75-84 had_before",
            "2024/municipal_acute_stay 2024 municipal_acute_stay 75-84 had_before",
            "2024/short_term_assessment 2024 short_term_assessment 75-84 had_before",
        ),
        "services_of_frail": tuple(
            f"2024/{name} 2024 {name} 030105 not_assessed"
            for name in (
                "home_nursing",
                "long_term_stay",
                "municipal_acute_stay",
                "short_term_assessment",
            )
        ),
        "use_by_level_care": tuple(
            f"p/{name} 2024 {name} 030105 75-84 user"
            for name in (
                "home_nursing",
                "long_term_stay",
                "municipal_acute_stay",
                "short_term_stay",
            )
        ),
    } | more


OVERLAPPING = Scene(
    "overlapping_stays",
    MUNICIPAL
    | {
        "npr_stay": [
            ill("a", "2024-02-01 08:00", "2024-02-10 12:00", "2024-02-08"),
            ill("b", "2024-02-08 08:00", "2024-02-14 12:00", "2024-02-12", urgency=4),
            BACK,
        ],
        "kpr_care": [
            *AFTERWARDS,
            care("k", KAD, "2024-01-28", "2024-01-31"),
            care("l", KAD, "2024-01-30", "2024-02-01"),
            care("x", LONG_TERM, "2024-06-01", "2024-07-01"),
            care("y", LONG_TERM, "2024-06-20", None),
        ],
    },
    _episode("b")
    | TWO_STAYS
    | {"discharge_letter_within_1_day": (
        "p/a 2024 75-84 2024Q1 not_within_1_day",
        "p/b 2024 75-84 2024Q1 within_1_day",
        "p/c 2024 75-84 2024Q1 not_within_1_day",
    )}
    | _services(
        # 31 days to 1 July, and 183 from then to the end of the data.
        municipal_cost=(
            "p/s 2024 short_term_stay 030105 75-84 service 23100",
            "p/x 2024 long_term_stay 030105 75-84 service 119350",
            "p/y 2024 long_term_stay 030105 75-84 service 704550",
        ),
    ),
    elsewhere=(ill("z", "2024-03-20 12:00", "2024-03-21 12:00"),),
)  # fmt: skip

NESTED = Scene(
    "nested_stay",
    MUNICIPAL
    | {
        "npr_stay": [
            ill("a", "2024-02-01 08:00", "2024-02-14 12:00", "2024-02-12"),
            ill("b", "2024-02-05 08:00", "2024-02-06 12:00", urgency=4),
            BACK,
        ],
        "kpr_care": [
            *AFTERWARDS,
            care("k", KAD, "2024-01-28", "2024-02-01"),
            care("l", KAD, "2024-01-29", "2024-01-30"),
            care("x", LONG_TERM, "2024-06-01", None),
            care("y", LONG_TERM, "2024-06-10", "2024-06-20"),
        ],
    },
    _episode("a")
    | TWO_STAYS
    | {
        "acute_admissions_10_percent": (
            f"p/a/isf {CELL} isf 2090",
            f"p/a/municipality {CELL} municipality 1149",
            f"p/a/trust {CELL} trust 3135",
            f"p/b/isf {CELL} isf 2090",
            f"p/b/trust {CELL} trust 3135",
            f"p/c/isf {CELL} isf 2090",
            f"p/c/trust {CELL} trust 3135",
        ),
        "discharge_ready": (f"p/a {CELL} 2024Q1 over_readmitted",),
        "discharge_ready_days": (f"p/a {CELL} 2024Q1 over 2",),
        "discharge_ready_cost": (f"p/a {CELL} 2024Q1 over 11490",),
        "pathway_payer_cost": (
            *payers("p/2024-02-01", state=62698, trust=94046, municipality=11490),
            *payers("p/2024-03-15", state=62698, trust=94046, municipality=11490),
        ),
        "discharge_letter_within_1_day": (
            "p/a 2024 75-84 2024Q1 within_1_day",
            "p/b 2024 75-84 2024Q1 not_within_1_day",
            "p/c 2024 75-84 2024Q1 not_within_1_day",
        ),
    }
    # 214 days from 1 June to the end of the data, and none that are the inner grant's own.
    | _services(
        municipal_cost=(
            "p/s 2024 short_term_stay 030105 75-84 service 23100",
            "p/x 2024 long_term_stay 030105 75-84 service 823900",
        )
    ),
    elsewhere=(ill("z", "2024-03-20 12:00", "2024-03-21 12:00"),),
)

TRANSFER = Scene(
    "same_minute_transfer",
    MUNICIPAL
    | {
        "npr_stay": [
            ill("a", "2024-02-01 08:00", "2024-02-10 12:00", "2024-02-08", discharged_to=7),
            ill("b", "2024-02-10 12:00", "2024-02-14 12:00", "2024-02-12", urgency=4),
            BACK,
        ],
        "kpr_care": [
            *AFTERWARDS,
            care("k", KAD, "2024-01-28", "2024-02-01"),
            care("x", LONG_TERM, "2024-06-01", None),
        ],
    },
    _episode("b") | TWO_STAYS,
    elsewhere=(ill("z", "2024-03-20 12:00", "2024-03-21 12:00"),),
)

# q was ready on the day of admission, which is a report; p the day before, which is none.
EARLY = Scene(
    "ready_before_admission",
    {
        "npr_stay": [
            ill("a", "2024-02-02 08:00", "2024-02-14 12:00", "2024-02-01"),
            ill("a", "2024-02-02 08:00", "2024-02-14 12:00", "2024-02-02", person_id="q"),
        ]
    },
    {
        "discharge_ready": (f"q/a {CELL} 2024Q1 over_not_readmitted",),
        "discharge_ready_days": (f"q/a {CELL} 2024Q1 over 12",),
        "discharge_ready_cost": (f"q/a {CELL} 2024Q1 over 68940",),
        "readmission_30d_hdir": ("q/a 2024 75-84 female 2024Q1 not_readmitted",),
        "acute_admissions_10_percent": (
            f"p/a/isf {CELL} isf 2090",
            f"p/a/trust {CELL} trust 3135",
            f"q/a/isf {CELL} isf 2090",
            f"q/a/municipality {CELL} municipality 6894",
            f"q/a/trust {CELL} trust 3135",
        ),
        "pathway_payer_cost": (
            *payers("p/2024-02-02", state=20899, trust=31349),
            *payers("q/2024-02-02", state=20899, trust=31349, municipality=68940),
        ),
    },
)

# Dies, by the register, on the fourth day before she was discharged, as it says, alive.
DIED = {"death_date": date(2024, 2, 10)}
DEAD = Scene(
    "death_before_discharge",
    {
        "npr_stay": [ill("a", "2024-02-01 08:00", "2024-02-14 12:00", "2024-02-12", **DIED)],
        "kpr_care": [
            care("n", HOME_NURSING, "2024-02-05", None, **DIED),
            care("s", SHORT_TERM, "2024-01-20", "2024-02-20", **DIED),
            care("x", LONG_TERM, "2024-02-08", None, **DIED),
            care("k", KAD, "2024-02-09", "2024-02-12", **DIED),
        ],
        "bed_capacity": BEDS,
    },
    {
        "acsc_admissions": ("p/a 2024 heart_failure 030105 75-84 admission",),
        "acute_admissions": (f"p/a {CELL} 2024-02 somatic",),
        "acute_admissions_10_percent": (
            f"p/a/isf {CELL} isf 2090",
            f"p/a/municipality {CELL} municipality 1149",
            f"p/a/trust {CELL} trust 3135",
        ),
        "death_after_discharge": (),
        "discharge_days": (),
        "discharge_ready": (f"p/a {CELL} 2024Q1 over_not_followed",),
        "discharge_ready_days": (f"p/a {CELL} 2024Q1 over 2",),
        "discharge_ready_cost": (f"p/a {CELL} 2024Q1 over 11490",),
        "hospital_cost": (f"p/a {CELL} acute 52248",),
        "hospital_isf_income": (f"p/a {CELL} acute 20899",),
        "pathway_hospital_cost": (
            "p/2024-02-01/admission 2024 sector_diakonhjemmet/75-84 admission 52248",
        ),
        "pathway_payer_cost": payers("p/2024-02-01", state=20899, trust=31349, municipality=11490),
        "readmission_30d_fhi": (),
        "readmission_30d_hdir": (),
        "readmission_30d_same_site": (),
        "readmission_30d_skde": (),
        "readmission_30d_skde_diagnosis": (),
        "severe_mental_illness_readmission": (),
        "readmission_30d_any_hospital": (),
        "gp_followup_after_discharge": (),
        "home_care_after_discharge": (),
        "short_term_stay_after_discharge": (),
        # The short stay had 12 days before 1 February.
        "service_use_before_acute_admission": (
            f"p 2024-02-01 {OLD} last short_term_stay 1-7",
            f"p 2024-02-01 {OLD} days short_term_stay 8-30",
        ),
        "kad_onward_admission": (),
        "use_across_levels": (f"p 2024-01-01 {OLD} care_use user",),
        "admissions_before_long_term_stay": ("p 2024-02-08 75-84 days_0_30",),
        # 12 days before, 46 200; nine after, to the day of death, 34 650.
        "pathway_cost": (
            "p 2024-02-01 sector_diakonhjemmet/75-84 municipal_cost_before 1-49999",
            "p 2024-02-01 sector_diakonhjemmet/75-84 municipal_cost_after 1-49999",
        ),
        "kad_use": (f"p/k {CELL} 2024Q1 stay",),
        "kad_days": (f"p/k {CELL} 2024Q1 stay 1",),
        "kad_occupancy": ("p/k 2024 2024-02 stay 1",),
        "municipal_cost": (
            "p/s 2024 short_term_stay 030105 75-84 service 84700",
            "p/x 2024 long_term_stay 030105 75-84 service 11550",
        ),
        "before_long_term_stay": (
            "2024/long_term_stay 2024 long_term_stay 75-84 began_with_services",
            "2024/home_nursing 2024 home_nursing 75-84 had_before",
            "2024/short_term_assessment 2024 short_term_assessment 75-84 had_before",
        ),
        "function_level": (f"2024 {CELL} not_assessed",),
        "services_of_frail": _services()["services_of_frail"],
        "use_by_level_care": _services()["use_by_level_care"],
    },
)

SCENES = (OVERLAPPING, NESTED, TRANSFER, EARLY, DEAD)
