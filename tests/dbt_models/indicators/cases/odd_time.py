"""Odd times: over New Year, over the edge of two deliveries, 29 February."""

from dataclasses import replace
from datetime import date

from tests.dbt_models.indicators.cases.case import care, claim, letter, tariff
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

ALARM = 6
BUCKET = "sector_diakonhjemmet/75-84"

# Acute from 20 December, moved on at 4 in the morning of New Year's Day, home on 5 January, and
# back on 4 February: 30 x 24 hours after.
LAST_YEAR = "2023 030105 75-84"
NEW_YEAR = Scene(
    "crosses_year",
    {
        "npr_stay": [
            ill("a", "2023-12-20 08:00", "2023-12-31 22:00", "2023-12-29", discharged_to=7),
            ill("b", "2024-01-01 04:00", "2024-01-05 12:00", "2024-01-03", urgency=4),
            ill("c", "2024-02-04 12:00", "2024-02-04 14:00"),
        ],
        "discharge_letter": [letter("b", "2024-01-06")],
        "kuhr_claim": [claim("g", "2024-01-06")],
        "kuhr_tariff": [tariff("g", "2ad")],
        # What lasts over New Year is reported for both years, the first time as still open.
        "kpr_care": [
            care("n", HOME_NURSING, "2023-12-01", None),
            care("n", HOME_NURSING, "2023-12-01", "2024-01-06", data_year=2024),
            care("m", HOME_NURSING, "2024-01-08", None),
            care("s", SHORT_TERM, "2024-01-06", "2024-01-10"),
            care("k", KAD, "2023-12-30", None),
            care("k", KAD, "2023-12-30", "2024-01-02", data_year=2024),
            care("x", LONG_TERM, "2023-12-15", None),
            care("x", LONG_TERM, "2023-12-15", "2024-02-20", data_year=2024),
        ],
        "bed_capacity": BEDS,
    },
    {
        "acsc_admissions": (
            "p/b 2023 heart_failure 030105 75-84 admission",
            "p/c 2024 heart_failure 030105 75-84 admission",
        ),
        "acute_admissions": (f"p/b {LAST_YEAR} 2023-12 somatic", f"p/c {CELL} 2024-02 somatic"),
        # Of 2023 the day's price is known, 5 508, and the point's is not.
        "acute_admissions_10_percent": (
            f"p/a/municipality {LAST_YEAR} municipality 1102",
            f"p/b/isf {CELL} isf 2090",
            f"p/b/municipality {CELL} municipality 1149",
            f"p/b/trust {CELL} trust 3135",
            f"p/c/isf {CELL} isf 2090",
            f"p/c/trust {CELL} trust 3135",
        ),
        # A patient of the year in which a contact ended …
        "adhd_patients": ("2023 2023 030105 0-17 patient", "2024 2024 030105 0-17 patient"),
        "bup_patients": (
            "2023/adhd 2023 030105 0-17 adhd patient",
            "2024/adhd 2024 030105 0-17 adhd patient",
        ),
        "multiple_chronic_conditions": ("2023 2023 75-84 030105 two", "2024 2024 75-84 030105 two"),
        "severe_mental_illness": (
            "2023/psychosis 2023 psychosis 75-84 inpatient",
            "2024/psychosis 2024 psychosis 75-84 inpatient",
        ),
        "frailty_risk": (
            "2023 2023 030105 75-84 intermediate",
            "2024 2024 030105 75-84 intermediate",
        ),
        "frail_specialist_care": (
            f"2023/acute_stay {LAST_YEAR} acute_stay one",
            f"2024/acute_stay {CELL} acute_stay one",
            f"2024/planned_stay {CELL} planned_stay one",
        ),
        # … and a user, and a contact, of that in which it began.
        "use_by_level_hospital": (
            "p/somatic_inpatient 2023 somatic_inpatient 030105 75-84 user",
            "p/somatic_inpatient 2024 somatic_inpatient 030105 75-84 user",
        ),
        "remote_contacts_hospital": (
            f"p/a {LAST_YEAR} 2023Q4 video",
            f"p/b {CELL} 2024Q1 video",
            f"p/c {CELL} 2024Q1 video",
        ),
        "death_after_discharge": (
            "p/b 2024 75-84 2024Q1 survived",
            "p/c 2024 75-84 2024Q1 survived",
        ),
        "discharge_days": (
            "p/b 2024 030105 home_readmitted_here",
            "p/c 2024 030105 home_not_readmitted_here",
        ),
        "discharge_letter_within_1_day": (
            "p/a 2023 75-84 2023Q4 not_within_1_day",
            "p/b 2024 75-84 2024Q1 within_1_day",
            "p/c 2024 75-84 2024Q1 not_within_1_day",
        ),
        "discharge_ready": (
            f"p/a {LAST_YEAR} 2023Q4 over_not_readmitted",
            f"p/b {CELL} 2024Q1 over_readmitted",
        ),
        "discharge_ready_days": (f"p/a {LAST_YEAR} 2023Q4 over 2", f"p/b {CELL} 2024Q1 over 2"),
        "discharge_ready_cost": (
            f"p/a {LAST_YEAR} 2023Q4 over 11016",
            f"p/b {CELL} 2024Q1 over 11490",
        ),
        "hospital_cost": (f"p/b {CELL} acute 52248", f"p/c {CELL} acute 52248"),
        "hospital_isf_income": (f"p/b {CELL} acute 20899", f"p/c {CELL} acute 20899"),
        "pathway_hospital_cost": (
            f"p/2024-02-04/before 2024 {BUCKET} before 104496",
            f"p/2024-02-04/admission 2024 {BUCKET} admission 52248",
        ),
        # The days of both years at the price of 2024; an admission of 2023 has none.
        "pathway_payer_cost": payers("p/2024-02-04", state=62698, trust=94046, municipality=22980),
        "readmission_30d_fhi": (
            "p/b 2024 75-84 female heart_failure readmitted",
            "p/c 2024 75-84 female heart_failure not_readmitted",
        ),
        "readmission_30d_hdir": ("p/b 2024 75-84 female 2024Q1 readmitted",),
        "readmission_30d_same_site": (
            "p/b 2024 75-84 2024Q1 readmitted",
            "p/c 2024 75-84 2024Q1 not_readmitted",
        ),
        "readmission_30d_skde": (
            "p/b 2024 80-84 female 2024Q1 not_readmitted",
            "p/c 2024 80-84 female 2024Q1 not_readmitted",
        ),
        "readmission_30d_skde_diagnosis": (
            "p/b 2024 heart_failure 80-84 female not_readmitted",
            "p/c 2024 heart_failure 80-84 female not_readmitted",
        ),
        "severe_mental_illness_readmission": (
            "p/b 2024 psychosis 75-84 readmitted",
            "p/c 2024 psychosis 75-84 not_readmitted",
        ),
        "readmission_30d_any_hospital": ("p 2024-02-04 sector_diakonhjemmet days_1_30",),
        "gp_followup_after_discharge": (
            "p 2024-01-05 030105 days_1_7",
            "p 2024-02-04 030105 -",
        ),
        "home_care_after_discharge": (
            "p 2024-01-05 030105 days_0_3",
            "p 2024-02-04 030105 -",
        ),
        "short_term_stay_after_discharge": (
            "p 2024-01-05 030105 days_0_1",
            "p 2024-02-04 030105 -",
        ),
        # Before 4 February nursing had 37 days to 6 January, and 27 from the 8th on.
        "service_use_before_acute_admission": (
            f"p 2023-12-20 {OLD} last home_nursing 1-7",
            f"p 2023-12-20 {OLD} days home_nursing 8-30",
            f"p 2024-02-04 {OLD} last gp 8-30",
            f"p 2024-02-04 {OLD} days gp 1-2",
            f"p 2024-02-04 {OLD} last home_nursing 1-7",
            f"p 2024-02-04 {OLD} days home_nursing 31-90",
            f"p 2024-02-04 {OLD} last short_term_stay 8-30",
            f"p 2024-02-04 {OLD} days short_term_stay 3-7",
            f"p 2024-02-04 {OLD} last municipal_acute_stay 31-90",
            f"p 2024-02-04 {OLD} days municipal_acute_stay 3-7",
        ),
        "kad_onward_admission": (f"p 2024-01-02 {OLD} -",),
        "use_across_levels": (
            f"p 2023-01-01 {OLD} care_use user",
            f"p 2024-01-01 {OLD} primary_use user",
            f"p 2024-01-01 {OLD} care_use user",
        ),
        "contacts_across_levels_by_group": (
            "p 2023-01-01 multiple_chronic/75-84 -",
            "p 2024-01-01 multiple_chronic/75-84 gp 1-2",
        ),
        "admissions_before_long_term_stay": ("p 2023-12-15 75-84 -",),
        # Days of 2024 alone have a price: 51 to 20 February, 34 before the 4th, 16 after it.
        "pathway_cost": (
            f"p 2023-12-20 {BUCKET} municipal_cost_after 150000+",
            f"p 2024-02-04 {BUCKET} municipal_cost_before 50000-149999",
            f"p 2024-02-04 {BUCKET} municipal_cost_after 50000-149999",
        ),
        "kad_use": (f"p/k {LAST_YEAR} 2023Q4 stay",),
        "kad_days": (f"p/k {LAST_YEAR} 2023Q4 stay 2", f"p/k {CELL} 2024Q1 stay 1"),
        "kad_occupancy": ("p/k 2024 2024-01 stay 1",),
        "municipal_cost": (
            "p/s 2024 short_term_stay 030105 75-84 service 19250",
            "p/x 2024 long_term_stay 030105 75-84 service 196350",
        ),
        "before_long_term_stay": (
            "2023/long_term_stay 2023 long_term_stay 75-84 began_with_services",
            "2023/home_nursing 2023 home_nursing 75-84 had_before",
        ),
        "function_level": (f"2023 {LAST_YEAR} not_assessed", f"2024 {CELL} not_assessed"),
        "services_of_frail": (
            "2023/home_nursing 2023 home_nursing 030105 not_assessed",
            "2023/long_term_stay 2023 long_term_stay 030105 not_assessed",
            "2023/municipal_acute_stay 2023 municipal_acute_stay 030105 not_assessed",
            "2024/home_nursing 2024 home_nursing 030105 not_assessed",
            "2024/long_term_stay 2024 long_term_stay 030105 not_assessed",
            "2024/municipal_acute_stay 2024 municipal_acute_stay 030105 not_assessed",
            "2024/short_term_assessment 2024 short_term_assessment 030105 not_assessed",
        ),
        "use_by_level_care": (
            "p/home_nursing 2023 home_nursing 030105 75-84 user",
            "p/long_term_stay 2023 long_term_stay 030105 75-84 user",
            "p/municipal_acute_stay 2023 municipal_acute_stay 030105 75-84 user",
            "p/home_nursing 2024 home_nursing 030105 75-84 user",
            "p/long_term_stay 2024 long_term_stay 030105 75-84 user",
            "p/municipal_acute_stay 2024 municipal_acute_stay 030105 75-84 user",
            "p/short_term_stay 2024 short_term_stay 030105 75-84 user",
        ),
    },
    elsewhere=(ill("z", "2024-02-09 12:00", "2024-02-10 12:00"),),
)

# Stay a comes with the delivery of 2023 and stay b with that of 2024, and nothing is otherwise.
DELIVERIES = replace(NEW_YEAR, odd="crosses_delivery", boundary=date(2024, 1, 1))

# Home on 30 January, back on 29 February, home the same day, dead on 30 March: 30 days and 30 days.
DIES = {"death_date": date(2024, 3, 30)}
LEAP = Scene(
    "leap_day",
    {
        "npr_stay": [
            ill("a", "2024-01-20 08:00", "2024-01-30 12:00", "2024-01-28", **DIES),
            ill("c", "2024-02-29 12:00", "2024-02-29 14:00", "2024-02-29", **DIES),
        ],
        "npr_referral": [
            {
                "referral_id": "f", "person_id": "p", "specialty": "310", "outcome": 1,
                "received_on": date(2024, 2, 29), "wait_ended_on": date(2024, 3, 30),
                "birth_year": 2010, "municipality_no": "0301", "bydel": "030105",
            }
        ],
        "discharge_letter": [letter("c", "2024-03-01")],
        "kuhr_claim": [claim("g", "2024-02-29", refund=200.0), claim("h", "2024-03-30")],
        "kuhr_diagnosis": [
            {"claim_id": of, "diagnosis": code, "code_system": 1, "code_number": 1, "is_main": True}
            for of, code in (("g", "T90"), ("h", "R95"))
        ],
        "kuhr_tariff": [tariff("g", "2ad"), tariff("h", "2ad")],
        "kpr_care": [
            care("o", HOME_NURSING, "2023-02-01", "2023-03-02"),
            care("t", ALARM, "2023-02-01", "2023-03-01"),
            care("k", KAD, "2024-02-26", "2024-02-28"),
            care("l", KAD, "2024-02-29", "2024-03-02"),
            care("n", HOME_NURSING, "2024-03-01", None, **DIES),
            care("s", SHORT_TERM, "2024-03-01", "2024-03-05"),
            care("x", LONG_TERM, "2024-03-01", "2024-03-01"),
        ],
        "bed_capacity": BEDS,
    },
    {
        "acsc_admissions": (
            "p/a 2024 heart_failure 030105 75-84 admission",
            "p/c 2024 heart_failure 030105 75-84 admission",
        ),
        "acute_admissions": (f"p/a {CELL} 2024-01 somatic", f"p/c {CELL} 2024-02 somatic"),
        "acute_admissions_10_percent": (
            f"p/a/isf {CELL} isf 2090",
            f"p/a/municipality {CELL} municipality 1149",
            f"p/a/trust {CELL} trust 3135",
            f"p/c/isf {CELL} isf 2090",
            f"p/c/trust {CELL} trust 3135",
        ),
        "death_after_discharge": (
            "p/a 2024 75-84 2024Q1 survived",
            "p/c 2024 75-84 2024Q1 died",
        ),
        "discharge_days": (
            "p/a 2024 030105 home_readmitted_here",
            "p/c 2024 030105 home_not_readmitted_here",
        ),
        "discharge_letter_within_1_day": (
            "p/a 2024 75-84 2024Q1 not_within_1_day",
            "p/c 2024 75-84 2024Q1 within_1_day",
        ),
        "discharge_ready": (
            f"p/a {CELL} 2024Q1 over_readmitted",
            f"p/c {CELL} 2024Q1 same_day_not_readmitted",
        ),
        "discharge_ready_days": (f"p/a {CELL} 2024Q1 over 2",),
        "discharge_ready_cost": (f"p/a {CELL} 2024Q1 over 11490",),
        "frail_specialist_care": (f"2024/acute_stay {CELL} acute_stay two",),
        "frailty_risk": ("2024 2024 030105 75-84 intermediate",),
        "hospital_cost": (f"p/a {CELL} acute 52248", f"p/c {CELL} acute 52248"),
        "hospital_isf_income": (f"p/a {CELL} acute 20899", f"p/c {CELL} acute 20899"),
        "pathway_hospital_cost": (
            f"p/2024-01-20/admission 2024 {BUCKET} admission 52248",
            f"p/2024-01-20/after 2024 {BUCKET} after 52248",
            f"p/2024-02-29/before 2024 {BUCKET} before 52248",
            f"p/2024-02-29/admission 2024 {BUCKET} admission 52248",
        ),
        "pathway_payer_cost": (
            *payers("p/2024-01-20", state=41798, trust=62698, municipality=11490),
            *payers("p/2024-02-29", state=41798, trust=62698, municipality=11490),
        ),
        "readmission_30d_fhi": (
            "p/a 2024 75-84 female heart_failure readmitted",
            "p/c 2024 75-84 female heart_failure not_readmitted",
        ),
        "readmission_30d_hdir": (
            "p/a 2024 75-84 female 2024Q1 readmitted",
            "p/c 2024 75-84 female 2024Q1 not_readmitted",
        ),
        "readmission_30d_same_site": (
            "p/a 2024 75-84 2024Q1 readmitted",
            "p/c 2024 75-84 2024Q1 not_readmitted",
        ),
        # Day 30 is no readmission; who dies on day 30 without one is left out.
        "readmission_30d_skde": ("p/a 2024 80-84 female 2024Q1 not_readmitted",),
        "readmission_30d_skde_diagnosis": (
            "p/a 2024 heart_failure 80-84 female not_readmitted",
        ),
        "severe_mental_illness_readmission": (
            "p/a 2024 psychosis 75-84 readmitted",
            "p/c 2024 psychosis 75-84 not_readmitted",
        ),
        "remote_contacts_hospital": (f"p/a {CELL} 2024Q1 video", f"p/c {CELL} 2024Q1 video"),
        "readmission_30d_any_hospital": ("p 2024-02-29 sector_diakonhjemmet days_1_30",),
        "gp_followup_after_discharge": (
            "p 2024-01-30 030105 days_15_30",
            "p 2024-02-29 030105 days_15_30",
        ),
        "home_care_after_discharge": (
            "p 2024-01-30 030105 -",
            "p 2024-02-29 030105 days_0_3",
        ),
        "short_term_stay_after_discharge": (
            "p 2024-01-30 030105 -",
            "p 2024-02-29 030105 days_0_1",
        ),
        "service_use_before_acute_admission": (
            f"p 2024-01-20 {OLD} -",
            f"p 2024-02-29 {OLD} last municipal_acute_stay 1-7",
            f"p 2024-02-29 {OLD} days municipal_acute_stay 3-7",
        ),
        "kad_onward_admission": (f"p 2024-02-28 {OLD} days_1_3", f"p 2024-03-02 {OLD} -"),
        "use_across_levels": (
            f"p 2024-01-01 {OLD} primary_use user",
            f"p 2024-01-01 {OLD} care_use user",
        ),
        "admissions_before_long_term_stay": ("p 2024-03-01 75-84 days_0_30",),
        # Five days of March are in both windows of 90 days.
        "pathway_cost": (
            f"p 2024-01-20 {BUCKET} municipal_cost_after 1-49999",
            f"p 2024-02-29 {BUCKET} municipal_cost_after 1-49999",
        ),
        "contacts_across_levels_by_group": ("p 2024-01-01 multiple_chronic/75-84 gp 1-2",),
        # Diabetes on 29 February, COPD on 30 March.
        "multiple_chronic_conditions_primary": ("2024 2024 75-84 030105 two",),
        "multiple_chronic_contacts": (
            "2024/gp 2024 gp 75-84 one_to_two",
            "2024/legevakt 2024 legevakt 75-84 none",
        ),
        "primary_care_cost": ("2024/gp/state 2024 gp 75-84 state 200",),
        "bup_referrals": ("p/f 2024 030105 0-17 2024Q1 accepted",),
        "bup_waiting": ("p/f 2024 030105 0-17 days_0_30",),
        "remote_contacts_gp": (f"g {CELL} 2024Q1 in_person", f"h {CELL} 2024Q1 in_person"),
        "use_by_level_primary": ("p/gp 2024 gp 030105 75-84 user",),
        "kad_use": (f"p/k {CELL} 2024Q1 stay", f"p/l {CELL} 2024Q1 stay"),
        "kad_days": (f"p/k {CELL} 2024Q1 stay 2", f"p/l {CELL} 2024Q1 stay 2"),
        "kad_occupancy": (
            "p/k 2024 2024-02 stay 2",
            "p/l 2024 2024-02 stay 1",
            "p/l 2024 2024-03 stay 1",
        ),
        "municipal_cost": (
            "p/s 2024 short_term_stay 030105 75-84 service 19250",
            "p/x 2024 long_term_stay 030105 75-84 service 3850",
        ),
        # 365 days before 1 March 2024 is 2 March 2023, when nursing ended; the alarm had by then.
        "before_long_term_stay": (
            "2024/long_term_stay 2024 long_term_stay 75-84 began_with_services",
            "2024/home_nursing 2024 home_nursing 75-84 had_before",
            "2024/municipal_acute_stay 2024 municipal_acute_stay 75-84 had_before",
        ),
        "function_level": (f"2023 {LAST_YEAR} not_assessed", f"2024 {CELL} not_assessed"),
        "services_of_frail": (
            "2023/home_nursing 2023 home_nursing 030105 not_assessed",
            "2023/safety_alarm 2023 safety_alarm 030105 not_assessed",
            "2024/home_nursing 2024 home_nursing 030105 not_assessed",
            "2024/long_term_stay 2024 long_term_stay 030105 not_assessed",
            "2024/municipal_acute_stay 2024 municipal_acute_stay 030105 not_assessed",
            "2024/short_term_assessment 2024 short_term_assessment 030105 not_assessed",
        ),
        "use_by_level_care": (
            "p/home_nursing 2023 home_nursing 030105 75-84 user",
            "p/home_nursing 2024 home_nursing 030105 75-84 user",
            "p/long_term_stay 2024 long_term_stay 030105 75-84 user",
            "p/municipal_acute_stay 2024 municipal_acute_stay 030105 75-84 user",
            "p/short_term_stay 2024 short_term_stay 030105 75-84 user",
        ),
    },
    elsewhere=(ill("z", "2024-03-30 12:00", "2024-03-30 13:00"),),
)  # fmt: skip

SCENES = (NEW_YEAR, DELIVERIES, LEAP)
