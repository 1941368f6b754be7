"""Every coefficient of the model, each with its unit, meaning and where it comes from.

`Parameters` is the causal truth of a synthetic population: `truth.json` carries it, no site reads
it. A field's metadata holds `meaning`, `unit`, `source` and, for a causal effect, the `neutral`
value that switches it off. "Fitted to X" means: chosen so that the simulated population shows X;
"assumption" means: of plausible size, no source.
"""

# ruff: noqa: RUF009 - `_is` makes a dataclass field, as `field` does

from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from synthetic.codes import KPR_DIGITAL_SUPERVISION, KPR_MEDICATION_DISPENSER
from synthetic.model.adult_psychiatry import AdultPsychiatryParameters
from synthetic.model.adult_psychiatry import without_effects as adults_without_effects
from synthetic.model.causes import CAUSES, Cause
from synthetic.model.psychiatry import PsychiatryParameters
from synthetic.model.psychiatry import without_effects as psychiatry_without_effects

SCENARIOS: Final = ("baseline", "earlier_followup")

Curve = tuple[tuple[float, ...], tuple[float, ...]]
"""Ages and the values at them; linear between (rates: linear in the logarithm)."""

_ASSUMPTION: Final = "assumption"
_NOTHING: Final = object()


def _is(value: Any, meaning: str, unit: str, source: str = _ASSUMPTION, off: Any = _NOTHING) -> Any:
    """A field. off: the value that takes the causal effect away; without it an intercept."""
    metadata = {"meaning": meaning, "unit": unit, "source": source}
    if off is not _NOTHING:
        metadata["neutral"] = off
    return field(default=value, metadata=metadata)


@dataclass(frozen=True)
class Liability:
    """A chronic condition: present when `intercept + slope·(age - 75)/10 + … + noise > 0`.

    Log odds; the noise is standard logistic, once a person and condition, so that a condition
    that has come stays.
    """

    intercept: float
    slope: float
    female: float = 0.0
    deprivation: float = 0.0
    frailty_weight: float = 0.0  # what the condition adds to frailty


_LIABILITIES: Final = (
    # In the order of codes.CONDITIONS.
    Liability(-2.75, 0.85, -0.2, 0.10, 0.35),  # heart failure
    Liability(-2.25, 0.35, -0.2, 0.35, 0.30),  # COPD
    Liability(-1.75, 0.30, -0.4, 0.25, 0.15),  # diabetes
    Liability(-2.75, 1.05, 0.15, 0.05, 0.90),  # dementia
    Liability(-2.60, 0.60, -0.2, 0.10, 0.55),  # stroke, beside those admitted in the simulation
    Liability(-1.90, 0.40, -0.1, 0.00, 0.25),  # cancer
    Liability(-2.30, 0.80, 0.0, 0.10, 0.25),  # kidney disease
    Liability(-2.10, 0.75, -0.3, 0.00, 0.15),  # atrial fibrillation
    Liability(-2.10, 0.05, 0.4, 0.15, 0.30),  # depression
    Liability(-2.00, 0.60, 1.3, 0.00, 0.20),  # osteoporosis
    Liability(-1.70, 0.60, -0.6, 0.10, 0.15),  # ischaemic heart disease
    Liability(-1.30, 0.40, 0.4, 0.05, 0.10),  # arthritis
    Liability(-0.20, 0.55, 0.0, 0.10, 0.00),  # hypertension
)


@dataclass(frozen=True)
class Service:
    """A municipal service for the old: it begins when a person's need passes `threshold`.

    Need is frailty (from a floor of 0 at age 65) plus the effects and a fixed noise a person.
    Code: KPR tjenestekode. hours: a week, mean; 0 if the register has none. days: 0 for a lasting
    service, else the mean length of one grant; per_year: grants a year while the need lasts.
    dementia, alone, long_stay: added to the need; spread: of the service's own noise.
    """

    code: int
    threshold: float
    dementia: float = 0.0
    alone: float = 0.0
    spread: float = 0.5
    hours: float = 0.0
    days: int = 0
    per_year: float = 0.0


_SERVICES: Final = (
    Service(15, 2.08, dementia=0.4, alone=0.35, spread=0.3, hours=5.0),
    Service(1, 2.62, dementia=0.1, alone=0.6, spread=0.4, hours=1.5),
    Service(4, 3.42, dementia=0.8, alone=0.3, spread=0.75),
    Service(5, 4.12, alone=0.5, spread=0.75),
    Service(6, 5.9, alone=0.6, spread=1.0),
    Service(29, 3.51, dementia=0.2, alone=0.4, spread=0.75),
    Service(2, 4.43, spread=0.9, hours=1.0),
    Service(9, 4.48, spread=0.9, hours=2.0),
    Service(11, 4.54, dementia=0.6, alone=-0.8, spread=0.9, hours=8.0),
    Service(3, 5.3, spread=0.9, hours=20.0),
    Service(7, 5.4, dementia=0.6, alone=-1.0, spread=0.9, days=3, per_year=4.0),
    Service(8, 4.24, dementia=0.6, alone=-1.0, spread=0.9, days=14, per_year=2.0),
    Service(18, 2.6, dementia=0.3, spread=0.8, days=21, per_year=0.44),
    Service(19, 2.6, spread=0.8, days=24, per_year=0.29),
    Service(20, 2.6, dementia=0.3, spread=0.8, days=18, per_year=0.165),
    Service(17, 6.4, spread=1.0),
    Service(KPR_MEDICATION_DISPENSER, 6.6, spread=1.0),
    Service(KPR_DIGITAL_SUPERVISION, 6.6, spread=1.0),
)


@dataclass(frozen=True)
class Parameters:
    """The coefficients. Rates: a person-year. Effects: log hazard or log odds ratios.

    Tuples over bydel have 15 entries; `Curve`s run over age.
    """

    # --- health -------------------------------------------------------------------------------
    deprivation: tuple[float, ...] = _is(
        (0.6, 0.5, 0.3, 0.0, -0.4, -1.2, -1.4, -1.0, 0.4, 1.0, 1.1, 0.9, -0.2, -1.1, 1.0),
        "deprivation of a bydel, 0 the city's mean",
        "index",
        "assumption: the usual order of living conditions, no published index",
        off=(0.0,) * 15,
    )
    distance: tuple[float, ...] = _is(
        (4.0, 3.0, 3.5, 2.0, 3.0, 5.0, 5.5, 4.0, 6.0, 8.0, 9.0, 8.0, 7.0, 9.0, 13.0),
        "distance to the home hospital",
        "km",
        "assumption: rough distances on the map",
    )
    liabilities: tuple[Liability, ...] = _is(
        _LIABILITIES, "chronic conditions, in the order of codes.CONDITIONS", "log odds"
    )
    liability_sharing: float = _is(
        0.5, "what a unit of a person's own frailty adds to every liability", "log odds", off=0.0
    )
    frailty_spread: float = _is(0.8, "standard deviation of a person's own frailty", "frailty")
    frailty_age: float = _is(0.75, "frailty a decade past 60", "frailty", off=0.0)
    frailty_female: float = _is(0.10, "frailty of women", "frailty", off=0.0)
    frailty_alone: float = _is(0.20, "frailty of those living alone past 60", "frailty", off=0.0)
    frailty_deprivation: float = _is(0.15, "frailty a unit of deprivation", "frailty", off=0.0)
    condition_frailty: float = _is(
        1.0, "scale of what the conditions add to frailty", "factor", off=0.0
    )

    survivor_spread: Curve = _is(
        ((0, 65, 72, 80, 87, 93, 100), (1.0, 1.0, 0.975, 0.95, 0.92, 0.88, 0.83)),
        "standard deviation of own frailty among those who have lived to an age",
        "standard deviations",
        "fitted to a spread of frailty by age that stays the same over five years",
        off=((0,), (1.0,)),
    )
    survivor_ageing: Curve = _is(
        ((0, 60, 70, 80, 90, 100), (0.0, 0.0, 0.07, 0.3, 0.7, 1.2)),
        "years of biological age that a survivor gains beside each year that passes",
        "years a year",
        "fitted to frailty by age that stays the same over five years",
        off=((0,), (0.0,)),
    )

    # --- admission ----------------------------------------------------------------------------
    causes: tuple[Cause, ...] = _is(
        CAUSES, "causes of admission: intercepts and effects", "see causes.Cause"
    )
    acute_scale: float = _is(
        1.02,
        "factor on all acute intercepts",
        "factor",
        "fitted to 370 acute admissions per 1000 75+",
    )
    planned_scale: float = _is(
        1.03, "factor on all planned intercepts", "factor", "fitted to 497 admissions per 1000 75+"
    )
    practice_admission: tuple[float, ...] = _is(
        (0.029, 0.07, -0.096, -0.113),
        "admission practice of the four sectors (OUS, Diakonhjemmet, Lovisenberg, Ahus)",
        "log hazard",
        "fitted to Eldreatlas 2013-15: OUS 510, Indre Oslo 522, Akershus 486",
        off=(0.0,) * 4,
    )
    practice_surge: tuple[float, ...] = _is(
        (-0.11, 0.095, 0.02, -0.185),
        "what the sector adds to the surge after discharge",
        "log hazard",
        "fitted to Eldreatlas readmission: OUS 18.05, Indre Oslo 20.39, Akershus 18.70",
        off=(0.0,) * 4,
    )
    distance_admission: float = _is(
        -0.006, "effect of distance on acute admission", "log hazard a km", off=0.0
    )
    prior_use: float = _is(
        0.22,
        "effect of each admission (at most 3) in the year before the last discharge, for a year",
        "log hazard",
        off=0.0,
    )
    long_stay_admission: float = _is(
        -0.9, "effect of living in a nursing home on acute admission", "log hazard", off=0.0
    )

    # --- after discharge ----------------------------------------------------------------------
    surge_is_on: float = _is(
        1.0, "scale of the surge (Cause.surge and all below)", "factor", off=0.0
    )
    surge_frailty: float = _is(0.08, "surge a unit of frailty", "log hazard", off=0.0)
    surge_ready: float = _is(
        1.21,
        "surge of those reported utskrivningsklar: they leave in need of help",
        "log hazard",
        off=0.0,
    )
    surge_overstay: float = _is(
        -0.22, "surge of those who then waited in hospital", "log hazard", off=0.0
    )
    surge_fade: tuple[float, float, float] = _is(
        (1.0, 0.75, 0.35),
        "share of the surge left in days 0-7, 8-30 and 31-90 after discharge",
        "factor",
    )
    relapse: float = _is(
        3.0,
        "factor on the hazard of the cause just treated, beside the surge, for 90 days",
        "hazard ratio",
        off=1.0,
    )
    followup_hazard_ratio: float = _is(
        0.72,
        "effect of a GP follow-up within 7 days on all acute hazards, from the visit to day 30",
        "hazard ratio",
        "assumption: the known truth that `earlier_followup` acts through",
        off=1.0,
    )
    short_stay_hazard: float = _is(
        -0.35, "effect of a short-term stay while it lasts", "log hazard", off=0.0
    )
    home_nursing_hazard: float = _is(
        -0.10, "effect of home nursing in the 30 days after discharge", "log hazard", off=0.0
    )
    followup_7: float = _is(
        -1.05,
        "GP follow-up within 7 days of discharge",
        "log odds",
        "assumption: about one in four",
    )
    followup_14: float = _is(-0.85, "the same in days 8-14, for the rest", "log odds")
    followup_30: float = _is(-0.25, "the same in days 15-30, for the rest", "log odds")
    followup_7_boost: float = _is(
        0.0, "what a scenario adds to follow-up within 7 days", "log odds", off=0.0
    )
    followup_frailty: float = _is(0.10, "effect of frailty on follow-up", "log odds", off=0.0)
    followup_alone: float = _is(-0.25, "effect of living alone", "log odds", off=0.0)
    followup_home_nursing: float = _is(0.20, "effect of home nursing", "log odds", off=0.0)
    followup_bydel: tuple[float, ...] = _is(
        (-0.2, -0.2, -0.1, -0.1, 0.0, 0.3, 0.3, 0.2, 0.0, -0.2, -0.3, -0.1, 0.2, 0.2, -0.2),
        "access to a GP by bydel",
        "log odds",
        off=(0.0,) * 15,
    )

    # --- the stay -----------------------------------------------------------------------------
    days_scale: float = _is(1.0, "factor on the length of stay", "factor", "fitted to 4.7 days 75+")
    days_spread: float = _is(0.75, "spread of the length of stay", "log standard deviation")
    days_frailty: float = _is(0.05, "effect of frailty on the length of stay", "log", off=0.0)
    days_young: float = _is(0.75, "length of stay under 60 beside the old", "factor")
    ready: float = _is(
        -0.85,
        "being reported utskrivningsklar, acute, age 75, frailty 0",
        "log odds",
        "fitted to 154 000 stays in 2022, 28.5 per 1000 inhabitants (Hdir)",
    )
    ready_age: float = _is(0.45, "effect of a decade of age on it", "log odds")
    ready_frailty: float = _is(0.55, "effect of frailty on it", "log odds", off=0.0)
    ready_alone: float = _is(0.35, "effect of living alone on it", "log odds", off=0.0)
    ready_planned: float = _is(-1.6, "planned stays", "log odds")
    overstay: float = _is(
        -2.04,
        "waiting for the municipality when reported ready",
        "log odds",
        "fitted to 21 400 of 154 000 stays (Hdir 2022)",
    )
    overstay_frailty: float = _is(0.25, "effect of frailty on it", "log odds", off=0.0)
    overstay_bydel: tuple[float, ...] = _is(
        (0.1, 0.0, 0.0, -0.1, 0.0, -0.2, -0.3, -0.1, 0.2, 0.3, 0.3, 0.2, 0.0, -0.2, 0.3),
        "scarcity of municipal places by bydel",
        "log odds",
        off=(0.0,) * 15,
    )
    overstay_days: float = _is(
        3.35,
        "mean wait of those who wait",
        "days",
        "fitted to 71 800 days over 21 400 stays (Hdir)",
    )
    elsewhere: float = _is(
        -3.5,
        "acute admission to another than the home hospital",
        "log odds",
        "assumption: 15-20 % of readmissions elsewhere",
    )
    elsewhere_distance: float = _is(0.06, "effect of distance on it", "log odds a km", off=0.0)

    # --- death --------------------------------------------------------------------------------
    death: Curve = _is(
        (
            (0, 1, 15, 30, 45, 60, 70, 80, 90, 100),
            (1.2, 0.06, 0.15, 0.35, 0.9, 2.4, 3.6, 3.5, 7.6, 26.0),
        ),
        "death outside hospital, frailty 0, no condition",
        "per 1000 person-years",
        "fitted to about 55 per 1000 75+ a year, hospital deaths included",
    )
    death_frailty: float = _is(0.45, "effect of frailty on death", "log hazard", off=0.0)
    death_cancer: float = _is(0.9, "effect of cancer", "log hazard", off=0.0)
    death_heart_failure: float = _is(0.35, "effect of heart failure", "log hazard", off=0.0)
    death_copd: float = _is(0.35, "effect of COPD", "log hazard", off=0.0)
    death_dementia: float = _is(0.4, "effect of dementia", "log hazard", off=0.0)
    death_long_stay: float = _is(0.9, "effect of living in a nursing home", "log hazard", off=0.0)
    death_after_discharge: tuple[float, float] = _is(
        (0.9, 0.4), "effect of a discharge 0-30 and 31-90 days ago", "log hazard", off=(0.0, 0.0)
    )
    hospital_death_age: float = _is(0.45, "dying in a stay: a decade past 75", "log odds")
    hospital_death_frailty: float = _is(0.25, "dying in a stay: frailty", "log odds", off=0.0)

    # --- municipality -------------------------------------------------------------------------
    services: tuple[Service, ...] = _is(
        _SERVICES, "services of the old", "see Service", "fitted to the Oslo table of 2021"
    )
    need_spread: float = _is(0.35, "spread of need shared by all services", "frailty")
    need_effects: float = _is(
        1.0, "scale of frailty, dementia and household in need", "factor", off=0.0
    )
    long_stay_threshold: float = _is(
        4.03,
        "need at which a nursing home takes a person in",
        "frailty",
        "fitted: 100 per 1000 75+",
    )
    long_stay_dementia: float = _is(0.9, "effect of dementia on that need", "frailty", off=0.0)
    long_stay_alone: float = _is(0.3, "effect of living alone on that need", "frailty", off=0.0)
    long_stay_discharge: float = _is(
        0.9, "what a stay reported ready adds to the need", "frailty", off=0.0
    )
    long_stay_earlier: float = _is(
        0.22,
        "what stays before the simulated ones have added to the need of those already there",
        "frailty",
        "fitted to a share in nursing homes that stays the same over five years",
        off=0.0,
    )
    short_stay: float = _is(
        -3.8, "short-term stay straight after a hospital stay, age 75+, frailty 0", "log odds"
    )
    short_stay_frailty: float = _is(0.45, "effect of frailty on it", "log odds", off=0.0)
    short_stay_ready: float = _is(1.3, "effect of being reported ready on it", "log odds", off=0.0)
    new_home_nursing: float = _is(
        -2.6, "home nursing for some weeks after discharge, age 67+, frailty 0", "log odds"
    )
    new_home_nursing_frailty: float = _is(0.5, "effect of frailty on it", "log odds", off=0.0)
    kad: Curve = _is(
        ((0, 18, 50, 67, 75, 85, 95), (0.01, 0.46, 1.15, 5.0, 9.0, 15.0, 20.0)),
        "KAD stay, frailty 0",
        "per 1000 person-years",
        "assumption, 72 % aged 67+ (Hdir 2022); the Oslo table counts 3 persons, evidently"
        " because the register lacks them",
    )
    kad_frailty: float = _is(0.35, "effect of frailty on KAD", "log hazard", off=0.0)
    kad_to_hospital: float = _is(0.2, "share of KAD stays sent on to hospital", "share")
    disability: float = _is(
        0.0180,
        "share of those under 75 with lasting services for another reason than age",
        "share",
        "fitted to 31 990 service users in Oslo 2021, 11 555 of them frail and 75+",
    )

    # --- primary and outpatient care ----------------------------------------------------------
    gp: Curve = _is(
        (
            (0, 2, 6, 15, 25, 45, 60, 70, 80, 90),
            (2.6, 2.0, 1.2, 1.4, 2.0, 2.3, 2.7, 3.45, 4.25, 4.35),
        ),
        "GP consultations and home visits, frailty 0, no condition",
        "a person-year",
        "fitted to 5351 per 1000 75+ (Eldreatlas; Oslo's sectors 4793-5456)",
    )
    gp_simple: float = _is(0.85, "simple contacts a consultation", "factor")
    gp_frailty: float = _is(0.05, "effect of frailty on GP contacts", "log rate", off=0.0)
    gp_condition: float = _is(0.10, "effect of each chronic condition", "log rate", off=0.0)
    gp_female: float = _is(0.12, "women", "log rate")
    gp_sector: tuple[float, ...] = _is(
        (0.03, -0.07, -0.07, 0.06),
        "GP consultations by sector (OUS, Diakonhjemmet, Lovisenberg, Ahus)",
        "log rate",
        "fitted to Eldreatlas: OUS 5290, Indre Oslo 4793, Akershus 5456",
        off=(0.0,) * 4,
    )
    legevakt_sector: tuple[float, ...] = _is(
        (0.01, -0.09, -0.11, 0.03),
        "legevakt contacts by sector",
        "log rate",
        "fitted to Eldreatlas: OUS 366, Indre Oslo 335, Akershus 386",
        off=(0.0,) * 4,
    )
    gp_spread: float = _is(0.5, "spread of a person's own habit", "log standard deviation")
    gp_before_acute: float = _is(0.25, "share of acute admissions that a GP sends", "share")
    legevakt: Curve = _is(
        ((0, 2, 6, 15, 25, 45, 60, 75, 90), (0.5, 0.45, 0.22, 0.2, 0.24, 0.19, 0.2, 0.31, 0.48)),
        "legevakt contacts, frailty 0",
        "a person-year",
        "fitted to 446 per 1000 75+ (Eldreatlas; Oslo's sectors 335-386)",
    )
    legevakt_frailty: float = _is(0.2, "effect of frailty on legevakt", "log rate", off=0.0)
    legevakt_before_acute: float = _is(0.35, "share of acute admissions legevakt sends", "share")
    physiotherapy: float = _is(0.02, "persons in a course of physiotherapy at 60", "share")
    outpatient: Curve = _is(
        (
            (0, 2, 6, 15, 25, 45, 60, 70, 80, 90),
            (1.2, 0.7, 0.5, 0.6, 0.8, 1.0, 1.75, 2.8, 3.0, 2.0),
        ),
        "outpatient and day contacts in somatic hospitals, no condition",
        "a person-year",
        "fitted to 3100-3980 outpatient contacts per 1000 75+ (Eldreatlas)",
    )
    outpatient_condition: float = _is(
        0.17, "effect of each chronic condition on them", "log rate", off=0.0
    )
    outpatient_spread: float = _is(0.9, "spread of a person's own use", "log standard deviation")

    psychiatry: PsychiatryParameters = _is(
        PsychiatryParameters(), "BUP and adult ADHD", "see psychiatry.PsychiatryParameters"
    )
    adult_psychiatry: AdultPsychiatryParameters = _is(
        AdultPsychiatryParameters(),
        "severe mental illness and substance use of adults",
        "see adult_psychiatry.AdultPsychiatryParameters",
    )


def parameters_for(scenario: str) -> Parameters:
    """The coefficients of a scenario of SCENARIOS. Raises ValueError.

    earlier_followup differs from baseline in `followup_7_boost` alone.
    """
    if scenario not in SCENARIOS:
        raise ValueError(f"no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    baseline = Parameters()
    return baseline if scenario == "baseline" else replace(baseline, followup_7_boost=1.5)


def without_effects(parameters: Parameters) -> Parameters:
    """The same intercepts, and every causal effect switched off."""
    neutral = {f.name: f.metadata["neutral"] for f in fields(Parameters) if "neutral" in f.metadata}
    return replace(
        parameters,
        causes=tuple(
            replace(
                cause,
                frailty=0.0,
                alone=0.0,
                deprivation=0.0,
                conditions=(),
                surge=0.0,
                surge_age=0.0,
                ready=0.0,
            )
            for cause in parameters.causes
        ),
        psychiatry=psychiatry_without_effects(parameters.psychiatry),
        adult_psychiatry=adults_without_effects(parameters.adult_psychiatry),
        **neutral,
    )
