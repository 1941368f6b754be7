"""What is odd in registers, and which indicators it can touch: a table that has no holes.

An odd thing touches the indicators that need a table in which it occurs, but for those named as
untouched, each with the reason. Where the landing turns such rows away (`QUARANTINED`), that is
what is shown; otherwise the scenes (`odd_scenes`) have a case for each.
"""

from collections.abc import Mapping

ODD: dict[str, frozenset[str]] = {
    "overlapping_stays": frozenset({"npr_stay", "kpr_care"}),
    "nested_stay": frozenset({"npr_stay", "kpr_care"}),
    "same_minute_transfer": frozenset({"npr_stay"}),
    "death_before_discharge": frozenset({"npr_stay", "kpr_care"}),
    "crosses_year": frozenset({"npr_stay", "kpr_care"}),
    "crosses_delivery": frozenset({"npr_stay", "kpr_care"}),
    "missing_end_of_service": frozenset({"kpr_care"}),
    "leap_day": frozenset({"npr_stay", "npr_referral", "kpr_care", "kuhr_claim"}),
    "dst_hour": frozenset({"npr_stay"}),
    "ready_before_admission": frozenset({"npr_stay"}),
}
"""Odd thing -> landing tables in which it occurs."""

QUARANTINED: dict[str, dict[str, tuple[str, dict[str, str]]]] = {
    "reversed_dates": {
        "npr_stay": ("discharge_before_admission", {"utDato": "2024-02-29"}),
        "kpr_care": ("stop_before_start", {"stoppdato": "2024-02-29"}),
        "npr_referral": ("wait_ended_before_received", {"ventetidSluttDato": "2024-02-29"}),
    },
    "missing_discharge": {"npr_stay": ("missing:utDato", {"utDato": ""})},
    "invalid_leap_day": {
        "npr_stay": ("broken_date:innDato", {"innDato": "2023-02-29"}),
        "kpr_care": ("broken_date:startdato", {"startdato": "2023-02-29"}),
        "npr_referral": ("broken_date:mottattDato", {"mottattDato": "2023-02-29"}),
        "kuhr_claim": ("broken_date:dato", {"dato": "2023-02-29"}),
    },
}
"""Odd thing -> landing table -> the reason for quarantine, and the cells that make a row odd."""

_ORDER = "a person counts by having a contact in the year, in whatever order its contacts lie"
_VISITS = {"remote_contacts_hospital": "outpatient contacts count one by one"}
_PERSONS = {
    "adhd_patients": _ORDER,
    "bup_patients": _ORDER,
    "multiple_chronic_conditions": _ORDER,
    "severe_mental_illness": _ORDER,
    "use_by_level_hospital": _ORDER,
}
_ASSESSED = {"function_level": "an assessment decides, and one service or two are the same user"}
_DAYS = "counts days and not hours, of stays taken one by one"
_STAY_BY_STAY = {
    "admissions_before_long_term_stay": _DAYS,
    "discharge_letter_within_1_day": _DAYS,
    "discharge_ready": _DAYS,
    "discharge_ready_cost": _DAYS,
    "discharge_ready_days": _DAYS,
    "frail_specialist_care": _DAYS,
    "frailty_risk": _DAYS,
    "use_across_levels": _DAYS,
}
_READS_READY = frozenset(
    {
        "acute_admissions_10_percent",
        "discharge_ready",
        "discharge_ready_cost",
        "discharge_ready_days",
        "readmission_30d_hdir",
    }
)

BUILT_ON = {
    "contacts_across_levels_by_group": "use_across_levels",
    "death_after_discharge_adjusted": "death_after_discharge",
    "multiple_chronic_conditions_primary": "use_by_level_primary",
    "multiple_chronic_contacts": "use_by_level_primary",
    "pathway_payer_cost": "pathway_hospital_cost",
    "primary_care_cost": "use_by_level_primary",
    "readmission_30d_fhi_adjusted": "readmission_30d_fhi",
    "readmission_30d_skde_adjusted": "readmission_30d_skde",
    "target_group_acsc": "acsc_admissions",
    "target_group_readmission": "readmission_30d_same_site",
}
"""Indicator -> the one whose stays, contacts or claims it parts otherwise, where its cases are."""

UNTOUCHED: dict[str, Mapping[str, str]] = {
    "overlapping_stays": _PERSONS | _ASSESSED | _VISITS,
    "nested_stay": _PERSONS | _ASSESSED | _VISITS,
    "same_minute_transfer": _PERSONS | _VISITS,
    "death_before_discharge": _PERSONS
    | _VISITS
    | {
        "discharge_letter_within_1_day": "a letter is owed for the dead too",
        "frail_specialist_care": _ORDER,
        "frailty_risk": _ORDER,
    },
    "dst_hour": _PERSONS | _STAY_BY_STAY | _VISITS,
    "leap_day": _PERSONS,
}
"""Odd thing -> indicator that needs its table and is not touched all the same -> why not."""


def touched(odd: str, needs: Mapping[str, set[str]]) -> set[str]:
    """Indicators that an odd thing can touch. needs: indicator -> landing tables."""
    found = {name for name, of_name in needs.items() if of_name & ODD[odd]}
    if odd == "ready_before_admission":
        found &= _READS_READY
    return found - set(UNTOUCHED.get(odd, {})) - set(BUILT_ON)
