"""Which token models two organisations match for a linked indicator."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Matching:
    """index: token model of the days asked about. found: token model -> what its lines begin with,
    and the columns that follow."""

    index: str
    found: dict[str, tuple[str, tuple[str, ...]]]


MATCHING = {
    "readmission_30d_any_hospital": Matching(
        "tok_discharge_day", {"tok_acute_admission_back_30d": ("", ("class",))}
    ),
    "gp_followup_after_discharge": Matching(
        "tok_discharge_home_day", {"tok_gp_contact_class": ("", ("class",))}
    ),
    "home_care_after_discharge": Matching(
        "tok_discharge_home_day", {"tok_home_care_class": ("", ("class",))}
    ),
    "short_term_stay_after_discharge": Matching(
        "tok_discharge_alive_day", {"tok_short_term_stay_class": ("", ("class",))}
    ),
    "service_use_before_acute_admission": Matching(
        "tok_acute_admission_day",
        {
            "tok_service_lag_class": ("last", ("service", "class")),
            "tok_service_day_band": ("days", ("service", "class")),
            "tok_service_hour_band": ("hours", ("service", "class")),
        },
    ),
    "kad_onward_admission": Matching(
        "tok_kad_discharge_day", {"tok_admission_within_3_days": ("", ("class",))}
    ),
    "pathway_cost": Matching(
        "tok_acute_admission_day", {"tok_municipal_cost_band": ("", ("service", "class"))}
    ),
    "use_across_levels": Matching(
        "tok_hospital_user_year", {"tok_municipal_user_year": ("", ("service", "class"))}
    ),
    "admissions_before_long_term_stay": Matching(
        "tok_long_term_stay_start",
        {"tok_hospital_stay_before": ("", ("class",))},
    ),
    "contacts_across_levels_by_group": Matching(
        "tok_hospital_group_year",
        {
            "tok_gp_contact_year": ("", ("service", "class")),
            "tok_legevakt_contact_year": ("", ("service", "class")),
        },
    ),
}
