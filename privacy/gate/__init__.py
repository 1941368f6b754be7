"""The gate: what may leave a site, what it costs, and the one descriptor it leaves by."""

from privacy.gate.gate import (
    Gate,
    GateRefusal,
    NoisyCounts,
    Origin,
    Outgoing,
    Reason,
    budget,
    budget_rho,
    maximum_rho,
)
from privacy.gate.request import Counts, Dummies, Mechanism, Request, ShareOfSum
from privacy.gate.tables import noisy_tables

__all__ = [
    "Counts",
    "Dummies",
    "Gate",
    "GateRefusal",
    "Mechanism",
    "NoisyCounts",
    "Origin",
    "Outgoing",
    "Reason",
    "Request",
    "ShareOfSum",
    "budget",
    "budget_rho",
    "maximum_rho",
    "noisy_tables",
]
