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
    "contacts_across_levels_by_group": _ORDER,
    "multiple_chronic_conditions": _ORDER,
    "severe_mental_illness": _ORDER,
    "use_by_level_hospital": _ORDER,
}
_CLAIMED = {"contacts_across_levels_by_group"}
"""Of these one side counts days with claims."""
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
        "pathway_payer_cost",
        "readmission_30d_hdir",
    }
)

BUILT_ON = {
    "acute_stay_cost": "hospital_cost",
    "death_after_discharge_adjusted": "death_after_discharge",
    "readmission_30d_fhi_adjusted": "readmission_30d_fhi",
    "readmission_30d_skde_adjusted": "readmission_30d_skde",
    "target_group_acsc": "acsc_admissions",
    "target_group_readmission": "readmission_30d_same_site",
}
"""Indicator -> the one whose stays it parts otherwise, and where its cases are but for `OWN`."""

_LOOKS_BACK = frozenset(BUILT_ON) - {"acute_stay_cost"}
_GROUPS = frozenset({"target_group_acsc", "target_group_readmission"})

OWN: dict[str, frozenset[str]] = {
    # Who counts as what at the end of an episode is the other's; a group may be known from a part.
    "overlapping_stays": _GROUPS,
    "nested_stay": _GROUPS,
    "same_minute_transfer": _GROUPS,
    # A year before must be delivered, or says who somebody was; sectors change at New Year.
    "crosses_year": _LOOKS_BACK,
    "crosses_delivery": _LOOKS_BACK,
    "leap_day": _LOOKS_BACK,
    # death_before_discharge: the other leaves the stay out, or counts the admission, before that.
    # dst_hour: hours make the other's episodes; what is looked back at is days.
}
"""Odd thing -> indicators built on another that it touches where it does not touch the other."""

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
    "leap_day": {name: why for name, why in _PERSONS.items() if name not in _CLAIMED},
}
"""Odd thing -> indicator that needs its table and is not touched all the same -> why not."""


def touched(odd: str, needs: Mapping[str, set[str]]) -> set[str]:
    """Indicators that an odd thing can touch. needs: indicator -> landing tables."""
    found = {name for name, of_name in needs.items() if of_name & ODD[odd]}
    if odd == "ready_before_admission":
        found &= _READS_READY
    elsewhere = set(BUILT_ON) - OWN.get(odd, frozenset())
    return found - set(UNTOUCHED.get(odd, {})) - elsewhere
