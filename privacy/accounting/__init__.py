"""What releases cost a person: added up in approximate zCDP, shown as (epsilon, delta)."""

from privacy.accounting.composition import Loss, Reported, Way, composed, repeated, reported
from privacy.accounting.conversion import (
    conversion_delta,
    conversion_part,
    mechanism_delta,
    rho_of,
    scale_for,
    scale_for_rho,
)
from privacy.accounting.federation import Combination, federation_l2_squared, federation_rho
from privacy.accounting.years import charged_years

__all__ = [
    "Combination",
    "Loss",
    "Reported",
    "Way",
    "charged_years",
    "composed",
    "conversion_delta",
    "conversion_part",
    "federation_l2_squared",
    "federation_rho",
    "mechanism_delta",
    "repeated",
    "reported",
    "rho_of",
    "scale_for",
    "scale_for_rho",
]
