"""What the report calls things: bokmål first, English second."""

from typing import Final

from synthetic.calibration.areas import NAMES
from synthetic.calibration.compare import Result
from synthetic.calibration.targets import FRAIL_SERVICES

GROUPS: Final = {
    "admissions": ("Sykehusopphold, 75 år og eldre", "Hospital stays, 75 and over"),
    "readmission": ("Reinnleggelse innen 30 dager", "Readmission within 30 days"),
    "primary_care": ("Fastlege og legevakt, 75 år og eldre", "GP and legevakt, 75 and over"),
    "discharge_ready": ("Utskrivningsklare", "Discharge-ready"),
    "municipal": ("Kommunale tjenester", "Municipal services"),
    "frail_services": ("Skrøpelige eldres tjenester", "Services of the frail elderly"),
    "bup_patients": ("BUP-pasienter etter diagnosegruppe", "BUP patients by diagnosis group"),
    "growth": ("Årlig vekst", "Yearly growth"),
    "patterns": ("Bydelsmønster", "Pattern over the bydeler"),
    "population": ("Folketall etter bydel og alder", "Population by bydel and age"),
    "bup_referrals": ("Henvisninger til BUP", "Referrals to BUP"),
    "bup_rejected": ("Avviste henvisninger til BUP", "Rejected referrals to BUP"),
    "adhd_0_17": ("ADHD i BUP, 0–17 år", "ADHD in BUP, 0–17"),
    "adhd_18_25": ("ADHD i VOP, 18–25 år", "ADHD in VOP, 18–25"),
}
"""Every group in the order of the report."""

UNITS: Final = {
    "per 1000": ("per 1000", "per 1000"),
    "%": ("prosent", "per cent"),
    "days": ("døgn", "days"),
    "factor a year": ("ganger i året", "times a year"),
    "slope": ("helning", "slope"),
}

STANDINGS: Final = {
    "S": ("kilde", "source"),
    "B": ("antakelse", "assumption"),
    "U": ("ikke funnet", "not found"),
}

_MEASURES: Final = {
    "admissions_75": "Innleggelser",
    "acute_admissions_75": "Akutte innleggelser",
    "stay_days_75": "Liggetid",
    "drg_cost_in_band": "DRG-kostnad 40–210 000 kr",
    "readmission_75": "Reinnlagt",
    "readmission_copd": "KOLS",
    "readmission_elsewhere_75": "Ved et annet sykehus",
    "gp_75": "Fastlege",
    "legevakt_75": "Legevakt",
    "discharge_ready": "Utskrivningsklare",
    "discharge_ready_readmission": "Reinnlagt etter utskrivningsklar",
    "frail_75": "Skrøpelige",
    "users": "Tjenestemottakere",
    "kad_67": "KAD: 67 år og eldre",
    "bup_growth": "BUP",
    "adhd_growth": "ADHD i VOP",
}
_KEYS: Final = {
    "all": "",
    "heart_failure": "hjertesvikt",
    "copd": "KOLS",
    "pneumonia": "lungebetennelse",
    "stroke": "hjerneslag",
    "hip_fracture": "hoftebrudd",
    "stays": "opphold",
    "stays_over": "med overliggerdøgn",
    "days_over": "overliggerdøgn",
    "over": "med overliggerdøgn",
    "poor": "dårlig eller svært dårlig",
    "long_term": "i langtidsopphold",
    "bup_referrals": "Henvisninger til BUP",
    "bup_rejected": "Avviste henvisninger",
    "adhd_0_17": "ADHD 0–17",
    "adhd_18_25": "ADHD 18–25",
}


def label(result: Result) -> str:
    """A short name in bokmål, unique within the result's group."""
    measure, _, key = result.name.partition("/")
    if result.group == "frail_services":
        return FRAIL_SERVICES[key][0]
    if result.group == "population" and "/" in key:
        bydel, ages = key.split("/")
        return f"{NAMES[bydel]} {ages}"
    what = _KEYS.get(key, NAMES.get(key, key))
    if measure not in _MEASURES:
        return what or "Alle"
    return f"{_MEASURES[measure]}, {what}" if what else _MEASURES[measure]


def number(value: float | None, unit: str = "") -> str:
    """A figure as the report prints it: comma, and as many digits as it bears."""
    if value is None:
        return "–"
    digits = 3 if unit in {"factor a year", "slope"} else 0 if abs(value) >= 1000 else 2
    digits = 1 if 100 <= abs(value) < 1000 else digits
    return f"{value:,.{digits}f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def per_cent(value: float | None, *, signed: bool = False) -> str:
    """A share as a percentage with one decimal."""
    if value is None:
        return "–"
    text = f"{100 * value:+.1f}" if signed else f"{100 * value:.1f}"
    return text.replace(".", ",").replace("-", "\N{MINUS SIGN}") + "\N{NO-BREAK SPACE}%"
