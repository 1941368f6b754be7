"""The hours that summer time takes and gives, and services that nobody ended.

Hours are those of the clock on the wall: registers write local time without a zone, and of an hour
that the clock showed twice nobody can say which it was. The night of 31 March 2024 had no hour from
2 to 3, that of 27 October had two.
"""

from tests.dbt_models.indicators.cases.case import care, claim, tariff
from tests.dbt_models.indicators.cases.odd_hospital import (
    BEDS,
    CELL,
    HOME_NURSING,
    KAD,
    LONG_TERM,
    OLD,
    SHORT_TERM,
    payers,
)
from tests.dbt_models.indicators.cases.odd_scenes import Scene, ill

BUCKET = "sector_diakonhjemmet/75-84"

# p: 8 hours by the clock in March, which were 7. q: home for 30 x 24 hours by the clock, which were
# an hour more. r: 8 hours by the clock in October, which were 9.
CLOCK = Scene(
    "dst_hour",
    {
        "npr_stay": [
            ill("a", "2024-03-25 08:00", "2024-03-30 20:00", discharged_to=7),
            ill("b", "2024-03-31 04:00", "2024-04-02 12:00", "2024-03-31", urgency=4),
            ill("c", "2024-05-02 12:00", "2024-05-02 14:00"),
            ill("d", "2024-10-01 08:00", "2024-10-10 12:00", "2024-10-08", person_id="q"),
            ill("e", "2024-11-09 12:00", "2024-11-09 14:00", person_id="q"),
            ill("f", "2024-10-26 08:00", "2024-10-26 20:00", person_id="r", discharged_to=7),
            ill("g", "2024-10-27 04:00", "2024-10-28 12:00", person_id="r"),
        ],
        "kuhr_claim": [claim("g", "2024-04-03")],
        "kuhr_tariff": [tariff("g", "2ad")],
        "kpr_care": [
            care("k", KAD, "2024-03-20", "2024-03-25"),
            care("n", HOME_NURSING, "2024-04-02", None),
            care("s", SHORT_TERM, "2024-04-03", "2024-04-05"),
        ],
    },
    {
        "acsc_admissions": tuple(
            f"{unit} 2024 heart_failure 030105 75-84 admission"
            for unit in ("p/b", "p/c", "q/d", "q/e", "r/g")
        ),
        "acute_admissions": (
            f"p/b {CELL} 2024-03 somatic",
            f"p/c {CELL} 2024-05 somatic",
            f"q/d {CELL} 2024-10 somatic",
            f"q/e {CELL} 2024-11 somatic",
            f"r/g {CELL} 2024-10 somatic",
        ),
        "acute_admissions_10_percent": (
            *(
                line
                for unit in ("p/a", "p/b", "p/c", "q/d", "q/e", "r/f", "r/g")
                for line in (f"{unit}/isf {CELL} isf 2090", f"{unit}/trust {CELL} trust 3135")
            ),
            f"p/b/municipality {CELL} municipality 1149",
            f"q/d/municipality {CELL} municipality 1149",
        ),
        "death_after_discharge": (
            "p/b 2024 75-84 2024Q2 survived",
            "p/c 2024 75-84 2024Q2 survived",
            "q/d 2024 75-84 2024Q4 survived",
            "q/e 2024 75-84 2024Q4 survived",
            "r/g 2024 75-84 2024Q4 survived",
        ),
        "discharge_days": (
            "p/b 2024 030105 home_readmitted_here",
            "p/c 2024 030105 home_not_readmitted_here",
            "q/d 2024 030105 home_readmitted_here",
            "q/e 2024 030105 home_not_readmitted_here",
            "r/g 2024 030105 home_not_readmitted_here",
        ),
        # Stay b was planned, and is acute with the episode it belongs to.
        "hospital_cost": tuple(
            f"{unit} {CELL} acute 52248"
            for unit in ("p/a", "p/b", "p/c", "q/d", "q/e", "r/f", "r/g")
        ),
        "hospital_isf_income": tuple(
            f"{unit} {CELL} acute 20899"
            for unit in ("p/a", "p/b", "p/c", "q/d", "q/e", "r/f", "r/g")
        ),
        # The 90 days after 26 October and 9 November are not all delivered.
        "pathway_hospital_cost": (
            f"p/2024-03-25/admission 2024 {BUCKET} admission 52248",
            f"p/2024-03-25/after 2024 {BUCKET} after 104496",
            f"p/2024-05-02/before 2024 {BUCKET} before 104496",
            f"p/2024-05-02/admission 2024 {BUCKET} admission 52248",
            f"q/2024-10-01/admission 2024 {BUCKET} admission 52248",
            f"q/2024-10-01/after 2024 {BUCKET} after 52248",
        ),
        "pathway_payer_cost": (
            *payers("p/2024-03-25", state=62698, trust=94046, municipality=11490),
            *payers("p/2024-05-02", state=62698, trust=94046, municipality=11490),
            *payers("q/2024-10-01", state=41798, trust=62698, municipality=11490),
        ),
        "readmission_30d_fhi": (
            "p/b 2024 75-84 female heart_failure readmitted",
            "p/c 2024 75-84 female heart_failure not_readmitted",
            "q/d 2024 75-84 female heart_failure readmitted",
            "q/e 2024 75-84 female heart_failure not_readmitted",
            "r/g 2024 75-84 female heart_failure not_readmitted",
        ),
        "readmission_30d_hdir": (
            "p/b 2024 75-84 female 2024Q2 readmitted",
            "q/d 2024 75-84 female 2024Q4 readmitted",
        ),
        "readmission_30d_same_site": (
            "p/b 2024 75-84 2024Q2 readmitted",
            "p/c 2024 75-84 2024Q2 not_readmitted",
            "q/d 2024 75-84 2024Q4 readmitted",
            "q/e 2024 75-84 2024Q4 not_readmitted",
            "r/g 2024 75-84 2024Q4 not_readmitted",
        ),
        "readmission_30d_skde": (
            "p/b 2024 80-84 female 2024Q2 not_readmitted",
            "p/c 2024 80-84 female 2024Q2 not_readmitted",
            "q/d 2024 80-84 female 2024Q4 not_readmitted",
            "q/e 2024 80-84 female 2024Q4 not_readmitted",
            "r/g 2024 80-84 female 2024Q4 not_readmitted",
        ),
        "readmission_30d_skde_diagnosis": tuple(
            f"{unit} 2024 heart_failure 80-84 female not_readmitted"
            for unit in ("p/b", "p/c", "q/d", "q/e", "r/g")
        ),
        "severe_mental_illness_readmission": (
            "p/b 2024 psychosis 75-84 readmitted",
            "p/c 2024 psychosis 75-84 not_readmitted",
            "q/d 2024 psychosis 75-84 readmitted",
            "q/e 2024 psychosis 75-84 not_readmitted",
            "r/g 2024 psychosis 75-84 not_readmitted",
        ),
        "readmission_30d_any_hospital": (
            "p 2024-05-02 sector_diakonhjemmet days_1_30",
            "q 2024-11-09 sector_diakonhjemmet -",
            "r 2024-10-28 sector_diakonhjemmet -",
        ),
        "gp_followup_after_discharge": (
            "p 2024-04-02 030105 days_1_7",
            "p 2024-05-02 030105 -",
            "q 2024-10-10 030105 -",
            "q 2024-11-09 030105 -",
            "r 2024-10-28 030105 -",
        ),
        "home_care_after_discharge": (
            "p 2024-04-02 030105 days_0_3",
            "p 2024-05-02 030105 -",
            "q 2024-10-10 030105 -",
            "q 2024-11-09 030105 -",
            "r 2024-10-28 030105 -",
        ),
        "short_term_stay_after_discharge": (
            "p 2024-04-02 030105 days_0_1",
            "p 2024-05-02 030105 -",
            "q 2024-10-10 030105 -",
            "q 2024-11-09 030105 -",
            "r 2024-10-28 030105 -",
        ),
        # Nursing had 30 days by 2 May, the last day of April among them.
        "service_use_before_acute_admission": (
            f"p 2024-03-25 {OLD} last municipal_acute_stay 1-7",
            f"p 2024-03-25 {OLD} days municipal_acute_stay 3-7",
            f"p 2024-05-02 {OLD} last gp 8-30",
            f"p 2024-05-02 {OLD} days gp 1-2",
            f"p 2024-05-02 {OLD} last home_nursing 1-7",
            f"p 2024-05-02 {OLD} days home_nursing 8-30",
            f"p 2024-05-02 {OLD} last short_term_stay 8-30",
            f"p 2024-05-02 {OLD} days short_term_stay 3-7",
            f"p 2024-05-02 {OLD} last municipal_acute_stay 31-90",
            f"p 2024-05-02 {OLD} days municipal_acute_stay 3-7",
            f"q 2024-10-01 {OLD} -",
            f"q 2024-11-09 {OLD} -",
            f"r 2024-10-26 {OLD} -",
        ),
        "kad_onward_admission": (f"p 2024-03-25 {OLD} days_0",),
        "pathway_cost": (
            f"p 2024-03-25 {BUCKET} municipal_cost_after 1-49999",
            f"p 2024-05-02 {BUCKET} municipal_cost_before 1-49999",
            f"q 2024-10-01 {BUCKET} -",
            f"q 2024-11-09 {BUCKET} -",
            f"r 2024-10-26 {BUCKET} -",
        ),
    },
    elsewhere=(ill("z", "2024-05-03 12:00", "2024-05-04 12:00"),),
)

# Home on 30 November, back on 28 December; what the municipality gives has no last day yet.
OPEN = Scene(
    "missing_end_of_service",
    {
        "npr_stay": [
            ill("a", "2024-11-20 08:00", "2024-11-30 12:00"),
            ill("b", "2024-12-28 12:00", "2024-12-29 12:00"),
        ],
        "kpr_care": [
            care("n", HOME_NURSING, "2024-12-01", None),
            care("x", LONG_TERM, "2024-12-20", None),
            care("s", SHORT_TERM, "2024-12-25", None),
            care("k", KAD, "2024-12-30", None),
        ],
        "bed_capacity": BEDS,
    },
    {
        "home_care_after_discharge": ("p 2024-11-30 030105 days_0_3",),
        "short_term_stay_after_discharge": ("p 2024-11-30 030105 -",),
        "admissions_before_long_term_stay": ("p 2024-12-20 75-84 days_0_30",),
        # Nursing had 27 days by 28 December, the short stay three.
        "service_use_before_acute_admission": (
            f"p 2024-11-20 {OLD} -",
            f"p 2024-12-28 {OLD} last home_nursing 1-7",
            f"p 2024-12-28 {OLD} days home_nursing 8-30",
            f"p 2024-12-28 {OLD} last short_term_stay 1-7",
            f"p 2024-12-28 {OLD} days short_term_stay 3-7",
        ),
        "kad_onward_admission": (),
        "use_across_levels": (f"p 2024-01-01 {OLD} care_use user",),
        # From 20 December on: 12 days are delivered, 8 of them before the 28th and 3 after it.
        "pathway_cost": (
            f"p 2024-11-20 {BUCKET} municipal_cost_after 1-49999",
            f"p 2024-12-28 {BUCKET} municipal_cost_before 1-49999",
            f"p 2024-12-28 {BUCKET} municipal_cost_after 1-49999",
        ),
        "kad_use": (f"p/k {CELL} 2024Q4 stay",),
        "kad_days": (f"p/k {CELL} 2024Q4 stay 2",),
        "kad_occupancy": ("p/k 2024 2024-12 stay 2",),
        "municipal_cost": (
            "p/s 2024 short_term_stay 030105 75-84 service 26950",
            "p/x 2024 long_term_stay 030105 75-84 service 46200",
        ),
        "before_long_term_stay": (
            "2024/long_term_stay 2024 long_term_stay 75-84 began_with_services",
            "2024/home_nursing 2024 home_nursing 75-84 had_before",
        ),
        "function_level": (f"2024 {CELL} not_assessed",),
        "services_of_frail": tuple(
            f"2024/{name} 2024 {name} 030105 not_assessed"
            for name in (
                "home_nursing", "long_term_stay", "municipal_acute_stay", "short_term_assessment",
            )
        ),
        "use_by_level_care": tuple(
            f"p/{name} 2024 {name} 030105 75-84 user"
            for name in (
                "home_nursing", "long_term_stay", "municipal_acute_stay", "short_term_stay",
            )
        ),
    },
)  # fmt: skip

SCENES = (CLOCK, OPEN)
